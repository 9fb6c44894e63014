"""Counts -> figures: the rates, each with its interval."""

from collections.abc import Hashable, Iterable, Sequence

from gatekeeper.accuracy import counts, figures

DRAWS = 1000


def measure(parts: Sequence[counts.Counts], *, draws: int = DRAWS, seed: int = 0) -> figures.Figures:
    """Return the figures of `parts`, one for each pull request, with intervals by `draws` resamples of them."""
    raise NotImplementedError


def summed(whole: counts.Counts, *, pulls: int) -> figures.Figures:
    """Return the figures of counts already added up over so many pull requests, without intervals."""
    raise NotImplementedError


def by_pull(parts: Iterable[tuple[Hashable, counts.Counts]]) -> list[counts.Counts]:
    """Return the sum of the counts for each pull request; `parts` are (pull request, counts of one of its reviews)."""
    raise NotImplementedError


def always_pass(counted: counts.Counts) -> counts.Counts:
    """Return what predicting a pass each time, surely, would have got of the same tests or pull requests."""
    raise NotImplementedError
