"""Which outcomes of real CI count, and what they say of a change."""

import dataclasses
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.outcomes import job, judging, settlement
from gatekeeper.simulation import prediction

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASS, FAIL, ERROR = prediction.Outcome.PASS, prediction.Outcome.FAIL, prediction.Outcome.ERROR
HANG, SKIP = prediction.Outcome.HANG, prediction.Outcome.SKIP
MERGE, HEAD, GROUP = job.Tested.MERGE, job.Tested.HEAD, job.Tested.GROUP
BROKEN, SOUND, NONE = settlement.Label.BROKEN, settlement.Label.SOUND, settlement.Label.NONE
Kind, Ended = settlement.Uncounted, job.Conclusion
A, B = "tests/test_a.py::test_a", "tests/test_a.py::test_b"
LIMIT = "The job has exceeded the maximum execution time of 1h0m0s"
LOST = "The hosted runner: GitHub Actions 3 lost communication with the server. Anything in your workflow"


def report(flaky: Iterable[str] = (), **outcomes: prediction.Outcome) -> job.Report:
    """Return a report on tests of `tests/test_a.py`."""
    tests = tuple(
        job.Reported(classname="tests.test_a", name=name, outcome=outcome, seconds=1.5, flaky=name in flaky)
        for name, outcome in outcomes.items()
    )
    return job.Report(source=job.Source.REPORT, tests=tests)


def summary(passed: int | None, why: str = "", **outcomes: prediction.Outcome) -> job.Report:
    return job.Report(source=job.Source.SUMMARY, tests=report(**outcomes).tests, passed=passed, why=why)


NOTHING = job.Report(source=job.Source.NONE)


def ran(said: job.Report = NOTHING, **changed: Any) -> job.Job:
    """Return a job that ended as its tests did, begun `at` so many minutes after noon."""
    broke = any(test.outcome.broken for test in said.tests)
    at = timedelta(minutes=changed.pop("at", 0))
    values: dict[str, Any] = {
        "sha": "a" * 40,
        "tested": MERGE,
        "name": "tests",
        "workflow": "CI",
        "conclusion": Ended.FAILURE if broke else Ended.SUCCESS,
        "started": NOON + at,
        "completed": NOON + at + timedelta(minutes=5),
        "report": said,
        "known": NOON + at + timedelta(minutes=6),
        **changed,
    }
    place = "/".join(str(values.get(key)) for key in ("workflow", "name", "attempt", "tested", "started"))
    return job.Job(**{"id": f"actions/{place}", **values})


def settle(
    *jobs: job.Job, base: Sequence[job.Job] = (), failing: Sequence[str] = (), **given_: Any
) -> settlement.Settlement:
    predicted = [judging.Predicted(test=test, outcome=PASS, already_failing=test in failing) for test in (A, B)]
    return judging.settle(predicted, jobs, base, **{"tree": MERGE, **given_})


def outcome(found: settlement.Settlement, test: str = A) -> tuple[prediction.Outcome, settlement.Uncounted | None]:
    return found.outcomes[test].outcome, found.outcomes[test].uncounted


def kept(found: settlement.Settlement) -> dict[str, settlement.Uncounted]:
    return {one.what: one.kind for one in found.kept_out}


def test_a_test_that_breaks_labels_the_change_broken() -> None:
    found = settle(ran(report(test_a=FAIL, test_b=PASS)))
    assert (found.label, outcome(found, A), outcome(found, B)) == (BROKEN, (FAIL, None), (PASS, None))
    assert A in found.why
    assert found.outcomes[A].seconds == 1.5
    assert found.first_broken == NOON + timedelta(minutes=5)


def test_tests_that_all_pass_label_it_sound() -> None:
    found = settle(ran(report(test_a=PASS, test_b=PASS)))
    assert (found.label, found.kept_out, found.first_broken, found.timed_out) == (SOUND, (), None, False)
    assert (found.unselected, found.unreported, found.unmatched) == (0, 0, 0)


