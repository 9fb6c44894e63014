"""A review beside what real CI did -> its part in the accuracy of everyone who predicted.

Positive means broken: the test, or the pull request, does not pass after the change. What was published makes the
confusion, its scores the histogram. Three kinds of tests have no score:

- Nothing was said of it, or it was said to be failing already and was not: the one who predicted abstained.
- It broke and was never selected: the gate said by that that the change does not reach it, a miss. No engine was asked.
  The baselines know no history of it and abstained.
- It was skipped, or its outcome does not count: left out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from gatekeeper.accuracy import confusion, counts
from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

# who is scored besides the engines: the decisions, and the baselines
GATE = "gate"
# says what the test's last outcome was
PARROT = "parrot"
# says the share of the test's runs that failed
HISTORICAL = "historical"


class Unit(StrEnum):
    """What is counted."""

    TEST = "test"
    PULL_REQUEST = "pull_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Whose accuracy, and of what."""

    # an engine's name, or one of the names above, for which model and version are empty
    engine: str
    model: str = ""
    version: str = ""
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one attempt of an engine said of one test, as published."""

    # pytest's node id
    test: str
    engine: str
    model: str
    version: str
    outcome: prediction.Outcome
    # in 0..1; None: nothing was said
    p_fail: float | None
    # whether `p_fail` reached the bar that held then, and the test was not said to be failing already
    would_fail: bool
    already_failing: bool
    # whether the review's decision on the test points here
    decided: bool
    # the test's last outcome in CI and the share of its runs that did not pass, as known then; None where none was
    last_outcome: prediction.Outcome | None = None
    failure_rate: float | None = None


def of_review(
    settled: settlement.Settlement,
    said: Sequence[Said],
    conclusion: verdict.Conclusion,
    *,
    loops: bool = False,
) -> Mapping[Key, counts.Counts]:
    """Return one review's counts for the gate, each engine and both baselines; those without anything are left out.

    `said`: every attempt of the review, in the order in which it was made. `loops`: whether the review named a
    function of the change that does not end, or may not.
    """
    compared: defaultdict[Key, list[_Compared]] = defaultdict(list)
    for key, one in (*_tests(settled, said), *_change(settled, said, conclusion, loops=loops)):
        compared[key].append(one)
    counted = {key: _count(each) for key, each in compared.items()}
    if settled.missed:
        _add_missed(counted, len(settled.missed))
    return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What somebody said of a test or a pull request."""

    # None: nothing
    score: float | None
    fails: bool
    # that it does not end
    hangs: bool = False


# a claim, whether what it is of really broke, and whether that was by not ending
_Compared: TypeAlias = tuple[_Claim, bool, bool]

_NOTHING = _Claim(score=None, fails=False)
# the share of failed runs from which history says that a test fails
_BAR = 0.5
_GATE, _PARROT, _HISTORICAL = (Key(engine=name, unit=Unit.TEST) for name in (GATE, PARROT, HISTORICAL))


def _tests(settled: settlement.Settlement, said: Sequence[Said]) -> Iterator[tuple[Key, _Compared]]:
    real = {
        test: (one.outcome.broken, one.outcome is prediction.Outcome.HANG)
        for test, one in settled.outcomes.items()
        if one.uncounted is None and (one.outcome.broken or one.outcome is prediction.Outcome.PASS)
    }
    scored = [one for one in said if one.test in real]
    last = {(one.test, one.engine, one.model, one.version): one for one in scored}
    for one in last.values():
        key = Key(engine=one.engine, model=one.model, version=one.version, unit=Unit.TEST)
        yield key, (_published(one), *real[one.test])
    for one in _decided(scored):
        yield _GATE, (_published(one), *real[one.test])
        yield _PARROT, (_parrot(one), *real[one.test])
        yield _HISTORICAL, (_historical(one), *real[one.test])


