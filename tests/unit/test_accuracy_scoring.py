from typing import TypeAlias

import pytest

from gatekeeper.accuracy import labels, scoring
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict

Label: TypeAlias = labels.Label
Outcome: TypeAlias = prediction.Outcome
FAILS, PASSES, UNDECIDED = verdict.Conclusion.WOULD_FAIL, verdict.Conclusion.WOULD_PASS, verdict.Conclusion.NOT_ANALYSED


def said(test: str, outcome: Outcome, *, already: bool = False) -> scoring.Said:
    return scoring.Said(
        test=test, outcome=outcome, would_fail=outcome.broken and not already, already_failing=already, why="because"
    )


def truth(**changed: Label) -> labels.Truth:
    return labels.Truth(changed=changed, passing=frozenset({"one", "two", *changed}))


def names(mistakes: tuple[scoring.Mistake, ...]) -> list[str]:
    return [mistake.test for mistake in mistakes]


def test_each_test_counts_once_as_found_missed_alarmed_or_rightly_passed() -> None:
    changed = truth(found=Label.FAILED, missed=Label.ERROR)
    told = [
        said("found", Outcome.FAIL),
        said("missed", Outcome.PASS),
        said("alarmed", Outcome.ERROR),
        said("sound", Outcome.PASS),
    ]
    scored = scoring.score(changed, told, FAILS)
    counted = scored.tally.tests
    assert (counted.true_positives, counted.false_negatives) == (1, 1)
    assert (counted.false_positives, counted.true_negatives) == (1, 1)
    assert names(scored.false_alarms) == ["alarmed"]
    assert names(scored.misses) == ["missed"]
    assert scored.false_alarms[0].label is None
    assert scored.misses[0].label is Label.ERROR


@pytest.mark.parametrize("label", [Label.FAILED, Label.ERROR, Label.TIMEOUT, Label.MISSING])
def test_a_broken_test_that_was_never_selected_is_a_miss(label: Label) -> None:
    scored = scoring.score(truth(left_out=label), [], PASSES)
    assert scored.tally.tests.false_negatives == 1
    assert scored.misses[0].said is None


def test_what_broke_is_missed_by_not_knowing_and_by_calling_it_old() -> None:
    changed = truth(one=Label.FAILED, two=Label.FAILED)
    told = [said("one", Outcome.UNKNOWN), said("two", Outcome.FAIL, already=True)]
    scored = scoring.score(changed, told, UNDECIDED)
    assert names(scored.misses) == ["one", "two"]
    assert (scored.tally.unknown, scored.tally.already_failing, scored.tally.denied) == (1, 1, 1)
    assert (scored.tally.abstention, scored.tally.honest_abstention) == (0.5, 1.0)


def test_a_sound_test_of_which_nothing_is_said_is_no_right_prediction() -> None:
    told = [said("one", Outcome.UNKNOWN), said("other", Outcome.FAIL, already=True), said("two", Outcome.SKIP)]
    scored = scoring.score(truth(), told, PASSES)
    assert scored.tally.tests.total == 0
    assert scored.tally.predicted == 3
    # nobody knows whether `other` passes before the change
    assert (scored.tally.already_failing, scored.tally.denied) == (1, 0)


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.PASS, Outcome.SKIP])
def test_a_test_that_the_change_makes_skip_is_not_scored(outcome: Outcome) -> None:
    scored = scoring.score(truth(skips=Label.SKIPPED), [said("skips", outcome)], PASSES)
    assert scored.tally == scoring.score(truth(), [], PASSES).tally
    assert not scored.false_alarms
    assert not scored.misses


def test_a_hang_that_is_predicted_to_fail_is_found_though_not_named() -> None:
    changed = truth(one=Label.TIMEOUT, two=Label.TIMEOUT, three=Label.TIMEOUT)
    told = [said("one", Outcome.HANG), said("two", Outcome.FAIL), said("three", Outcome.PASS)]
    tally = scoring.score(changed, told, FAILS).tally
    assert (tally.hanging, tally.hanging_found, tally.hanging_named) == (3, 2, 1)


@pytest.mark.parametrize(
    ("breaks", "conclusion", "expected"),
    [
        (True, FAILS, (1, 0, 0, 0, 0)),
        (False, FAILS, (0, 1, 0, 0, 0)),
        (True, PASSES, (0, 0, 1, 0, 0)),
        (False, PASSES, (0, 0, 0, 1, 0)),
        (True, UNDECIDED, (0, 0, 1, 0, 0)),
        (False, UNDECIDED, (0, 0, 0, 0, 1)),
        (True, None, (0, 0, 1, 0, 0)),
        (False, None, (0, 0, 0, 0, 1)),
    ],
)
def test_a_pull_request_without_a_verdict_is_never_counted_as_right(
    breaks: bool,  # noqa: FBT001 - a parameter of pytest's
    conclusion: verdict.Conclusion | None,
    expected: tuple[int, ...],
) -> None:
    tally = scoring.score(truth(one=Label.FAILED) if breaks else truth(), [], conclusion).tally
    counted = tally.changes
    rates = (counted.true_positives, counted.false_positives, counted.false_negatives, counted.true_negatives)
    assert (*rates, tally.undecided) == expected


def test_a_change_that_only_makes_tests_skip_breaks_nothing() -> None:
    assert not truth(one=Label.SKIPPED).breaks


def test_a_change_whose_whole_run_crashed_breaks_something() -> None:
    crashed = labels.Truth(changed={}, crashed=True)
    assert scoring.score(crashed, [], FAILS).tally.changes.true_positives == 1


def test_tallies_add_up() -> None:
    first = scoring.score(truth(one=Label.TIMEOUT), [said("one", Outcome.HANG), said("two", Outcome.FAIL)], FAILS)
    second = scoring.score(truth(one=Label.FAILED), [said("one", Outcome.UNKNOWN)], UNDECIDED)
    both = scoring.total([first, second])
    assert both == first.tally + second.tally
    assert both.tests.total == 3
    assert (both.predicted, both.unknown, both.hanging_found) == (3, 1, 1)
    assert scoring.total([]) == scoring.Tally()


def test_the_abstention_of_nothing_is_unknown() -> None:
    assert scoring.Tally().abstention is None
    assert scoring.Tally().honest_abstention is None


def test_what_was_not_run_for_the_labels_is_not_scored() -> None:
    truth = labels.Truth(changed={}, within=("tests", "test_top.py"))
    assert truth.covers("tests/test_it.py::test_it")
    assert truth.covers("test_top.py::test_it")
    assert not truth.covers("src/it.py::it.doctest")
    assert not truth.covers("tests_too/test_it.py::test_it")
