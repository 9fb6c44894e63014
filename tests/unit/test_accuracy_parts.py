from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.accuracy import confusion, counts, parts
from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

Outcome: TypeAlias = prediction.Outcome
Label: TypeAlias = settlement.Label
Real: TypeAlias = Mapping[str, settlement.Outcome]
Counted: TypeAlias = Mapping[parts.Key, counts.Counts]

FAILS, PASSES, UNDECIDED = verdict.Conclusion.WOULD_FAIL, verdict.Conclusion.WOULD_PASS, verdict.Conclusion.NOT_ANALYSED
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SANDBOX = parts.Key(engine="sandbox", model="cpython", version="1", unit=parts.Unit.TEST)
GATE, PARROT, HISTORICAL = (
    parts.Key(engine=name, unit=parts.Unit.TEST) for name in (parts.GATE, parts.PARROT, parts.HISTORICAL)
)
GATE_PULL, PARROT_PULL, HISTORICAL_PULL = (
    parts.Key(engine=name, unit=parts.Unit.PULL_REQUEST) for name in (parts.GATE, parts.PARROT, parts.HISTORICAL)
)


def settled(
    real: Real | None = None, *, label: Label = Label.SOUND, missed: tuple[str, ...] = (), timed_out: bool = False
) -> settlement.Settlement:
    return settlement.Settlement(
        label=label,
        why="because",
        known=NOON,
        outcomes=real or {},
        kept_out=(),
        unselected=len(missed),
        unreported=0,
        unmatched=0,
        missed=missed,
        timed_out=timed_out,
        began=None,
        ended=None,
        job_seconds=0.0,
        first_broken=None,
    )


def became(outcome: Outcome, uncounted: settlement.Uncounted | None = None) -> settlement.Outcome:
    return settlement.Outcome(outcome=outcome, uncounted=uncounted)


def said(
    test: str,
    p_fail: float | None,
    *,
    outcome: Outcome | None = None,
    engine: str = "sandbox",
    decided: bool = True,
    already: bool = False,
    last: Outcome | None = None,
    rate: float | None = None,
) -> parts.Said:
    fails = p_fail is not None and p_fail >= 0.5
    return parts.Said(
        test=test,
        engine=engine,
        model="cpython",
        version="1",
        outcome=outcome or (Outcome.UNKNOWN if p_fail is None else Outcome.FAIL if fails else Outcome.PASS),
        p_fail=p_fail,
        would_fail=fails and not already,
        already_failing=already,
        decided=decided,
        last_outcome=last,
        failure_rate=rate,
    )


def cells(counted: counts.Counts) -> tuple[int, int, int, int]:
    of = counted.confusion
    return of.true_positives, of.false_positives, of.false_negatives, of.true_negatives


def test_each_test_that_counts_is_in_the_histogram_and_in_the_confusion() -> None:
    real = {"a": became(Outcome.FAIL), "b": became(Outcome.PASS), "c": became(Outcome.ERROR), "d": became(Outcome.PASS)}
    told = [said("a", 0.9), said("b", 0.9), said("c", 0.02), said("d", 0.02)]
    gate = parts.of_review(settled(real), told, FAILS)[GATE]
    assert (gate.broken, gate.sound) == ({900: 1, 20: 1}, {900: 1, 20: 1})
    assert cells(gate) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    "real",
    [
        became(Outcome.SKIP),
        became(Outcome.FAIL, settlement.Uncounted.FLAKY),
        became(Outcome.FAIL, settlement.Uncounted.RED_ON_BASE),
        became(Outcome.PASS, settlement.Uncounted.INFRASTRUCTURE),
    ],
)
def test_what_does_not_count_is_nobodys_part(real: settlement.Outcome) -> None:
    told = [said("a", 0.9, last=Outcome.FAIL, rate=0.4)]
    assert not parts.of_review(settled({"a": real}, label=Label.NONE), told, FAILS)


def test_a_test_that_ci_did_not_report_is_nobodys_part() -> None:
    assert not parts.of_review(settled(label=Label.NONE), [said("a", 0.9)], FAILS)


