"""Reviews compared with what CI did: what is kept of it, on the databases that it may be kept in."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy

from gatekeeper.accuracy import counts
from gatekeeper.outcomes import job, settlement
from gatekeeper.simulation import prediction
from gatekeeper.store import database, jobs, outcomemodels, records, repositories
from gatekeeper.workflows import settling
from tests.integration import outcome_samples as samples
from tests.integration.outcome_samples import ERROR, FAIL, NOW, PASS, SKIP, head, ran, said

pytestmark = pytest.mark.enable_socket

TESTS = {"test_add": FAIL, "test_sub": PASS, "test_mul": PASS}


def _recorded(engine: sqlalchemy.Engine, number: int = 1, *, at: datetime = NOW) -> str:
    """Record a review that says of two tests that they would fail, of which `TESTS` has one right."""
    done = samples.reviewed(number, [said("test_add", FAIL), said("test_sub"), said("test_mul", FAIL)], at=at)
    samples.record(engine, done, pull=number)
    return done.id


def _came(engine: sqlalchemy.Engine, *found: job.Job) -> tuple[settling.Settled, ...]:
    with database.writing(engine) as session:
        repository = repositories.known(session, samples.PLACE.name, samples.PLACE.repository)
    for one in found:
        settling.keep(engine, repository, [one])
    return settling.settle_commit(engine, repository, found[0].sha, NOW + timedelta(hours=1))


def _rows(engine: sqlalchemy.Engine, query: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sqlalchemy.text(query))]


def _all(engine: sqlalchemy.Engine) -> list[Any]:
    """Return everything that settling writes."""
    tables = (
        "settlements ORDER BY review_id",
        "scores ORDER BY review_id, engine, unit",
        "rollups ORDER BY day, engine, unit",
        "days ORDER BY day",
        "test_records ORDER BY key",
        "decisions ORDER BY review_id, position",
    )
    return [_rows(engine, f"SELECT * FROM {table}") for table in tables]


def _gate(engine: sqlalchemy.Engine, day: date, unit: str = "test") -> counts.Counts | None:
    row = outcomemodels.Rollup
    with database.session(engine) as session:
        query = sqlalchemy.select(row.counts).where(row.day == day, row.engine == "gate", row.unit == unit)
        found = session.scalar(query)
        return None if found is None else counts.from_json(found)


def test_every_prediction_gets_the_outcome_that_ci_reported(engine: sqlalchemy.Engine) -> None:
    review = _recorded(engine)

    done = _came(engine, ran(head(1), TESTS))

    assert [(one.review, one.label) for one in done] == [(review, settlement.Label.BROKEN)]
    query = "SELECT outcome, uncounted FROM decisions ORDER BY position"
    assert _rows(engine, query) == [("fail", None), ("pass", None), ("pass", None)]


def test_what_a_review_said_is_scored_by_day_for_tests_and_for_the_pull_request(engine: sqlalchemy.Engine) -> None:
    _recorded(engine)

    _came(engine, ran(head(1), TESTS))

    tests, change = _gate(engine, NOW.date()), _gate(engine, NOW.date(), "pull_request")
    assert tests is not None
    assert change is not None
    of = tests.confusion
    assert (of.true_positives, of.false_positives, of.true_negatives, of.false_negatives) == (1, 1, 1, 0)
    assert change.confusion.true_positives == change.total == 1
    engines = {engine for (engine,) in _rows(engine, "SELECT DISTINCT engine FROM scores")}
    assert engines == {"gate", "sandbox", "parrot", "historical"}


def test_times_and_cost_are_those_of_the_review_and_of_the_jobs(engine: sqlalchemy.Engine) -> None:
    _recorded(engine)

    _came(engine, ran(head(1), TESTS, after=timedelta(minutes=10), minutes=8))

    columns = "verdict_seconds, ci_seconds, job_seconds, saved_seconds, cpu_seconds, tokens"
    (found,) = _rows(engine, f"SELECT {columns} FROM settlements")
    # asked two seconds before it began, done two seconds after; the job's eight minutes ran after that
    assert found == pytest.approx((4.0, 602.0, 480.0, 480.0, 1.5, 0))


def test_settling_again_changes_nothing(engine: sqlalchemy.Engine) -> None:
    _recorded(engine)
    _came(engine, ran(head(1), TESTS))
    before = _all(engine)

    _came(engine, ran(head(1), TESTS))

    assert _all(engine) == before


def test_an_outcome_that_changes_moves_the_score_and_the_tests_record(engine: sqlalchemy.Engine) -> None:
    _recorded(engine)
    _came(engine, ran(head(1), {**TESTS, "test_sub": FAIL}))
    counted = "SELECT predicted, wrong FROM test_records WHERE key = 'tests.test_sums::test_sub'"
    assert _rows(engine, counted) == [(1, 1)]

    # run again: it passes, so that it is flaky and counts no more
    _came(engine, ran(head(1), TESTS, attempt=2))

    assert _rows(engine, counted) == [(0, 0)]
    assert _rows(engine, "SELECT outcome, uncounted FROM decisions WHERE position = 1") == [("pass", "flaky")]
    tests = _gate(engine, NOW.date())
    assert tests is not None
    assert tests.total == 2


def test_a_job_is_counted_once_in_its_tests_history(engine: sqlalchemy.Engine) -> None:
    for _ in range(2):
        _came(engine, ran(head(1), TESTS))

    found = _rows(engine, "SELECT key, runs, failures, flaky, last_outcome, seconds FROM test_records ORDER BY key")
    assert found == [
        ("tests.test_sums::test_add", 1, 1, 0, "fail", 0.25),
        ("tests.test_sums::test_mul", 1, 0, 0, "pass", 0.25),
        ("tests.test_sums::test_sub", 1, 0, 0, "pass", 0.25),
    ]


def test_a_commit_on_which_a_test_had_both_results_counts_once_as_flaky(engine: sqlalchemy.Engine) -> None:
    _came(engine, ran(head(1), {"test_add": FAIL}))
    _came(engine, ran(head(1), {"test_add": PASS}, attempt=2))
    _came(engine, ran(head(1), {"test_add": FAIL}, attempt=3))
    _came(engine, ran(head(2), {"test_add": PASS}))

    assert _rows(engine, "SELECT runs, failures, flaky FROM test_records") == [(4, 2, 1)]


def test_jobs_of_other_names_do_not_make_a_test_flaky(engine: sqlalchemy.Engine) -> None:
    _came(engine, ran(head(1), {"test_add": FAIL}, name="3.11"), ran(head(1), {"test_add": PASS}, name="3.12"))

    assert _rows(engine, "SELECT flaky FROM test_records") == [(0,)]


def test_a_skipped_test_is_no_run(engine: sqlalchemy.Engine) -> None:
    _came(engine, ran(head(1), {"test_add": PASS}), ran(head(2), {"test_add": SKIP}))

    assert _rows(engine, "SELECT runs, last_outcome FROM test_records") == [(1, "pass")]


def test_what_a_prediction_could_have_known_of_its_test_is_kept_with_it(engine: sqlalchemy.Engine) -> None:
    _came(engine, ran(head(8), {"test_add": PASS, "test_sub": PASS}, tested=job.Tested.HEAD))
    _came(engine, ran(head(9), {"test_add": ERROR}, tested=job.Tested.HEAD, after=timedelta(hours=1)))

    _recorded(engine, at=NOW + timedelta(hours=2))

    query = "SELECT last_outcome, failure_rate FROM decisions ORDER BY position"
    # the last has no history
    assert _rows(engine, query) == [("error", 0.5), ("pass", 0.0), (None, None)]


def test_a_run_that_began_within_the_repository_is_the_same_tests_history(engine: sqlalchemy.Engine) -> None:
    inner = ran(head(9), {"test_add": FAIL})
    test = replace(inner.report.tests[0], classname="test_sums")
    _came(engine, replace(inner, report=replace(inner.report, tests=(test,))))

    _recorded(engine)

    assert _rows(engine, "SELECT last_outcome FROM decisions WHERE position = 0") == [("fail",)]


def test_a_later_job_moves_the_review_to_the_day_on_which_that_was_known(engine: sqlalchemy.Engine) -> None:
    _recorded(engine)
    _came(engine, ran(head(1), TESTS))
    following = NOW.date() + timedelta(days=1)
    assert _gate(engine, following) is None

    _came(engine, ran(head(1), {"test_mul": FAIL}, name="slow", after=timedelta(days=1)))

    assert _gate(engine, NOW.date()) is None
    moved = _gate(engine, following)
    assert moved is not None
    assert moved.confusion.true_positives == 2


def test_a_day_adds_up_its_reviews(engine: sqlalchemy.Engine) -> None:
    _recorded(engine, 1)
    _recorded(engine, 2)
    _came(engine, ran(head(1), TESTS))

    ((day, reviews, settled),) = _rows(engine, "SELECT day, reviews, settled FROM days")
    assert (str(day), reviews, settled) == ("2026-11-21", 2, 1)
    with database.session(engine) as session:
        totals = session.scalars(sqlalchemy.select(outcomemodels.Day.totals)).one()
    assert (totals["would_fail"], totals["job_seconds"], totals["matched"]) == (2, 480.0, 3)


def test_a_test_that_was_red_on_the_base_is_kept_out(engine: sqlalchemy.Engine) -> None:
    _recorded(engine)
    _came(engine, ran(head(1), {"test_add": FAIL, "test_sub": FAIL, "test_mul": PASS}))

    # base's own CI is known later, and settles the reviews that go into it
    done = _came(engine, ran(samples.BASE, {"test_sub": FAIL}, tested=job.Tested.HEAD))

    assert [one.head for one in done] == [head(1)]
    assert _rows(engine, "SELECT uncounted FROM decisions WHERE position = 1") == [("red_on_base",)]


def test_nothing_is_settled_anew_once_the_reports_are_forgotten(engine: sqlalchemy.Engine) -> None:
    _recorded(engine)
    _came(engine, ran(head(1), TESTS))
    before = _all(engine)

    assert jobs.forget_tests(engine, NOW + timedelta(days=1)) == 1

    assert _came(engine, ran(head(1), {"test_add": PASS}, name="late")) == ()
    assert _all(engine)[:4] == before[:4]


def test_jobs_come_back_as_they_were_kept(engine: sqlalchemy.Engine) -> None:
    odd = job.Reported(classname="a\udc80\0", name="x[\N{SNOWMAN}]", outcome=FAIL, message="\0", flaky=True)
    kept = replace(
        ran(head(1), TESTS),
        remarks=("The operation was canceled.",),
        failed_steps=("Run \udcff",),
        report=job.Report(source=job.Source.SUMMARY, tests=(odd,), passed=3, why="cut"),
    )

    _came(engine, kept)

    with database.session(engine) as session:
        repository = repositories.find(session, samples.PLACE.name)
        assert repository is not None
        assert jobs.of_commit(session, repository, head(1)) == (kept,)


def test_a_status_that_is_set_again_takes_the_place_of_the_former(engine: sqlalchemy.Engine) -> None:
    status = replace(ran(head(1), {}), id=f"status/{head(1)}/ci", conclusion=job.Conclusion.FAILURE)
    _came(engine, status)

    _came(engine, replace(status, conclusion=job.Conclusion.SUCCESS))

    assert _rows(engine, "SELECT conclusion FROM jobs") == [("success",)]


def test_five_thousand_tests_are_settled(engine: sqlalchemy.Engine) -> None:
    names = [f"test_{number}[{number}]" for number in range(5_000)]
    done = samples.reviewed(1, [said(name) for name in names])
    samples.record(engine, done, pull=1)

    _came(engine, ran(head(1), dict.fromkeys(names, prediction.Outcome.PASS)))

    assert _rows(engine, "SELECT count(*) FROM decisions WHERE outcome = 'pass'") == [(5_000,)]
    tests = _gate(engine, NOW.date())
    assert tests is not None
    assert tests.confusion.true_negatives == 5_000


def test_a_review_recorded_without_the_service_is_compared_as_well(engine: sqlalchemy.Engine) -> None:
    done = samples.reviewed(1, [said("test_add", FAIL)], at=datetime(2026, 11, 21, 11, 59, tzinfo=UTC))
    records.record(engine, done)

    assert [one.label for one in _came(engine, ran(head(1), {"test_add": FAIL}))] == [settlement.Label.BROKEN]


def test_a_check_that_the_configuration_names_is_truth_without_a_report(engine: sqlalchemy.Engine) -> None:
    done = samples.reviewed(1, [said("test_add", FAIL)])
    samples.record(engine, done, pull=1, rules=replace(samples.RULES, checks=("jenkins/*",)))
    bare = replace(ran(head(1), {}), conclusion=job.Conclusion.FAILURE, report=job.Report(source=job.Source.NONE))

    # one that is not named says nothing
    assert [one.label for one in _came(engine, bare)] == [settlement.Label.NONE]

    named = replace(bare, id="check/7", name="jenkins/tests", workflow="")
    assert [one.label for one in _came(engine, named)] == [settlement.Label.BROKEN]
    change = _gate(engine, NOW.date(), "pull_request")
    assert change is not None
    assert change.confusion.true_positives == 1