def test_without_a_job_there_is_nothing_to_settle() -> None:
    with pytest.raises(ValueError, match="without a job"):
        settle()


# The tree that is judged


@pytest.mark.parametrize(
    ("tested", "tree", "fast_forward", "counts"),
    [
        (MERGE, MERGE, False, True),
        (HEAD, MERGE, False, False),
        (HEAD, MERGE, True, True),
        (GROUP, MERGE, True, False),
        (HEAD, HEAD, False, True),
        (MERGE, HEAD, False, False),
        (MERGE, HEAD, True, True),
        (GROUP, GROUP, False, True),
        (HEAD, GROUP, True, False),
    ],
)
def test_a_job_counts_if_it_tested_the_tree_that_was_judged(
    tested: job.Tested, tree: job.Tested, *, fast_forward: bool, counts: bool
) -> None:
    found = settle(ran(report(test_a=FAIL), tested=tested), tree=tree, fast_forward=fast_forward)
    assert found.label is (BROKEN if counts else NONE)
    assert kept(found) == ({} if counts else {"tests": Kind.OTHER_TREE})
    assert bool(found.outcomes) is counts


def test_a_job_on_another_tree_leaves_one_on_the_judged_tree_alone() -> None:
    found = settle(ran(report(test_a=FAIL), tested=HEAD), ran(report(test_a=PASS), at=30))
    assert (found.label, outcome(found), kept(found)) == (SOUND, (PASS, None), {"tests": Kind.OTHER_TREE})
    assert found.began == NOON + timedelta(minutes=30)
    assert found.job_seconds == 300


# Which jobs are truth


def test_a_red_job_without_tests_says_nothing() -> None:
    found = settle(ran(name="lint", conclusion=Ended.FAILURE))
    assert (found.label, kept(found)) == (NONE, {"lint": Kind.NO_TESTS})
    assert "lint" in found.why


def test_a_green_job_without_tests_says_nothing_either() -> None:
    assert settle(ran(name="lint")).label is NONE


def test_a_red_linter_beside_green_tests_leaves_the_change_sound() -> None:
    assert settle(ran(name="lint", conclusion=Ended.FAILURE), ran(report(test_a=PASS))).label is SOUND


@pytest.mark.parametrize(("conclusion", "label"), [(Ended.FAILURE, BROKEN), (Ended.SUCCESS, SOUND)])
def test_a_job_that_the_configuration_names_is_truth_by_its_end_alone(
    conclusion: job.Conclusion, label: settlement.Label
) -> None:
    found = settle(ran(name="test (3.13)", conclusion=conclusion), checks=("unit", "test (*)"))
    assert (found.label, found.kept_out, found.outcomes) == (label, (), {})


def test_a_named_job_whose_tests_do_not_count_is_not_broken_by_its_end() -> None:
    found = settle(ran(report(test_a=PASS)), ran(report(test_a=FAIL), attempt=2, at=10), checks=("tests",))
    assert (found.label, kept(found)) == (NONE, {A: Kind.FLAKY})


def test_a_job_that_failed_though_its_tests_passed_says_nothing() -> None:
    found = settle(ran(report(test_a=PASS), conclusion=Ended.FAILURE))
    assert (found.label, outcome(found)) == (NONE, (PASS, None))
    assert "none of the tests" in found.why


def test_a_report_without_tests_does_not_make_a_change_sound() -> None:
    assert settle(ran(report())).label is NONE
    assert settle(ran(report(test_a=SKIP))).label is NONE


# Flaky


def test_a_test_that_fails_and_passes_when_its_job_is_run_again_is_flaky() -> None:
    found = settle(ran(report(test_a=FAIL, test_b=PASS)), ran(report(test_a=PASS, test_b=PASS), attempt=2, at=10))
    assert (outcome(found), outcome(found, B)) == ((PASS, Kind.FLAKY), (PASS, None))
    assert (found.label, kept(found)) == (SOUND, {A: Kind.FLAKY})


