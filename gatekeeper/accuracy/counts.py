"""What adds up to accuracy: scores by label in bins, and counts beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.accuracy import confusion as confusions

# of scores in 0..1: score s lies in bin round(s * BINS), so that the bins' scores are k / BINS
BINS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One pull request's part of an engine's accuracy, or the sum of many; additive."""

    # bin -> how many of what really broke had such a score, and of what did not
    broken: Mapping[int, int] = field(default_factory=dict)
    sound: Mapping[int, int] = field(default_factory=dict)
    # by the published decision, at the bar that held then
    confusion: confusions.Confusion = field(default_factory=confusions.Confusion)
    # with an outcome that counts, and nothing was said: unknown, not analysed; of these, those that broke
    abstained: int = 0
    abstained_broken: int = 0
    # really ended by a time limit; of these, predicted to hang, and predicted to break in whatever way
    hangs: int = 0
    hangs_named: int = 0
    hangs_found: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Return the counts of both."""
        return Counts(
            broken=_added(self.broken, other.broken),
            sound=_added(self.sound, other.sound),
            confusion=self.confusion + other.confusion,
            abstained=self.abstained + other.abstained,
            abstained_broken=self.abstained_broken + other.abstained_broken,
            hangs=self.hangs + other.hangs,
            hangs_named=self.hangs_named + other.hangs_named,
            hangs_found=self.hangs_found + other.hangs_found,
        )

    @property
    def total(self) -> int:
        """Everything with an outcome that counts."""
        return self.confusion.total + self.abstained


def bin_of(score: float) -> int:
    """Return the bin of a score in 0..1. Raises ValueError outside."""
    if not 0 <= score <= 1:
        raise ValueError(f"{score} is no probability")
    return round(score * BINS)


def as_json(counts: Counts) -> dict[str, Any]:
    """Return the counts as values that JSON holds; `from_json` undoes it."""
    c = counts.confusion
    return {
        "broken": {str(key): value for key, value in sorted(counts.broken.items())},
        "sound": {str(key): value for key, value in sorted(counts.sound.items())},
        "confusion": [c.true_positives, c.false_positives, c.false_negatives, c.true_negatives],
        "abstained": [counts.abstained, counts.abstained_broken],
        "hangs": [counts.hangs, counts.hangs_named, counts.hangs_found],
    }


def from_json(stored: Mapping[str, Any]) -> Counts:
    """Return what `as_json` was given."""
    found, false, missed, quiet = stored["confusion"]
    return Counts(
        broken={int(key): value for key, value in stored["broken"].items()},
        sound={int(key): value for key, value in stored["sound"].items()},
        confusion=confusions.Confusion(
            true_positives=found, false_positives=false, false_negatives=missed, true_negatives=quiet
        ),
        abstained=stored["abstained"][0],
        abstained_broken=stored["abstained"][1],
        hangs=stored["hangs"][0],
        hangs_named=stored["hangs"][1],
        hangs_found=stored["hangs"][2],
    )


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> Mapping[int, int]:
    both = dict(one)
    for key, value in other.items():
        both[key] = both.get(key, 0) + value
    return both
