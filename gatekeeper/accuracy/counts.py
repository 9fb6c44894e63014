"""What adds up to accuracy: scores by label in bins, and counts beside them."""

from collections import Counter
from collections.abc import Iterable, Mapping
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
        return total((self, other))

    @property
    def total(self) -> int:
        """Everything with an outcome that counts."""
        return self.confusion.total + self.abstained


def total(parts: Iterable[Counts]) -> Counts:
    """Return the counts of all: what adding one to the next gives, in time that grows with their bins alone."""
    broken: Counter[int] = Counter()
    sound: Counter[int] = Counter()
    every = tuple(parts)
    for part in every:
        for key, count in part.broken.items():
            broken[key] += count
        for key, count in part.sound.items():
            sound[key] += count
    cells = (sum(column) for column in zip(_cells(Counts()), *map(_cells, every), strict=True))
    others = (sum(column) for column in zip(_others(Counts()), *map(_others, every), strict=True))
    return _of(dict(broken), dict(sound), cells, others)


def bin_of(score: float) -> int:
    """Return the bin of a score in 0..1. Raises ValueError outside."""
    if not 0 <= score <= 1:
        raise ValueError(f"{score} is no probability")
    return round(score * BINS)


def as_json(counts: Counts) -> dict[str, Any]:
    """Return the counts as values that JSON holds; `from_json` undoes it."""
    others = _others(counts)
    return {
        "broken": {str(key): value for key, value in sorted(counts.broken.items())},
        "sound": {str(key): value for key, value in sorted(counts.sound.items())},
        "confusion": list(_cells(counts)),
        "abstained": list(others[:2]),
        "hangs": list(others[2:]),
    }


def from_json(stored: Mapping[str, Any]) -> Counts:
    """Return what `as_json` was given."""
    return _of(
        {int(key): value for key, value in stored["broken"].items()},
        {int(key): value for key, value in stored["sound"].items()},
        stored["confusion"],
        (*stored["abstained"], *stored["hangs"]),
    )


def _cells(counts: Counts) -> tuple[int, int, int, int]:
    c = counts.confusion
    return c.true_positives, c.false_positives, c.false_negatives, c.true_negatives


def _others(counts: Counts) -> tuple[int, int, int, int, int]:
    return counts.abstained, counts.abstained_broken, counts.hangs, counts.hangs_named, counts.hangs_found


def _of(broken: Mapping[int, int], sound: Mapping[int, int], cells: Iterable[int], others: Iterable[int]) -> Counts:
    found, alarms, missed, quiet = cells
    abstained, abstained_broken, hangs, hangs_named, hangs_found = others
    return Counts(
        broken=broken,
        sound=sound,
        confusion=confusions.Confusion(
            true_positives=found, false_positives=alarms, false_negatives=missed, true_negatives=quiet
        ),
        abstained=abstained,
        abstained_broken=abstained_broken,
        hangs=hangs,
        hangs_named=hangs_named,
        hangs_found=hangs_found,
    )
