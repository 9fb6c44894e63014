"""The rates of pull requests together, and of many resamples of them at once, in numpy.

Import it where it is used: numpy and scipy are slow to import, and most commands measure nothing.

The rates are scikit-learn's (User Guide, 3.4.4 and 1.16.1), on scores rounded to their bins: `average_precision_score`,
`brier_score_loss`, precision and recall. The expected calibration error is that of Naeini, Cooper and Hauskrecht,
"Obtaining Well Calibrated Probabilities Using Bayesian Binning" (2015), over the bars of `calibration_curve`:
of equal width, each with its upper edge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gatekeeper.accuracy import counts

# of a reliability diagram
BARS = 10
# An interval lies within what was seen, so that of n pull requests it holds the median of all with a probability of at
# most 1 - 2 ** (1 - n): 0.88 for four, 0.94 for five. It is shown as one of 95 %.
FEWEST = 5
# more pull requests than these are dealt by chance into as many hands, which are resampled in their place: the spread
# stays the same, and the time does not grow
HANDS = 2000
_TAIL = 0.025

Floats: TypeAlias = NDArray[np.floating[Any]]
Integers: TypeAlias = NDArray[np.int64]
Interval: TypeAlias = tuple[float, float]

# Rows of sums. True and false positives, false and true negatives, abstained, of these broken
_CELLS = slice(0, 6)
# of what has a score: squared errors, how many, of these broken
_SCORED = slice(6, 9)
# in each bar: how many, their scores, of these broken
_BARS = slice(9, 9 + 3 * BARS)
# for each score that something broken has, the greatest first, and one step below: what broke with it; then the same
# for what did not break, with that score or one up to the next greater
_CURVE = slice(_BARS.stop, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """One value of each rate for each column of sums; NaN where its denominator is nil."""

    precision: Floats
    recall: Floats
    pr_auc: Floats
    false_block_rate: Floats
    abstention: Floats
    brier: Floats
    ece: Floats


def of_sum(whole: counts.Counts) -> tuple[Rates, list[tuple[int, float, float]]]:
    """Return the rates, and for each bar of the reliability diagram its count, sum of scores and of broken."""
    sums = _sums([whole]).toarray()
    held, scores, broken = (part.ravel().tolist() for part in np.vsplit(sums[_BARS], 3))
    return _rates(sums), [(round(number), *rest) for number, *rest in zip(held, scores, broken, strict=True)]


def intervals(parts: Sequence[counts.Counts], *, draws: int, seed: int) -> Mapping[str, Interval | None]:
    """Return for each rate its 95 % percentile interval by the bootstrap over pull requests.

    None where fewer than `FEWEST` pull requests have a part in its denominator. Resamples in which that is nil are left
    out. Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. Where all agree it has no width:
    authority is earned by another bound.
    """
    sums = _sums(_dealt(parts, seed))
    taking_part = {
        name: np.count_nonzero(whole) for name, whole in _denominators(sums[: _BARS.start].toarray()).items()
    }
    # single precision takes half the time, and holds every count below 2 ** 24
    drawn = _rates((sums.astype(np.float32) @ _weights(sums.shape[1], draws=draws, seed=seed)).astype(float))
    return {name: _interval(getattr(drawn, name)) if taking_part[name] >= FEWEST else None for name in taking_part}


def _dealt(parts: Sequence[counts.Counts], seed: int) -> Sequence[counts.Counts]:
    if len(parts) <= HANDS:
        return parts
    order = np.random.default_rng(seed).permutation(len(parts)).tolist()
    return [counts.total(parts[place] for place in order[hand::HANDS]) for hand in range(HANDS)]


def _weights(pulls: int, *, draws: int, seed: int) -> Floats:
    """Return how often each pull request is drawn, with replacement, as many as there are: (pulls, draws)."""
    drawn = np.random.default_rng(seed).integers(0, pulls, size=(draws, pulls), dtype=np.uint16)
    weights = np.empty((draws, pulls), dtype=np.float32)
    for row, chosen in zip(weights, drawn, strict=True):
        row[:] = np.bincount(chosen, minlength=pulls)
    return np.ascontiguousarray(weights.T)


def _sums(parts: Sequence[counts.Counts]) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the sparse rows of sums, a column for each of `parts`."""
    pull, place, broken, count = _entries(parts)
    score = place / counts.BINS
    bar = np.maximum(place - 1, 0) * BARS // counts.BINS
    steps = np.unique(place[broken])[::-1]
    step = np.searchsorted(-steps, -place) + np.where(broken, 0, len(steps) + 1)
    cells = np.array([_cells(part) for part in parts]).T
    cell, of = np.nonzero(cells)
    rows = (
        (_CELLS.start + cell, of, cells[cell, of]),
        (np.full_like(place, _SCORED.start), pull, count * (score - broken) ** 2),
        (np.full_like(place, _SCORED.start + 1), pull, count),
        (np.full_like(place, _SCORED.start + 2), pull, count * broken),
        (_BARS.start + bar, pull, count),
        (_BARS.start + BARS + bar, pull, count * score),
        (_BARS.start + 2 * BARS + bar, pull, count * broken),
        (_CURVE.start + step, pull, count),
    )
    row, column, value = (np.concatenate(part) for part in zip(*rows, strict=True))
    return sparse.csr_array((value, (row, column)), shape=(_CURVE.start + 2 * (len(steps) + 1), len(parts)))


