"""Counts -> figures: the rates, each with its interval."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from gatekeeper.accuracy import confusion, counts, figures

DRAWS = 1000


def measure(parts: Sequence[counts.Counts], *, draws: int = DRAWS, seed: int = 0) -> figures.Figures:
    """Return the figures of `parts`, one for each pull request, with intervals by `draws` resamples of them.

    The same seed gives the same intervals. Of what `Figures` says of each rate, an abstention is never a find and never
    an alarm; PR-AUC, Brier score and calibration error are of what has a score.
    """
    taking_part = [part for part in parts if part.total]
    return bounded(counts.total(taking_part), pulls=len(taking_part), latest=taking_part, draws=draws, seed=seed)


def summed(whole: counts.Counts, *, pulls: int) -> figures.Figures:
    """Return the figures of counts already added up over so many pull requests, without intervals."""
    return _figures(whole, pulls, {})


def bounded(
    whole: counts.Counts, *, pulls: int, latest: Sequence[counts.Counts], draws: int = DRAWS, seed: int = 0
) -> figures.Figures:
    """Return the figures of counts already added up, with the intervals of the latest pull requests among them.

    Where these are not all, the intervals are wider than those of all would be.
    """
    from gatekeeper.accuracy import resampling

    taking_part = [part for part in latest if part.total]
    intervals = resampling.intervals(taking_part, draws=draws, seed=seed) if taking_part else {}
    return _figures(whole, pulls, intervals)


def by_pull(parts: Iterable[tuple[Hashable, counts.Counts]]) -> list[counts.Counts]:
    """Return the sum of the counts for each pull request; `parts` are (pull request, counts of one of its reviews).

    Reviews of one pull request resemble each other: counted as if they were several, they make intervals too narrow.
    """
    pulls: defaultdict[Hashable, list[counts.Counts]] = defaultdict(list)
    for pull, part in parts:
        pulls[pull].append(part)
    # most have one, which is its own sum
    return [reviews[0] if len(reviews) == 1 else counts.total(reviews) for reviews in pulls.values()]


def always_pass(counted: counts.Counts) -> counts.Counts:
    """Return what predicting a pass each time, surely, would have got of the same tests or pull requests."""
    decided = confusion.always_pass(counted.confusion)
    missed = decided.false_negatives + counted.abstained_broken
    quiet = decided.true_negatives + counted.abstained - counted.abstained_broken
    return counts.Counts(
        broken={0: missed} if missed else {},
        sound={0: quiet} if quiet else {},
        confusion=confusion.Confusion(false_negatives=missed, true_negatives=quiet),
        hangs=counted.hangs,
    )


def _figures(whole: counts.Counts, pulls: int, intervals: Mapping[str, tuple[float, float] | None]) -> figures.Figures:
    from gatekeeper.accuracy import resampling

    rates, bars = resampling.of_sum(whole)
    of = whole.confusion

    def figure(name: str) -> figures.Figure:
        return _figure(float(getattr(rates, name)[0]), intervals.get(name))

    return figures.Figures(
        pulls=pulls,
        counted=whole.total,
        true_positives=of.true_positives,
        false_positives=of.false_positives,
        false_negatives=of.false_negatives,
        true_negatives=of.true_negatives,
        abstained=whole.abstained,
        abstained_broken=whole.abstained_broken,
        hangs=whole.hangs,
        hangs_named=whole.hangs_named,
        hangs_found=whole.hangs_found,
        precision=figure("precision"),
        recall=figure("recall"),
        pr_auc=figure("pr_auc"),
        false_block_rate=figure("false_block_rate"),
        abstention=figure("abstention"),
        brier=figure("brier"),
        ece=figure("ece"),
        reliability=_reliability(bars),
    )


def _figure(value: float, interval: tuple[float, float] | None) -> figures.Figure:
    if math.isnan(value):
        return figures.Figure(value=None)
    if interval is None:
        return figures.Figure(value=value)
    # resamples are less even than what was seen, so that a calibration error may lie below all of theirs
    low, high = interval
    return figures.Figure(value=value, low=min(low, value), high=max(high, value))


def _reliability(bars: Sequence[tuple[int, float, float]]) -> tuple[figures.Bin, ...]:
    return tuple(
        figures.Bin(
            low=place / len(bars),
            high=(place + 1) / len(bars),
            count=count,
            predicted=scores / count if count else 0.0,
            observed=broken / count if count else 0.0,
        )
        for place, (count, scores, broken) in enumerate(bars)
    )
