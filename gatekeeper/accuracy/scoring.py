"""Labels against predictions, pull request by pull request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Self

from gatekeeper.accuracy import confusion, labels
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was predicted of one test, as far as scoring needs it."""

    # pytest's node id
    test: str
    outcome: prediction.Outcome
    # held against the change
    would_fail: bool
    already_failing: bool
    # what ended the test, or why nothing is known of it
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A false alarm or a miss."""

    test: str
    # None: the test passed, and so it did before
    label: labels.Label | None
    # None: the test was not selected
    said: Said | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts over any number of pull requests; additive."""

    # one count for each scored test that was selected or is broken
    tests: confusion.Confusion = field(default_factory=confusion.Confusion)
    # one count for each pull request with a verdict, or that breaks something
    changes: confusion.Confusion = field(default_factory=confusion.Confusion)
    # tests selected, but for those that are not scored
    predicted: int = 0
    # of `predicted`: nothing was said of the test
    unknown: int = 0
    # of `predicted`: said to be failing already
    already_failing: int = 0
    # of `already_failing`: known to pass before the change, so that nothing was said of it either
    denied: int = 0
    # pull requests that break nothing and got no verdict
    undecided: int = 0
    # tests that no longer end, those of them predicted to hang, and to be broken in whatever way
    hanging: int = 0
    hanging_named: int = 0
    hanging_found: int = 0

    def __add__(self, other: Self) -> "Tally":
        """Return the counts of both."""
        return Tally(**{part.name: getattr(self, part.name) + getattr(other, part.name) for part in fields(Tally)})

    @property
    def abstention(self) -> float | None:
        """Share of the predicted tests of which nothing was said (0..1); None where none was predicted."""
        return self.unknown / self.predicted if self.predicted else None

    @property
    def honest_abstention(self) -> float | None:
        """The same, with the tests that were said to be failing already and were not."""
        return (self.unknown + self.denied) / self.predicted if self.predicted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One pull request's counts and mistakes."""

    tally: Tally
    # by test id
    false_alarms: tuple[Mistake, ...]
    misses: tuple[Mistake, ...]


def score(truth: labels.Truth, said: Sequence[Said], conclusion: verdict.Conclusion | None) -> Scored:
    """Compare what was `said` of a pull request with the `truth`; `conclusion` is None where the review failed.

    A broken test counts as a miss unless it is predicted to fail: also where it was not selected, is unknown or was
    said to be failing already. Of a sound test the last two count as abstention alone.
    """
    scored = {one.test: one for one in said if truth.covers(one.test)}
    positive = {test for test, one in scored.items() if one.would_fail}
    negative = {test for test, one in scored.items() if one.outcome is prediction.Outcome.PASS}
    false_alarms, misses = positive - truth.broken, truth.broken - positive
    tests = confusion.Confusion(
        true_positives=len(positive & truth.broken),
        false_positives=len(false_alarms),
        false_negatives=len(misses),
        true_negatives=len(negative - truth.broken),
    )
    hangs = [scored[test] for test in truth.hanging & positive]
    tally = Tally(
        tests=tests,
        changes=_change(truth, conclusion),
        predicted=len(scored),
        unknown=sum(one.outcome is prediction.Outcome.UNKNOWN for one in scored.values()),
        already_failing=sum(one.already_failing for one in scored.values()),
        denied=sum(one.already_failing and test in truth.passing for test, one in scored.items()),
        undecided=int(not truth.breaks and _undecided(conclusion)),
        hanging=len(truth.hanging),
        hanging_named=sum(one.outcome is prediction.Outcome.HANG for one in hangs),
        hanging_found=len(hangs),
    )
    return Scored(
        tally=tally,
        false_alarms=_mistakes(false_alarms, truth, scored),
        misses=_mistakes(misses, truth, scored),
    )


def total(scored: Iterable[Scored]) -> Tally:
    """Return the counts of all."""
    return sum((one.tally for one in scored), Tally())


def _undecided(conclusion: verdict.Conclusion | None) -> bool:
    return conclusion is None or conclusion is verdict.Conclusion.NOT_ANALYSED


def _change(truth: labels.Truth, conclusion: verdict.Conclusion | None) -> confusion.Confusion:
    fails = conclusion is verdict.Conclusion.WOULD_FAIL
    return confusion.Confusion(
        true_positives=int(truth.breaks and fails),
        false_positives=int(not truth.breaks and fails),
        false_negatives=int(truth.breaks and not fails),
        true_negatives=int(not truth.breaks and not fails and not _undecided(conclusion)),
    )


def _mistakes(tests: Iterable[str], truth: labels.Truth, said: dict[str, Said]) -> tuple[Mistake, ...]:
    return tuple(Mistake(test=test, label=truth.changed.get(test), said=said.get(test)) for test in sorted(tests))
