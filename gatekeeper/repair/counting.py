"""Which of the fixes that were offered for a pull request count: each finding is counted once."""

from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.repair import fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A fix as it was offered."""

    # of the recorded review, and its place there, from 0: the best first
    review: str
    position: int
    # fingerprints of the findings
    mends: tuple[str, ...]
    became: fate.Became


def counted(offers: Sequence[Offer]) -> frozenset[tuple[str, int]]:
    """Return review and position of those that count; `offers` are a pull request's, the oldest review first.

    Of all that were offered for a finding, in whatever review, it is the one that was applied, the last of several;
    where none was, the best of the newest review that offered any. What stands for several findings counts once.
    """
    standing: dict[str, Offer] = {}
    for one in offers:
        for fingerprint in one.mends:
            if _takes(one, standing.get(fingerprint)):
                standing[fingerprint] = one
    return frozenset((one.review, one.position) for one in standing.values())


def _takes(one: Offer, other: Offer | None) -> bool:
    """Whether it takes the place of another that was offered before it, or beside it."""
    if other is None:
        return True
    if (one.became is fate.Became.APPLIED) is not (other.became is fate.Became.APPLIED):
        return one.became is fate.Became.APPLIED
    return one.review != other.review
