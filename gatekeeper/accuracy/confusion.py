"""Counts of right and wrong predictions, and the rates that derive from them.

Positive means broken: the test, or the pull request, does not pass after the change. The rates are scikit-learn's
(User Guide, 3.4.4, "Classification metrics") but for one whose denominator is nil: there scikit-learn gives what
`zero_division` says, 0 by default; here it is None, since nothing is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """A confusion matrix; additive."""

    true_positives: int = 0
    # false alarms
    false_positives: int = 0
    # misses
    false_negatives: int = 0
    true_negatives: int = 0

    def __add__(self, other: "Confusion") -> "Confusion":
        """Return the counts of both."""
        return Confusion(
            true_positives=self.true_positives + other.true_positives,
            false_positives=self.false_positives + other.false_positives,
            false_negatives=self.false_negatives + other.false_negatives,
            true_negatives=self.true_negatives + other.true_negatives,
        )

    @property
    def total(self) -> int:
        """Everything counted."""
        return self.true_positives + self.false_positives + self.false_negatives + self.true_negatives

    @property
    def precision(self) -> float | None:
        """Share of those predicted to be broken that are (0..1); None where none was predicted."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        """Share of the broken that were predicted to be (0..1); None where none is broken."""
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall (0..1); None where nothing is broken nor predicted to be."""
        return _share(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)

    @property
    def accuracy(self) -> float | None:
        """Share of right predictions (0..1); None where nothing was counted."""
        return _share(self.true_positives + self.true_negatives, self.total)


def always_pass(counted: Confusion) -> Confusion:
    """Return what predicting a pass each time would have got of the same tests or pull requests."""
    return Confusion(
        false_negatives=counted.true_positives + counted.false_negatives,
        true_negatives=counted.false_positives + counted.true_negatives,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """Rates averaged with the same weight for each group: scikit-learn's `average="macro"`, groups for its classes."""

    # None where it is defined in no group
    precision: float | None
    recall: float | None
    # how many groups have one; the others are left out of the average
    precision_groups: int
    recall_groups: int


def macro(groups: Iterable[Confusion]) -> Macro:
    """Return the averages of the rates of `groups`."""
    counted = tuple(groups)
    precisions = [group.precision for group in counted if group.precision is not None]
    recalls = [group.recall for group in counted if group.recall is not None]
    return Macro(
        precision=_share(sum(precisions), len(precisions)),
        recall=_share(sum(recalls), len(recalls)),
        precision_groups=len(precisions),
        recall_groups=len(recalls),
    )


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
