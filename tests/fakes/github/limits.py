"""Rate limits: requests an hour, points and content creations a minute; counted for each caller."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.github import faults, problems, state

Caller = state.App | state.Token | state.UserToken
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_WRITE_POINTS = 5
_CREATING = ("/comments", "/reviews", "/replies")
_SECONDARY_DOCUMENTATION = (
    "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
)


@dataclass(slots=True)
class Usage:
    """What one caller used up."""

    began: datetime
    used: int = 0
    points: deque[tuple[datetime, int]] = field(default_factory=deque)
    creations: deque[datetime] = field(default_factory=deque)


@dataclass(slots=True)
class Limits:
    """What a caller may use; each number is a test's to set."""

    requests_an_hour: int = 5000
    points_a_minute: int = 900
    creations_a_minute: int = 80
    creations_an_hour: int = 500
    at_once: int = 100
    # requests that are being answered
    running: int = 0
    usage: dict[str, Usage] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def exhaust(self, installation: state.Installation, now: datetime) -> None:
        """Let the installation have no request left in this hour."""
        self._usage(key(installation), now).used = self.requests_an_hour

    def count(self, caller: Caller, method: str, route: str, now: datetime) -> None:
        """Count a request, or refuse it."""
        name = key(caller)
        usage = self._usage(name, now)
        if usage.used >= self.requests_an_hour:
            self.refused["primary"] += 1
            raise problems.Refusal(403, f"API rate limit exceeded for {name}.")
        if self.running > self.at_once:
            self._refuse(now, now)
        self._count_points(usage, _WRITE_POINTS if method not in ("GET", "HEAD") else 1, now)
        if method == "POST" and route.endswith(_CREATING):
            self._count_creation(usage, now)
        usage.used += 1

    def headers(self, caller: Caller | None, now: datetime) -> dict[str, str]:
        """Return the headers that say what the caller has left."""
        shown = self.shown(caller, now)
        named = {f"X-RateLimit-{name.capitalize()}": str(value) for name, value in shown.items()}
        return {**named, "X-RateLimit-Resource": "core"}

    def shown(self, caller: Caller | None, now: datetime) -> dict[str, int]:
        """Return what the caller has left, as a `rate-limit`."""
        if caller is None:
            return {"limit": 60, "remaining": 60, "reset": int((now + _HOUR).timestamp()), "used": 0}
        usage = self._usage(key(caller), now)
        left = max(0, self.requests_an_hour - usage.used)
        reset = int((usage.began + _HOUR).timestamp()) + 1
        return {"limit": self.requests_an_hour, "remaining": left, "reset": reset, "used": usage.used}

    def _usage(self, name: str, now: datetime) -> Usage:
        usage = self.usage.get(name)
        if usage is None or now >= usage.began + _HOUR:
            usage = self.usage[name] = Usage(began=now)
        return usage

    def _count_points(self, usage: Usage, points: int, now: datetime) -> None:
        while usage.points and usage.points[0][0] <= now - _MINUTE:
            usage.points.popleft()
        if sum(one for _, one in usage.points) + points > self.points_a_minute:
            self._refuse(usage.points[0][0] if usage.points else now, now)
        usage.points.append((now, points))

    def _count_creation(self, usage: Usage, now: datetime) -> None:
        while usage.creations and usage.creations[0] <= now - _HOUR:
            usage.creations.popleft()
        recent = [moment for moment in usage.creations if moment > now - _MINUTE]
        if len(recent) >= self.creations_a_minute:
            self._refuse(recent[0] if recent else now, now)
        if len(usage.creations) >= self.creations_an_hour:
            self._refuse(usage.creations[0] + _HOUR - _MINUTE, now)
        usage.creations.append(now)

    def _refuse(self, oldest: datetime, now: datetime) -> None:
        self.refused["secondary"] += 1
        wait = max(1, int((oldest + _MINUTE - now).total_seconds()) + 1)
        refusal = problems.Refusal(403, faults.SECONDARY, headers={"Retry-After": str(wait)})
        refusal.body["documentation_url"] = _SECONDARY_DOCUMENTATION
        raise refusal


def key(caller: Caller | state.Installation) -> str:
    """Return the caller's name, as in messages and the log."""
    if isinstance(caller, state.UserToken):
        return f"user ID {caller.account.id}"
    who = caller.installation if isinstance(caller, state.Token) else caller
    return f"{'app' if isinstance(who, state.App) else 'installation'} ID {who.id}"