def _add_missed(counted: dict[Key, counts.Counts], missed: int) -> None:
    """Add the broken tests that were never selected."""
    unknown = counts.Counts(abstained=missed, abstained_broken=missed)
    never_selected = counts.Counts(confusion=confusion.Confusion(false_negatives=missed))
    for key, more in ((_GATE, never_selected), (_PARROT, unknown), (_HISTORICAL, unknown)):
        counted[key] = counted.get(key, counts.Counts()) + more


def _change(
    settled: settlement.Settlement, said: Sequence[Said], conclusion: verdict.Conclusion, *, loops: bool
) -> Iterator[tuple[Key, _Compared]]:
    if settled.label is settlement.Label.NONE:
        return
    broken = settled.label is settlement.Label.BROKEN
    # what fails before the change too is not held against it: by a baseline as little as by the gate
    held = [one for one in _decided(said) if not one.already_failing]
    gate = _verdict(held, conclusion, loops=loops)
    # nothing is affected, says the gate: so does who knows the history of what is
    none = _NOTHING if held else _Claim(score=gate.score, fails=gate.fails)
    claims = (
        (GATE, gate),
        (PARROT, _greatest(map(_parrot, held)) or none),
        (HISTORICAL, _greatest(map(_historical, held)) or none),
    )
    for engine, claim in claims:
        yield Key(engine=engine, unit=Unit.PULL_REQUEST), (claim, broken, broken and settled.timed_out)


def _verdict(held: Sequence[Said], conclusion: verdict.Conclusion, *, loops: bool) -> _Claim:
    greatest = max((one.p_fail for one in held if one.p_fail is not None), default=0.0)
    hangs = any(one.would_fail and one.outcome is prediction.Outcome.HANG for one in held)
    return _Claim(
        score=None if conclusion is verdict.Conclusion.NOT_ANALYSED else greatest,
        fails=conclusion is verdict.Conclusion.WOULD_FAIL,
        hangs=loops or hangs,
    )


def _decided(said: Iterable[Said]) -> tuple[Said, ...]:
    return tuple({one.test: one for one in said if one.decided}.values())


def _published(one: Said) -> _Claim:
    if one.p_fail is None or one.already_failing:
        return _NOTHING
    hangs = one.would_fail and one.outcome is prediction.Outcome.HANG
    return _Claim(score=one.p_fail, fails=one.would_fail, hangs=hangs)


def _parrot(one: Said) -> _Claim:
    last = one.last_outcome
    if last is None or not (last.broken or last is prediction.Outcome.PASS):
        return _NOTHING
    return _Claim(score=float(last.broken), fails=last.broken, hangs=last is prediction.Outcome.HANG)


def _historical(one: Said) -> _Claim:
    if one.failure_rate is None:
        return _NOTHING
    return _Claim(score=one.failure_rate, fails=one.failure_rate >= _BAR)


def _greatest(claims: Iterable[_Claim]) -> _Claim | None:
    """Return what claims on its tests say of a change; None where they say nothing."""
    spoken = [(claim.score, claim) for claim in claims if claim.score is not None]
    if not spoken:
        return None
    return _Claim(
        score=max(score for score, _ in spoken),
        fails=any(claim.fails for _, claim in spoken),
        hangs=any(claim.hangs for _, claim in spoken),
    )


def _count(compared: Sequence[_Compared]) -> counts.Counts:
    histograms: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for claim, broken, _ in compared:
        if claim.score is not None:
            histograms[broken][counts.bin_of(claim.score)] += 1
    cells = Counter((broken, claim.fails) for claim, broken, _ in compared if claim.score is not None)
    silent = [broken for claim, broken, _ in compared if claim.score is None]
    hung = [claim for claim, _, hung in compared if hung]
    return counts.Counts(
        broken=dict(histograms[True]),
        sound=dict(histograms[False]),
        confusion=confusion.Confusion(
            true_positives=cells[True, True],
            false_positives=cells[False, True],
            false_negatives=cells[True, False],
            true_negatives=cells[False, False],
        ),
        abstained=len(silent),
        abstained_broken=sum(silent),
        hangs=len(hung),
        hangs_named=sum(claim.hangs for claim in hung),
        hangs_found=sum(claim.fails for claim in hung),
    )