def _entries(parts: Sequence[counts.Counts]) -> tuple[Integers, Integers, NDArray[np.bool_], Integers]:
    """Return the entries of all histograms: place in `parts`, bin, whether it broke, count."""
    histograms = [*(part.broken for part in parts), *(part.sound for part in parts)]
    of = np.repeat(np.arange(len(histograms)), [len(histogram) for histogram in histograms])
    place = np.fromiter(chain.from_iterable(histograms), dtype=np.int64, count=len(of))
    values = chain.from_iterable(histogram.values() for histogram in histograms)
    return of % len(parts), place, of < len(parts), np.fromiter(values, dtype=np.int64, count=len(of))


def _cells(part: counts.Counts) -> tuple[int, ...]:
    of = part.confusion
    decided = (of.true_positives, of.false_positives, of.false_negatives, of.true_negatives)
    return (*decided, part.abstained, part.abstained_broken)


def _denominators(sums: Floats) -> dict[str, Floats]:
    found, alarms, missed, quiet, abstained, unknown = sums[_CELLS]
    _, scored, scored_broken = sums[_SCORED]
    return {
        "precision": found + alarms,
        "recall": found + missed + unknown,
        "pr_auc": scored_broken,
        "false_block_rate": alarms + quiet + abstained - unknown,
        "abstention": found + alarms + missed + quiet + abstained,
        "brier": scored,
        "ece": scored,
    }


def _rates(sums: Floats) -> Rates:
    found, alarms, _, _, abstained, _ = sums[_CELLS]
    _, scores, broken = np.vsplit(sums[_BARS], 3)
    numerators = {
        "precision": found,
        "recall": found,
        "pr_auc": _area(*np.vsplit(sums[_CURVE], 2)),
        "false_block_rate": alarms,
        "abstention": abstained,
        "brier": sums[_SCORED][0],
        "ece": np.abs(scores - broken).sum(axis=0),
    }
    return Rates(**{name: _share(numerators[name], whole) for name, whole in _denominators(sums).items()})


def _area(found: Floats, alarms: Floats) -> Floats:
    """Return the sum over what is found of the precision at its score."""
    so_far = np.cumsum(found, axis=0)
    every = so_far + np.cumsum(alarms, axis=0)
    precision = np.divide(so_far, every, out=every, where=every > 0)
    return np.sum(found * precision, axis=0)  # type: ignore[no-any-return]


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def _interval(drawn: Floats) -> Interval | None:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return None
    low, high = np.quantile(known, [_TAIL, 1 - _TAIL])
    return float(low), float(high)
