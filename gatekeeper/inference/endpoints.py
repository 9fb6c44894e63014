"""Which of several model servers gets a request."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

# seconds that a server which failed is left alone, at first and at most
_FIRST_REST, _LONGEST_REST = 1.0, 30.0


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """One server, and how it has been doing."""

    # without a slash at the end
    url: str
    in_flight: int = 0
    # troubles since it last answered
    failures: int = 0
    # by the clock that `choose` is given
    rests_until: float = 0.0

    def answered(self) -> None:
        """Count it as well."""
        self.failures, self.rests_until = 0, 0.0

    def failed(self, now: float) -> None:
        """Leave it alone for a while, longer each time."""
        self.rests_until = now + min(_LONGEST_REST, _FIRST_REST * 2**self.failures)
        self.failures = min(self.failures + 1, 10)


def choose(endpoints: Sequence[Endpoint], group: str, now: float) -> Endpoint:
    """Return the server for a request of `group`; the one with the least to do where it has none.

    A group keeps its server while that answers, whichever others come and go (rendezvous hashing), so that its prefix
    is computed once. Where all rest, the first to be back.
    """
    awake = [endpoint for endpoint in endpoints if endpoint.rests_until <= now]
    if not awake:
        return min(endpoints, key=lambda endpoint: endpoint.rests_until)
    if group:
        return max(awake, key=lambda endpoint: _weight(endpoint.url, group))
    return min(awake, key=lambda endpoint: endpoint.in_flight)


def _weight(url: str, group: str) -> bytes:
    return hashlib.blake2b(f"{url} {group}".encode("utf-8", "replace"), digest_size=8).digest()
