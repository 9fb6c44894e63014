"""Samples of a model, at head and at base -> how sure it is that a test fails. Pure.

A sample's *weight* is the geometric mean of the probabilities that the model gave to the tokens that it drew, in 0..1.
The share of failing samples is smoothed by half a sample on either side (Krichevsky and Trofimov, IEEE Transactions on
Information Theory 27(2), 1981), so that a few samples never make certainty. The *control* is the same test before the
change, whose outcome is known: as often as the model gets that wrong, it is not believed after the change either.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.simulation import prediction

# of the samples, the share that must have come to an end
VALID = 0.5
# scores nearer to a half than this say nothing
UNSURE = 0.1
# how much of a score counts where the test is new, and nothing controls it
UNCONTROLLED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What one sample says."""

    # None: it came to no end that can be believed
    fails: bool | None
    # in 0..1
    weight: float = 1.0
    # why it came to no end; one sentence
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What all samples say together."""

    # probability that the test fails, in 0..1, not calibrated; None: nothing can be said
    score: float | None
    # why nothing can be said
    why: str = ""

    @property
    def fails(self) -> bool:
        """Whether failing is the likelier."""
        return self.score is not None and self.score >= 0.5  # noqa: PLR2004 - the likelier of two


def weight(logprobs: Sequence[float]) -> float:
    """Return the weight of a sample with these natural logarithms of its tokens' probabilities; 1 where none are told.

    Whatever is not a number, or above 0, counts as no probability at all, and as certainty.
    """
    told = [min(0.0, value) if not math.isnan(value) else -math.inf for value in logprobs]
    return math.exp(sum(told) / len(told)) if told else 1.0


def share(votes: Sequence[Vote]) -> float | None:
    """Return the smoothed share of failing votes; None where too few came to an end."""
    valid = [vote for vote in votes if vote.fails is not None]
    if not valid or len(valid) < VALID * len(votes):
        return None
    failing = sum(vote.weight for vote in valid if vote.fails)
    return (failing + 0.5) / (sum(vote.weight for vote in valid) + 1)


def agree(after: Sequence[Vote], before: Sequence[Vote] | None, control: prediction.Control) -> Agreed:
    """Return the score of a test that passes before the change; `before` is None where it did not exist then."""
    head = share(after)
    if head is None:
        return Agreed(score=None, why=_commonest(after))
    if before is None:
        return _sure(_towards_half(head, UNCONTROLLED), "it is new, and the samples do not agree")
    base = share(before)
    if base is None:
        return Agreed(score=None, why=f"its control before the change could not be simulated: {_commonest(before)}")
    if base >= 0.5:  # noqa: PLR2004 - the likelier of two
        known = "ran" if control is prediction.Control.EXECUTED else "is taken"
        return Agreed(score=None, why=f"the model says that it fails before the change too, where it {known} to pass")
    return _sure(_towards_half(head, 1 - 2 * base), "the samples do not agree")


def _towards_half(score: float, by: float) -> float:
    return 0.5 + by * (score - 0.5)


def _sure(score: float, why: str) -> Agreed:
    # rounded: the border itself must not depend on the order of additions
    return Agreed(score=None, why=why) if round(abs(score - 0.5), 9) < UNSURE else Agreed(score=score)


def _commonest(votes: Sequence[Vote]) -> str:
    reasons = Counter(vote.why for vote in votes if vote.fails is None and vote.why)
    return reasons.most_common(1)[0][0] if reasons else "no sample was drawn"