def test_a_test_that_fails_again_is_broken() -> None:
    found = settle(ran(report(test_a=FAIL)), ran(report(test_a=ERROR), attempt=2, at=10))
    assert (found.label, outcome(found)) == (BROKEN, (ERROR, None))


def test_a_test_with_both_results_in_one_report_is_flaky() -> None:
    found = settle(ran(report(flaky=["test_a"], test_a=PASS, test_b=PASS)))
    assert (outcome(found), kept(found)) == ((PASS, Kind.FLAKY), {A: Kind.FLAKY})


def test_a_test_with_both_results_in_duplicate_jobs_is_flaky() -> None:
    found = settle(ran(report(test_a=PASS), id="one"), ran(report(test_a=FAIL), id="two"))
    assert outcome(found)[1] is Kind.FLAKY
    assert found.label is NONE


def test_a_test_that_only_an_earlier_attempt_ran_keeps_its_result() -> None:
    found = settle(ran(report(test_a=FAIL, test_b=PASS)), ran(report(test_b=PASS), attempt=2, at=10))
    assert (found.label, outcome(found)) == (BROKEN, (FAIL, None))


def test_a_test_that_a_later_attempt_skips_keeps_its_result() -> None:
    found = settle(ran(report(test_a=FAIL)), ran(report(test_a=SKIP), attempt=2, at=10, conclusion=Ended.FAILURE))
    assert (found.label, outcome(found)) == (BROKEN, (FAIL, None))


def test_a_named_job_that_failed_and_passed_is_flaky() -> None:
    found = settle(ran(conclusion=Ended.FAILURE), ran(attempt=2, at=10), checks=("tests",))
    assert (found.label, kept(found)) == (NONE, {"tests": Kind.FLAKY})


def test_an_attempt_that_failed_before_its_tests_does_not_make_the_next_flaky() -> None:
    found = settle(ran(conclusion=Ended.FAILURE), ran(report(test_a=PASS), attempt=2, at=10))
    assert (found.label, found.kept_out) == (SOUND, ())


def test_a_test_that_is_flaky_on_base_is_flaky_where_it_breaks() -> None:
    base = ran(report(test_a=FAIL), tested=HEAD), ran(report(test_a=PASS), tested=HEAD, attempt=2, at=10)
    assert outcome(settle(ran(report(test_a=FAIL)), base=base))[1] is Kind.FLAKY
    assert outcome(settle(ran(report(test_a=PASS)), base=base)) == (PASS, None)


# Infrastructure, cancelled, skipped


@pytest.mark.parametrize(
    ("conclusion", "kind"),
    [
        (Ended.STARTUP_FAILURE, Kind.INFRASTRUCTURE),
        (Ended.STALE, Kind.INFRASTRUCTURE),
        (Ended.ACTION_REQUIRED, Kind.INFRASTRUCTURE),
        (Ended.ERROR, Kind.INFRASTRUCTURE),
        (Ended.CANCELLED, Kind.CANCELLED),
        (Ended.SKIPPED, Kind.SKIPPED),
        (Ended.NEUTRAL, Kind.SKIPPED),
    ],
)
def test_a_job_that_ended_otherwise_is_kept_out_with_its_tests(
    conclusion: job.Conclusion, kind: settlement.Uncounted
) -> None:
    found = settle(ran(report(test_a=FAIL), conclusion=conclusion), checks=("tests",))
    assert (found.label, found.outcomes, kept(found)) == (NONE, {}, {"tests": kind})


@pytest.mark.parametrize(
    "remark",
    [
        LOST,
        "The self-hosted runner: x lost communication with the server. Verify the machine is running",
        "The runner has received a shutdown signal. This can happen when the runner service is stopped",
        "The job was not acquired by Runner of type hosted even after multiple attempts",
        "GitHub Actions has encountered an internal error when running your job.",
        "The job was not started because recent account payments have failed",
        "System.IO.IOException: No space left on device : '/home/runner/_diag/x.log'",
        "OSError: [Errno 28] No space left on device",
    ],
)
@pytest.mark.parametrize("conclusion", [Ended.FAILURE, Ended.CANCELLED])
def test_a_job_whose_runner_was_lost_is_kept_out(remark: str, conclusion: job.Conclusion) -> None:
    remarks = ("The operation was canceled.", remark)
    found = settle(ran(report(test_a=FAIL), conclusion=conclusion, remarks=remarks))
    assert (found.label, kept(found)) == (NONE, {"tests": Kind.INFRASTRUCTURE})


