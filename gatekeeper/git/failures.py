"""What git says when a fetch fails -> why, and what to do about it."""

import re

from gatekeeper import errors
from gatekeeper.report import visible

# characters of what git says that a message repeats
_SHOWN = 300

# names of branches and files, which could have any words in them
_QUOTED = re.compile(r"'[^'\n]*'")
_MISSING = re.compile(r"couldn't find remote ref|not our ref|unadvertised object|no such remote ref", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r"authentication failed|could not read (username|password)|returned error: (401|403|404)|' not found"
    r"|repository not found",
    re.IGNORECASE,
)
_UNAVAILABLE = re.compile(
    r"returned error: (4|5)\d\d|could not resolve|couldn't connect|failed to connect|connection|timed out|time-?out"
    r"|early eof|rpc failed|hung up|unexpected disconnect|ssl|certificate|gnutls|tls|operation too slow|empty reply"
    r"|transfer closed|expected (flush|'')|unable to access|bad line length|invalid index-pack output|http/2 stream"
    r"|protocol error|proxy",
    re.IGNORECASE,
)
_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)


def failure(said: str) -> errors.FetchFailure:
    """Return what git's messages (of a fetch, in English) mean; what is not known is taken for a fault on this side."""
    said = _QUOTED.sub("''", said)
    if _FULL.search(said):
        return errors.FetchFailure.BROKEN
    if _MISSING.search(said):
        return errors.FetchFailure.MISSING
    if _FORBIDDEN.search(said):
        return errors.FetchFailure.FORBIDDEN
    if _UNAVAILABLE.search(said):
        return errors.FetchFailure.UNAVAILABLE
    return errors.FetchFailure.BROKEN


def error(url: str, said: str, token: str | None) -> errors.FetchError:
    """Return the error of a fetch from `url` that ended with `said` on standard error."""
    why = failure(said.replace(url, ""))
    match why:
        case errors.FetchFailure.MISSING:
            what = "lacks a branch or commit that was asked for: it may not be there yet, or no longer"
        case errors.FetchFailure.FORBIDDEN:
            what = "does not open: check that it exists and that the App is installed on it with `contents: read`"
        case errors.FetchFailure.UNAVAILABLE:
            what = "cannot be reached: try again later, and check the network if it stays so"
        case errors.FetchFailure.BROKEN:
            what = "cannot be kept here: check the disk's free space and the permissions of the cache folder"
        case errors.FetchFailure.TOO_LARGE | errors.FetchFailure.CANCELLED:
            raise AssertionError("git itself never says so")
    return errors.FetchError(f"the repository {url} {what}{_quoted(said, token)}", why)


def _quoted(said: str, token: str | None) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
    text = visible.visible(" / ".join(lines[-3:]).replace(token or "\0", "(token)"))[-_SHOWN:]
    return f" (git: {text})" if text else ""