def test_a_broken_test_that_was_never_selected_is_a_miss_of_the_gate_without_a_score() -> None:
    counted = parts.of_review(settled(missed=("x", "y"), label=Label.BROKEN), [], PASSES)
    assert counted[GATE] == counts.Counts(confusion=confusion.Confusion(false_negatives=2))
    # nobody asked an engine, and history was not looked up
    assert counted[PARROT] == counted[HISTORICAL] == counts.Counts(abstained=2, abstained_broken=2)
    assert SANDBOX not in counted


def test_not_knowing_and_calling_it_old_are_abstaining() -> None:
    real = {"a": became(Outcome.FAIL), "b": became(Outcome.PASS), "c": became(Outcome.PASS)}
    told = [said("a", None), said("b", 1.0, already=True), said("c", None, outcome=Outcome.SKIP)]
    counted = parts.of_review(settled(real), told, PASSES)
    assert counted[GATE] == counted[SANDBOX] == counts.Counts(abstained=3, abstained_broken=1)


def test_an_engine_is_scored_by_its_last_attempt_and_the_gate_by_its_decision() -> None:
    real = {"a": became(Outcome.FAIL)}
    told = [
        said("a", 0.1, engine="cwm", decided=False),
        said("a", 0.7, engine="cwm", decided=False),
        said("a", 0.98),
    ]
    counted = parts.of_review(settled(real), told, FAILS)
    cwm = parts.Key(engine="cwm", model="cpython", version="1", unit=parts.Unit.TEST)
    assert counted[cwm].broken == {700: 1}
    assert counted[GATE].broken == counted[SANDBOX].broken == {980: 1}


def test_baselines_say_what_was_known_then() -> None:
    real = {"a": became(Outcome.FAIL), "b": became(Outcome.PASS), "c": became(Outcome.PASS)}
    told = [
        said("a", 0.9, last=Outcome.PASS, rate=0.25),
        said("b", 0.1, last=Outcome.ERROR, rate=0.75),
        said("c", 0.1),
    ]
    counted = parts.of_review(settled(real), told, FAILS)
    assert (counted[PARROT].broken, counted[PARROT].sound) == ({0: 1}, {1000: 1})
    assert (counted[HISTORICAL].broken, counted[HISTORICAL].sound) == ({250: 1}, {750: 1})
    assert cells(counted[PARROT]) == cells(counted[HISTORICAL]) == (0, 1, 1, 0)
    # a new test has no history
    assert counted[PARROT].abstained == counted[HISTORICAL].abstained == 1


def test_a_pull_request_scores_as_its_test_that_is_surest_to_fail() -> None:
    told = [
        said("a", 0.1, rate=0.3, last=Outcome.PASS),
        said("b", 0.8, rate=0.6),
        said("old", 1.0, already=True, rate=1.0),
    ]
    counted = parts.of_review(settled(label=Label.BROKEN), told, FAILS)
    assert counted[GATE_PULL] == counts.Counts(broken={800: 1}, confusion=confusion.Confusion(true_positives=1))
    assert counted[HISTORICAL_PULL].broken == {600: 1}
    assert counted[PARROT_PULL] == counts.Counts(broken={0: 1}, confusion=confusion.Confusion(false_negatives=1))


@pytest.mark.parametrize(
    ("label", "conclusion", "expected"),
    [
        (Label.BROKEN, FAILS, (1, 0, 0, 0, 0, 0)),
        (Label.SOUND, FAILS, (0, 1, 0, 0, 0, 0)),
        (Label.BROKEN, PASSES, (0, 0, 1, 0, 0, 0)),
        (Label.SOUND, PASSES, (0, 0, 0, 1, 0, 0)),
        (Label.BROKEN, UNDECIDED, (0, 0, 0, 0, 1, 1)),
        (Label.SOUND, UNDECIDED, (0, 0, 0, 0, 1, 0)),
    ],
)
def test_a_pull_request_counts_once_by_its_verdict_and_label(
    label: Label, conclusion: verdict.Conclusion, expected: tuple[int, ...]
) -> None:
    gate = parts.of_review(settled(label=label), [said("a", 0.4)], conclusion)[GATE_PULL]
    assert (*cells(gate), gate.abstained, gate.abstained_broken) == expected
    assert gate.total == 1


def test_a_pull_request_without_a_label_gives_nothing_though_its_tests_may() -> None:
    counted = parts.of_review(settled({"a": became(Outcome.PASS)}, label=Label.NONE), [said("a", 0.1)], PASSES)
    assert set(counted) == {GATE, SANDBOX, PARROT, HISTORICAL}