def test_a_remark_that_only_mentions_such_words_says_nothing() -> None:
    remarks = ("assert 'The runner has received a shutdown signal' in log", "Process completed with exit code 1.")
    assert settle(ran(report(test_a=FAIL), remarks=remarks)).label is BROKEN


@pytest.mark.parametrize(
    "step",
    [
        "Set up job",
        "Initialize containers",
        "Run actions/checkout@v5",
        "actions/setup-python@v6",
        "Set up Python 3.13",
        "Run astral-sh/setup-uv@v7",
    ],
)
def test_a_step_that_fails_before_the_tests_is_no_fault_of_the_change(step: str) -> None:
    failed = ran(conclusion=Ended.FAILURE, failed_steps=(step,))
    assert kept(settle(failed, checks=("tests",))) == {"tests": Kind.INFRASTRUCTURE}


def test_a_step_of_the_project_that_fails_is() -> None:
    failed = ran(conclusion=Ended.FAILURE, failed_steps=("Set up job", "Run pip install ."))
    assert settle(failed, checks=("tests",)).label is BROKEN


def test_an_attempt_that_was_lost_leaves_the_next_one_alone() -> None:
    lost = ran(conclusion=Ended.FAILURE, remarks=(LOST,))
    found = settle(lost, ran(report(test_a=PASS), attempt=2, at=10))
    assert (found.label, kept(found)) == (SOUND, {"tests": Kind.INFRASTRUCTURE})


# Time limits


@pytest.mark.parametrize(
    ("conclusion", "remarks"),
    [
        (Ended.TIMED_OUT, ()),
        (Ended.CANCELLED, (LIMIT, "The operation was canceled.")),
        (
            Ended.CANCELLED,
            ("The job running on runner GitHub Actions 2 has exceeded the maximum execution time of 360 minutes.",),
        ),
        (Ended.FAILURE, ("The action 'Run pytest' has timed out after 10 minutes.",)),
    ],
)
def test_a_test_job_that_its_time_limit_ended_is_a_hang(conclusion: job.Conclusion, remarks: tuple[str, ...]) -> None:
    base = [ran(report(test_a=PASS), tested=HEAD)]
    found = settle(ran(conclusion=conclusion, remarks=remarks), base=base)
    assert (found.label, found.timed_out, found.outcomes, found.unreported) == (BROKEN, True, {}, 2)
    assert found.first_broken == NOON + timedelta(minutes=5)


def test_a_job_that_hangs_on_base_too_is_not_held_against_the_change() -> None:
    stuck = ran(conclusion=Ended.TIMED_OUT)
    found = settle(stuck, base=[dataclasses.replace(stuck, tested=HEAD)], checks=("tests",))
    assert (found.label, found.timed_out, kept(found)) == (NONE, False, {"tests": Kind.RED_ON_BASE})


def test_a_job_that_hung_and_then_did_not_is_flaky() -> None:
    found = settle(ran(conclusion=Ended.TIMED_OUT), ran(report(test_a=PASS), attempt=2, at=90))
    assert (found.label, found.timed_out, kept(found)) == (NONE, False, {"tests": Kind.FLAKY})
    again = settle(ran(report(test_a=PASS)), ran(conclusion=Ended.TIMED_OUT, attempt=2, at=90))
    assert (again.timed_out, kept(again)) == (False, {"tests": Kind.FLAKY})


def test_a_linter_that_its_time_limit_ended_is_no_hang() -> None:
    found = settle(ran(name="lint", conclusion=Ended.TIMED_OUT))
    assert (found.timed_out, kept(found)) == (False, {"lint": Kind.NO_TESTS})


