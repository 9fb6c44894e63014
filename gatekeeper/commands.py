"""Commands in comments: text -> Command, and who may give it. No I/O."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = "/gatekeeper"
# characters of a comment that are looked at: as many as GitHub takes
_LONGEST_BODY = 65_536
# characters of an argument; a reason is shown in the check run
_LONGEST_ARGUMENT = 500

# GitHub's permissions on a repository, from the least
_PERMISSIONS = ("none", "read", "triage", "write", "maintain", "admin")

# those of GitHub alone: what looks like one line there must be one here
_ENDING = re.compile(r"\r\n|\r|\n")
_MARKERS = r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t]*"
_FENCE = re.compile(rf"{_MARKERS}(?P<run>`{{3,}}|~{{3,}})(?P<info>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Say which commands there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Review the head again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """Say all that is known of one test."""

    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Let the pull request pass until the next push."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOverride:
    """Let the verdict hold again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFix:
    """Commit the fix that was tried; a button asks for it, no comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something else, or a command that lacks its argument."""

    # what follows `/gatekeeper`
    text: str


Command = Help | Review | Explain | Override | CancelOverride | ApplyFix | Unknown


def parse(body: str) -> Command | None:
    """Return the command of the first line that starts with `/gatekeeper`, or None where there is none.

    Lines in quotes, code and HTML comments do not count, nor does one that is indented: none of them is said by the
    commenter.
    """
    for line in _spoken(body[:_LONGEST_BODY]):
        word, _, rest = line.partition(" ")
        if word == NAME:
            return _command(rest.strip())
    return None


def needs(command: Command) -> str:
    """Return the least permission on the repository that a commenter needs."""
    match command:
        case Help() | Unknown():
            return "read"
        case Review() | Explain():
            return "triage"
        case CancelOverride() | ApplyFix():
            return "write"
        case Override():
            return "maintain"


def allowed(command: Command, permission: str) -> bool:
    """Whether a commenter with `permission` may give the command; a permission that is not known allows nothing."""
    return permission in _PERMISSIONS and _PERMISSIONS.index(permission) >= _PERMISSIONS.index(needs(command))


def _command(text: str) -> Command:
    word, _, rest = text.partition(" ")
    argument = rest.strip()[:_LONGEST_ARGUMENT]
    match word.lower(), argument:
        case ("" | "help", _):
            return Help()
        case ("review", ""):
            return Review()
        case ("explain", test) if test.strip("` "):
            return Explain(test=test.strip("` "))
        case ("override", reason) if reason:
            return Override(reason=reason)
        case ("cancel-override", ""):
            return CancelOverride()
        case _:
            return Unknown(text=text[:_LONGEST_ARGUMENT])


def _spoken(body: str) -> Iterator[str]:
    """Yield the lines of the comment that are neither in a fence nor in an HTML comment, blanks made ordinary."""
    fence, hidden = "", False
    for line in _ENDING.split(body):
        if hidden:
            hidden = "-->" not in line
        elif fence:
            fence = "" if _closes(line, fence) else fence
        elif (found := _FENCE.match(line)) and not (found["run"][0] == "`" and "`" in found["info"]):
            fence = found["run"]
        else:
            hidden = "<!--" in line and "-->" not in line.rpartition("<!--")[2]
            yield line.replace("\t", " ")


def _closes(line: str, fence: str) -> bool:
    text = line.strip()
    return text.startswith(fence) and not text.strip(fence[0])
