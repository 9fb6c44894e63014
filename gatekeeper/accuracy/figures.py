"""Counts -> the figures that people read, each with its interval: the values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A rate, with the interval that the bootstrap over pull requests gives it."""

    # None where nothing is known: its denominator is nil
    value: float | None
    # 95 % percentile interval; None where `value` is, or where too few pull requests have a part in it
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of a reliability diagram."""

    # scores above `low` up to `high`, which is one of them; the first bar holds 0 too
    low: float
    high: float
    count: int
    # mean score, and share that really broke; 0 where `count` is
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How good the predictions of one engine are, for one unit: tests, or pull requests."""

    # pull requests that have a part in it, and what was counted in all
    pulls: int
    counted: int
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    # with an outcome, and nothing was said; of these, those that broke
    abstained: int
    abstained_broken: int
    hangs: int
    hangs_named: int
    hangs_found: int
    precision: Figure
    # of all that broke: also of what nothing was said of
    recall: Figure
    # area under the curve of precision over recall, as average precision; of what has a score, as the last two are
    pr_auc: Figure
    # share of all that does not break that was predicted to: the false positive rate
    false_block_rate: Figure
    # share of what has an outcome of which nothing was said
    abstention: Figure
    brier: Figure
    # expected calibration error over `reliability`
    ece: Figure
    reliability: tuple[Bin, ...]