def test_a_change_that_affects_nothing_passes_for_everyone() -> None:
    counted = parts.of_review(settled(), [], PASSES)
    passed = counts.Counts(sound={0: 1}, confusion=confusion.Confusion(true_negatives=1))
    assert counted == dict.fromkeys((GATE_PULL, PARROT_PULL, HISTORICAL_PULL), passed)


def test_baselines_that_know_no_test_of_a_change_abstain() -> None:
    counted = parts.of_review(settled(), [said("a", 0.1)], PASSES)
    assert counted[PARROT_PULL] == counted[HISTORICAL_PULL] == counts.Counts(abstained=1)


def test_hangs_are_named_found_or_neither() -> None:
    real = {test: became(Outcome.HANG) for test in "abcd"}
    told = [said("a", 0.9, outcome=Outcome.HANG), said("b", 0.9), said("c", 0.1), said("d", None)]
    gate = parts.of_review(settled(real, label=Label.BROKEN), told, FAILS)[GATE]
    assert (gate.hangs, gate.hangs_named, gate.hangs_found) == (4, 1, 2)


@pytest.mark.parametrize(
    ("conclusion", "outcome", "loops", "expected"),
    [
        (FAILS, Outcome.HANG, False, (1, 1, 1)),
        (FAILS, Outcome.FAIL, False, (1, 0, 1)),
        (FAILS, Outcome.FAIL, True, (1, 1, 1)),
        # it was told, but not held against the change
        (UNDECIDED, None, True, (1, 1, 0)),
        (UNDECIDED, None, False, (1, 0, 0)),
    ],
)
def test_a_job_over_its_time_limit_is_a_hang_of_the_pull_request(
    conclusion: verdict.Conclusion,
    outcome: Outcome | None,
    loops: bool,  # noqa: FBT001 - a parameter of pytest's
    expected: tuple[int, ...],
) -> None:
    told = [said("a", None if outcome is None else 0.9, outcome=outcome)]
    real = settled(label=Label.BROKEN, timed_out=True)
    gate = parts.of_review(real, told, conclusion, loops=loops)[GATE_PULL]
    assert (gate.hangs, gate.hangs_named, gate.hangs_found) == expected


@st.composite
def reviews(draw: st.DrawFn) -> tuple[settlement.Settlement, list[parts.Said]]:
    real, told = {}, []
    for test in draw(st.lists(st.sampled_from("abcdefgh"), unique=True)):
        if draw(st.booleans()):
            uncounted = draw(st.sampled_from([None, None, settlement.Uncounted.FLAKY]))
            real[test] = became(draw(st.sampled_from(list(Outcome)[:5])), uncounted)
        score, rate = draw(st.none() | st.floats(0, 1)), draw(st.none() | st.floats(0, 1))
        last = draw(st.sampled_from([None, *Outcome]))
        told.append(said(test, score, last=last, rate=rate, already=draw(st.booleans())))
    missed = tuple(draw(st.lists(st.sampled_from("xyz"), unique=True)))
    return settled(real, label=draw(st.sampled_from(list(Label))), missed=missed), told


@given(reviews(), st.sampled_from(list(verdict.Conclusion)))
def test_the_gate_and_the_baselines_are_counted_on_the_same_and_nothing_vanishes(
    review: tuple[settlement.Settlement, list[parts.Said]], conclusion: verdict.Conclusion
) -> None:
    real, told = review
    counted = parts.of_review(real, told, conclusion)
    nothing = counts.Counts()
    scored = [one for one in real.outcomes.values() if one.uncounted is None and one.outcome is not Outcome.SKIP]
    for unit, total in ((parts.Unit.TEST, len(scored) + len(real.missed)), (parts.Unit.PULL_REQUEST, None)):
        expected = int(real.label is not Label.NONE) if total is None else total
        for engine in (parts.GATE, parts.PARROT, parts.HISTORICAL):
            part = counted.get(parts.Key(engine=engine, unit=unit), nothing)
            assert part.total == expected
    broken = sum(one.outcome.broken for one in scored) + len(real.missed)
    for key in (GATE, PARROT, HISTORICAL):
        part = counted.get(key, nothing)
        assert part.confusion.true_positives + part.confusion.false_negatives + part.abstained_broken == broken
    assert all(counts.from_json(counts.as_json(part)) == part for part in counted.values())