def test_a_job_of_a_matrix_that_runs_tests_runs_tests_too() -> None:
    found = settle(ran(report(test_a=PASS), name="tests (3.12)"), ran(name="tests (3.13)", conclusion=Ended.TIMED_OUT))
    assert (found.label, found.timed_out) == (BROKEN, True)


def test_what_a_job_that_was_cut_off_does_not_name_has_not_passed() -> None:
    found = settle(ran(summary(50), conclusion=Ended.TIMED_OUT))
    assert found.outcomes == {}


# Already red on base


def test_a_test_that_fails_on_base_too_is_not_held_against_the_change() -> None:
    found = settle(ran(report(test_a=FAIL, test_b=PASS)), base=[ran(report(test_a=ERROR), tested=HEAD)])
    assert (outcome(found), kept(found)) == ((FAIL, Kind.RED_ON_BASE), {A: Kind.RED_ON_BASE})
    assert found.label is SOUND


def test_base_is_asked_in_the_job_of_the_same_name() -> None:
    base = [ran(report(test_a=FAIL), tested=HEAD, name="tests (3.9)"), ran(report(test_a=PASS), tested=HEAD)]
    assert outcome(settle(ran(report(test_a=FAIL)), base=base)) == (FAIL, None)


def test_base_is_what_was_pushed_not_what_was_merged_into_it() -> None:
    assert outcome(settle(ran(report(test_a=FAIL)), base=[ran(report(test_a=FAIL), tested=MERGE)])) == (FAIL, None)
    assert (
        outcome(settle(ran(report(test_a=FAIL)), base=[ran(report(test_a=FAIL), tested=GROUP)]))[1] is Kind.RED_ON_BASE
    )


def test_a_test_that_was_said_to_fail_already_is_believed_where_ci_says_nothing_of_base() -> None:
    assert outcome(settle(ran(report(test_a=FAIL)), failing=[A]))[1] is Kind.RED_ON_BASE


def test_what_ci_says_of_base_goes_before_what_was_said() -> None:
    base = [ran(report(test_a=PASS), tested=HEAD)]
    found = settle(ran(report(test_a=FAIL)), base=base, failing=[A])
    assert (found.label, outcome(found)) == (BROKEN, (FAIL, None))


def test_a_named_job_that_fails_on_base_too_is_not_held_against_the_change() -> None:
    red = ran(conclusion=Ended.FAILURE)
    found = settle(red, base=[dataclasses.replace(red, tested=HEAD)], checks=("tests",))
    assert (found.label, kept(found)) == (NONE, {"tests": Kind.RED_ON_BASE})


def test_a_test_that_was_not_predicted_and_fails_on_base_is_no_miss() -> None:
    found = settle(ran(report(test_z=FAIL, test_a=PASS)), base=[ran(report(test_z=FAIL), tested=HEAD)])
    assert (found.missed, found.label) == ((), SOUND)


# Forgiven


def test_a_test_that_breaks_in_a_job_that_ended_well_is_not_held_against_the_change() -> None:
    found = settle(ran(report(test_a=FAIL, test_z=FAIL, test_b=PASS), conclusion=Ended.SUCCESS))
    assert (found.label, outcome(found), found.missed) == (SOUND, (FAIL, Kind.FORGIVEN), ())
    assert kept(found) == {A: Kind.FORGIVEN, "tests.test_a::test_z": Kind.FORGIVEN}


# Matrix


def matrix(first: prediction.Outcome, second: prediction.Outcome) -> settlement.Settlement:
    return settle(ran(report(test_a=first), name="tests (3.12)"), ran(report(test_a=second), name="tests (3.13)", at=2))


def test_a_test_is_broken_if_it_breaks_in_any_job() -> None:
    found = matrix(PASS, FAIL)
    assert (found.label, outcome(found)) == (BROKEN, (FAIL, None))
    assert found.first_broken == NOON + timedelta(minutes=7)


