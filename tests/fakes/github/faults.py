"""Faults of the way to GitHub: a plan looks at every request and may break it, before or after it was handled."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as a plan sees it: `route` is a template, `attempt` counts the calls of this method and path."""

    number: int
    method: str
    route: str
    path: str
    attempt: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What becomes of a request.

    With `handled` the request does its work first, and the answer is lost; without, nothing is done.
    """

    handled: bool = False
    # seconds before the answer, or before the connection is closed without one
    delay: float = 0.0
    # the connection is reset instead of answered
    reset: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    message: str = ""


Plan = Callable[[Call], Fault | None]


def server_error(status: int = 500, *, handled: bool = False) -> Fault:
    """Answer 500 or 502."""
    return Fault(status=status, handled=handled, message="Server Error")


def secondary_limit(retry_after: int = 1) -> Fault:
    """Answer that a secondary rate limit is exceeded."""
    return Fault(status=403, headers={"Retry-After": str(retry_after)}, message=SECONDARY)


def slow(seconds: float, *, handled: bool = False) -> Fault:
    """Let the client wait, and close the connection without an answer."""
    return Fault(delay=seconds, handled=handled)


def reset(*, handled: bool = False) -> Fault:
    """Reset the connection."""
    return Fault(reset=True, handled=handled)


def none(_call: Call) -> None:
    """Leave every request alone."""


def each_once(fault: Fault, where: Callable[[Call], bool] = lambda _: True) -> Plan:
    """Break the first attempt of every method and path that `where` chooses."""
    return lambda call: fault if call.attempt == 1 and where(call) else None


def at(number: int, fault: Fault) -> Plan:
    """Break the request of that number, counted by `World.requests` from 1."""
    return lambda call: fault if call.number == number else None


SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to "
    "GitHub Support for help, please include the request ID."
)
