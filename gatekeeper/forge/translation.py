"""GitHub's answers and the libraries' exceptions, as errors of Gatekeeper's own."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import github
import requests

from gatekeeper import errors

_P = ParamSpec("_P")
_R = TypeVar("_R")

# characters of GitHub's own words that a message repeats
LONGEST_QUOTE = 300
# seconds to wait at a secondary limit that names no time, doubled each time it happens again
FIRST_WAIT = 60.0
LONGEST_WAIT = 3600.0

# what the libraries raise
FOREIGN = (
    github.GithubException,
    github.BadAttributeException,
    requests.RequestException,
)
# types of GraphQL errors; https://docs.github.com/en/graphql lists none, these are the ones that are met
_GRAPHQL_FORBIDDEN = {"FORBIDDEN", "INSUFFICIENT_SCOPES", "UNAUTHENTICATED"}
_GRAPHQL_BUSY = {"INTERNAL", "SERVICE_UNAVAILABLE", "TIMEOUT", "LOADING"}


def bordered(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let nothing of the libraries out of `function` but ForgeError."""

    @functools.wraps(function)
    def translated(*args: _P.args, **named: _P.kwargs) -> _R:
        try:
            return function(*args, **named)
        except FOREIGN as exc:
            raise foreign(exc, "an answer") from exc

    return translated


def foreign(exc: Exception, asked: str) -> errors.ForgeError:
    """Return what an exception of PyGithub or requests means for what was `asked`, e.g. `GET /app`."""
    match exc:
        case github.IncompletableObject() | github.BadAttributeException():
            return errors.UnavailableError(f"GitHub's answer cannot be read ({asked}); it is asked again")
        case github.GithubException():
            return answer(exc.status, exc.headers or {}, exc.data, asked, now=0.0, waited=FIRST_WAIT)
        case requests.Timeout():
            return errors.UnavailableError(f"GitHub did not answer in time ({asked}); it is asked again")
        case _:
            why = quoted(type(exc).__name__)
            return errors.UnavailableError(f"GitHub could not be reached ({asked}: {why}); it is asked again")


def answer(  # noqa: PLR0911 - one for each kind of answer
    status: int, headers: Mapping[str, str], data: object, asked: str, *, now: float, waited: float
) -> errors.ForgeError:
    """Return the error that an answer with `status` of 300 or more is.

    `headers` have lower-case names; `now` is in seconds of the epoch; `waited` is how many seconds to wait at a
    secondary limit that names no time. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    said = words(data)
    limited = _limited(status, headers, said, now, waited)
    if limited is not None:
        return errors.RateLimitError(
            f"GitHub's rate limit is reached ({asked}); it is asked again in {limited:.0f} s", limited
        )
    match status:
        case 401:
            return errors.ForbiddenError(
                f"GitHub does not accept the App's credentials ({asked}: {said}): check its id, its key and the clock"
            )
        case 403:
            return errors.ForbiddenError(f"GitHub forbids it ({asked}: {said}){_needed(headers)}")
        case 404 | 410 | 451:
            return errors.MissingError(f"GitHub has nothing there, or does not show it to the App ({asked}: {said})")
        case 408 | 425:
            return errors.UnavailableError(f"GitHub took too long ({asked}: {status}); it is asked again")
        case _ if 400 <= status < 500:  # noqa: PLR2004 - the client's fault
            return errors.RefusedError(f"GitHub refuses it ({asked}: {said})")
        case _:
            return errors.UnavailableError(f"GitHub is out of order ({asked}: {status} {said}); it is asked again")


def graphql(failures: object, asked: str, *, waited: float) -> errors.ForgeError:
    """Return the error that the `errors` of a GraphQL answer are; the first that has a type decides."""
    listed = [entry for entry in failures if isinstance(entry, dict)] if isinstance(failures, list) else []
    kind = next((str(entry["type"]) for entry in listed if entry.get("type")), "")
    said = "; ".join(quoted(entry.get("message")) for entry in listed[:3]) or "no reason given"
    if kind == "RATE_LIMITED":
        return errors.RateLimitError(f"GitHub's rate limit is reached ({asked}); asked again later", waited)
    if kind in _GRAPHQL_FORBIDDEN:
        return errors.ForbiddenError(f"GitHub forbids it ({asked}: {said})")
    if kind == "NOT_FOUND":
        return errors.MissingError(f"GitHub has nothing there, or does not show it to the App ({asked}: {said})")
    if kind in _GRAPHQL_BUSY or said.startswith("Something went wrong"):
        return errors.UnavailableError(f"GitHub is out of order ({asked}: {said}); it is asked again")
    return errors.RefusedError(f"GitHub refuses it ({asked}: {said})")


def words(data: object) -> str:
    """Return GitHub's own message with the reasons of a validation, printable and bounded."""
    if not isinstance(data, dict):
        return "no reason given"
    reasons = data.get("errors")
    listed = reasons if isinstance(reasons, list) else [reasons] if isinstance(reasons, str) else []
    parts = [quoted(data.get("message") or "no reason given"), *(_reason(reason) for reason in listed[:5])]
    return quoted(": ".join(part for part in parts if part))


def quoted(said: object) -> str:
    """Return foreign words as they may stand in a message: printable, on one line, bounded."""
    text = "".join(char if char.isprintable() else " " for char in str(said)[: 2 * LONGEST_QUOTE])
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def _reason(reason: Any) -> str:  # noqa: ANN401 - whatever GitHub lists
    if not isinstance(reason, dict):
        return quoted(reason)
    return quoted(reason.get("message") or " ".join(str(reason.get(key, "")) for key in ("resource", "field", "code")))


def _limited(status: int, headers: Mapping[str, str], said: str, now: float, waited: float) -> float | None:
    """Return the seconds to wait; None where the answer is no rate limit."""
    # reviews that follow each other too fast are refused as if they were not valid
    if status == 422 and "submitted too quickly" in said.lower():  # noqa: PLR2004
        return waited
    if status not in {403, 429}:
        return None
    named = _seconds(headers.get("retry-after"))
    if named is not None:
        return min(max(named, 1.0), LONGEST_WAIT)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = _seconds(headers.get("x-ratelimit-reset"))
        # one second more: the reset is given in whole seconds
        return waited if reset is None else min(max(reset - now, 0.0) + 1.0, LONGEST_WAIT)
    if status == 429 or "rate limit" in said.lower() or "abuse detection" in said.lower():  # noqa: PLR2004
        return waited
    return None


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _needed(headers: Mapping[str, str]) -> str:
    """Return which permissions would do; https://docs.github.com/en/rest/using-the-rest-api/troubleshooting."""
    needed = headers.get("x-accepted-github-permissions")
    return f"; it needs {quoted(needed)}: grant it in the App's settings" if needed else ""