def test_a_test_passed_if_it_passed_somewhere_and_broke_nowhere() -> None:
    assert outcome(matrix(SKIP, PASS)) == (PASS, None)


def test_a_test_is_skipped_only_if_it_is_skipped_everywhere() -> None:
    assert outcome(matrix(SKIP, SKIP)) == (SKIP, Kind.SKIPPED)
    assert kept(matrix(SKIP, SKIP))[A] is Kind.SKIPPED
    assert A not in kept(matrix(SKIP, PASS))


def test_a_test_that_is_flaky_in_one_job_and_breaks_in_another_is_broken() -> None:
    found = settle(
        ran(report(flaky=["test_a"], test_a=PASS), name="tests (3.12)"), ran(report(test_a=FAIL), name="tests (3.13)")
    )
    assert (found.label, outcome(found)) == (BROKEN, (FAIL, None))
    assert kept(found) == {A: Kind.FLAKY}


def test_several_reports_of_one_job_are_of_several_pythons() -> None:
    both = job.Report(source=job.Source.REPORT, tests=(*report(test_a=FAIL).tests, *report(test_a=PASS).tests))
    assert outcome(settle(ran(both))) == (FAIL, None)


# Tests that were not predicted, and those that were and are not reported


def test_a_broken_test_that_was_not_predicted_breaks_the_change_and_was_missed() -> None:
    found = settle(ran(report(test_z=FAIL, test_a=PASS)))
    assert (found.label, found.missed) == (BROKEN, ("tests.test_a::test_z",))
    assert (found.unselected, found.unreported) == (1, 1)


def test_a_broken_test_whose_name_fits_none_breaks_the_change_and_is_no_miss() -> None:
    tests = (job.Reported(classname="tests.test_a", name="test_a[3]", outcome=FAIL),)
    found = settle(ran(job.Report(source=job.Source.REPORT, tests=tests)))
    assert (found.label, found.missed, found.unmatched, found.unselected) == (BROKEN, (), 1, 0)


def test_a_module_that_cannot_be_imported_breaks_all_its_tests() -> None:
    module = job.Reported(classname="", name="tests.test_a", outcome=ERROR)
    found = settle(ran(job.Report(source=job.Source.REPORT, tests=(module,))))
    assert (outcome(found, A), outcome(found, B)) == ((ERROR, None), (ERROR, None))


# Summaries


def test_what_a_complete_summary_does_not_name_did_not_fail() -> None:
    found = settle(ran(summary(40, test_a=FAIL)))
    assert (outcome(found, A), outcome(found, B)) == ((FAIL, None), (PASS, None))
    assert settle(ran(summary(40))).label is SOUND


def test_what_a_summary_cannot_have_counted_has_not_passed() -> None:
    found = settle(ran(summary(1)))
    assert (found.outcomes, found.unreported, found.label) == ({}, 2, SOUND)


def test_what_a_summary_tells_nothing_of_is_not_known() -> None:
    found = settle(ran(summary(None, test_a=FAIL)))
    assert (outcome(found, A), B in found.outcomes) == ((FAIL, None), False)


def test_a_test_that_is_to_be_skipped_has_not_passed_because_no_summary_names_it() -> None:
    predicted = [judging.Predicted(test=A, outcome=SKIP), judging.Predicted(test=B, outcome=PASS)]
    found = judging.settle(predicted, [ran(summary(40))], tree=MERGE)
    assert list(found.outcomes) == [B]


def test_a_failure_that_the_next_summary_does_not_name_is_flaky() -> None:
    jobs = ran(summary(39, test_a=FAIL, test_z=FAIL)), ran(summary(41), attempt=2, at=10)
    found = settle(*jobs)
    assert (outcome(found)[1], found.missed) == (Kind.FLAKY, ())


