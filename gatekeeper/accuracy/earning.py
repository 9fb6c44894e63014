"""What a gate has measurably earned: the terms, the evidence, the level. The rule itself is `decide`."""

from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.verdicts import authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What authority is held to: `earning` in the repository's configuration."""

    # how many of the latest pull requests that would have been blocked are looked at
    pulls: int = 100
    # what the lower bound of the precision must reach for each level
    advise: float = 0.7
    block: float = 0.9
    # how far below that it may come before a level that is held is lost
    margin: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The latest pull requests that would have been blocked and count."""

    blocked: int
    # of these, those that real CI found broken too
    right: int
    # lower bound of the precision (one-sided, 95 %); None where nothing would have been blocked
    lower_bound: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """The level that the evidence carries."""

    level: authority.Authority
    evidence: Evidence
    # one sentence, for the check and the report
    why: str


def decide(latest: Sequence[bool], terms: Terms, held: authority.Authority) -> Earned:
    """Return the level that the latest pull requests that would have been blocked and count carry.

    `latest`: oldest first; True: real CI found the pull request broken too. More than `terms.pulls` may be given, the
    newest are looked at. `held`: the earned level so far, which is lost later than it is won.
    """
    raise NotImplementedError


def lower_bound(right: int, blocked: int) -> float | None:
    """Return the lower bound of the precision (one-sided, 95 %); None where nothing would have been blocked."""
    raise NotImplementedError