def test_a_summary_that_cannot_be_read_leaves_the_job_s_end() -> None:
    unread = summary(None, why="In 1 of 1 runs of pytest the names do not fit the counts.")
    assert settle(ran(unread, conclusion=Ended.FAILURE)).label is BROKEN
    base = [ran(unread, conclusion=Ended.FAILURE, tested=HEAD)]
    assert settle(ran(unread, conclusion=Ended.FAILURE), base=base).label is NONE
    found = settle(ran(summary(40)), ran(unread, conclusion=Ended.FAILURE, attempt=2, at=10))
    assert (found.label, kept(found)) == (NONE, {"tests": Kind.FLAKY})


# The whole


def test_times_are_those_of_all_jobs_on_the_tree_and_carried_over_jobs_count_once() -> None:
    green = ran(report(test_a=PASS), name="a")
    jobs = green, ran(report(test_a=PASS), name="a", attempt=2, id="carried over"), ran(name="lint", at=20)
    found = settle(*jobs)
    assert (found.began, found.ended) == (NOON, NOON + timedelta(minutes=25))
    assert found.job_seconds == 600
    assert found.known == NOON + timedelta(minutes=26)


def test_a_job_that_never_ran_has_no_times() -> None:
    found = settle(ran(conclusion=Ended.SKIPPED, started=None, completed=None))
    assert (found.began, found.ended, found.job_seconds) == (None, None, 0)


def test_lists_are_bounded() -> None:
    tests = {f"test_{number}": FAIL for number in range(judging.LISTED + 50)}
    found = settle(ran(report(**tests)))
    assert len(found.missed) == judging.LISTED
    assert len(settle(ran(report(flaky=list(tests), **tests))).kept_out) == judging.LISTED


REPORTS = st.one_of(
    st.just(NOTHING),
    st.dictionaries(
        st.sampled_from(["test_a", "test_b", "test_b[1]", "test_z"]),
        st.sampled_from([PASS, FAIL, SKIP, HANG]),
        max_size=4,
    ).map(lambda outcomes: report(**outcomes)),
    st.builds(summary, st.one_of(st.none(), st.integers(0, 9)), st.sampled_from(["", "cut"])),
)
JOBS = st.lists(
    st.builds(
        ran,
        REPORTS,
        name=st.sampled_from(["tests (1)", "tests (2)", "lint"]),
        tested=st.sampled_from([MERGE, HEAD, GROUP]),
        attempt=st.integers(1, 3),
        at=st.integers(0, 2),
        conclusion=st.sampled_from([*Ended, Ended.SUCCESS, Ended.FAILURE, Ended.FAILURE]),
        remarks=st.sampled_from([(), (LIMIT,), (LOST,)]),
        id=st.uuids().map(str),
    ),
    min_size=1,
    max_size=6,
)


@given(JOBS, JOBS, st.sampled_from([(), ("tests*",)]), st.integers())
def test_the_order_of_jobs_matters_to_nothing(
    jobs: list[job.Job],
    base: list[job.Job],
    checks: tuple[str, ...],
    seed: int,
) -> None:
    chance = random.Random(seed)
    mixed, before = chance.sample(jobs, len(jobs)), chance.sample(base, len(base))
    for fast_forward in (False, True):
        found = settle(*jobs, base=base, checks=checks, fast_forward=fast_forward)
        assert settle(*mixed, base=before, checks=checks, fast_forward=fast_forward) == found


@given(JOBS, JOBS, st.sampled_from([(), ("tests*",)]))
def test_a_label_has_its_grounds(jobs: list[job.Job], base: list[job.Job], checks: tuple[str, ...]) -> None:
    found = settle(*jobs, base=base, checks=checks)
    counted = [one for one in found.outcomes.values() if one.uncounted is None]
    if any(one.outcome.broken for one in counted) or found.missed or found.timed_out:
        assert found.label is BROKEN
    assert (found.first_broken is not None) is (found.label is BROKEN)
    assert found.unreported == sum(test not in found.outcomes for test in (A, B))
    assert found.why.endswith(".")
    if found.label is NONE and len({one.tested for one in jobs} & {MERGE}) == 0:
        assert "not tested the tree" in found.why
