"""What GitHub tells of CI, as values; and which job reported what."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import hypothesis
import pytest
from hypothesis import strategies

from gatekeeper import errors, hosted
from gatekeeper.forge import ci_reading, ci_reports
from gatekeeper.outcomes import archives, job
from gatekeeper.simulation import prediction
from tests import webhook_examples

_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_PLACE = hosted.Place(installation=3, repository=5, name="octo/hello")
_SHA = "a" * 40


def _job(name: str, number: int = 1, attempt: int = 1, begin: int = 0, **more: object) -> ci_reading.Job:
    """Return a job that ran for a minute from `begin` minutes after noon."""
    given: dict[str, object] = {
        "number": number,
        "attempt": attempt,
        "name": name,
        "conclusion": job.Conclusion.SUCCESS,
        "started": _NOON + timedelta(minutes=begin),
        "completed": _NOON + timedelta(minutes=begin + 1),
        "failed_steps": (),
        "steps": (),
        "check_run": None,
        "remarks": (),
        **more,
    }
    return ci_reading.Job(**given)  # type: ignore[arg-type]


def _artifact(name: str, seconds: float | None = 30) -> ci_reports.Artifact:
    created = None if seconds is None else _NOON + timedelta(seconds=seconds)
    return ci_reports.Artifact(id=1, name=name, size=1000, expired=False, created=created)


@pytest.mark.parametrize(
    ("name", "jobs", "owner"),
    [
        ("junit", ["test"], "test"),
        ("junit", ["lint"], "lint"),
        ("junit", ["lint", "test"], "test"),
        ("junit", ["unit-tests", "e2e"], None),
        ("test-results", ["test", "lint"], "test"),
        ("results-e2e", ["unit-tests", "e2e"], "e2e"),
        ("junit-3.11", ["test (3.11)", "test (3.1)", "lint"], "test (3.11)"),
        ("junit-3.1", ["test (3.11)", "test (3.1)"], "test (3.1)"),
        ("Results (ubuntu-latest, 3.12)", ["test (ubuntu-latest, 3.12)", "test (macos-latest, 3.12)"], "#0"),
        ("junit-3.12-slow", ["test (3.12)", "test (3.12, slow)"], "test (3.12, slow)"),
        ("junit-py312", ["test (3.11)", "test (3.12)"], None),
        ("junit-3.12", ["call / test (3.12)", "call / test (3.13)"], "call / test (3.12)"),
        ("unit", ["call / unit", "call / web"], "call / unit"),
        ("junit-3.12", ["test (3.12)", "lint (3.12)"], "test (3.12)"),
        ("junit-3.12", ["test (3.12)", "unit (3.12)"], None),
    ],
)
def test_an_artifact_is_given_to_the_job_that_its_name_has(name: str, jobs: list[str], owner: str | None) -> None:
    running = [_job(each, number) for number, each in enumerate(jobs)]

    found = ci_reports.owner(_artifact(name), running)

    assert (found and found.name) == (jobs[0] if owner == "#0" else owner)


@pytest.mark.parametrize(("seconds", "owner"), [(30, 1), (90, 2), (60.5, None), (300, None), (None, None)])
def test_an_artifact_is_given_to_the_job_that_ran_when_it_was_made(seconds: float | None, owner: int | None) -> None:
    running = [_job("test a", 1), _job("test b", 2, begin=1)]

    found = ci_reports.owner(_artifact("junit", seconds), running)

    assert (found and found.number) == owner


def test_a_job_that_was_skipped_uploaded_nothing() -> None:
    running = [_job("test", 1), _job("test", 2, conclusion=job.Conclusion.SKIPPED)]

    found = ci_reports.owner(_artifact("junit", None), running)

    assert found is running[0]


def test_what_an_attempt_took_over_is_left_out_and_twins_of_one_attempt_are_not() -> None:
    jobs = [_job("lint", 4, 2), _job("lint", 1), _job("lint", 2), _job("lint", 5, 2, begin=9)]

    assert [one.number for one in ci_reports.originals(jobs)] == [1, 2, 5]


@pytest.mark.parametrize(
    ("name", "steps", "ended", "worth"),
    [
        ("test (3.12)", [], job.Conclusion.SUCCESS, True),
        ("ci", [], job.Conclusion.FAILURE, True),
        ("ubuntu", [], job.Conclusion.TIMED_OUT, True),
        ("lint", [], job.Conclusion.FAILURE, False),
        ("lint and more", ["Run tox -e py312"], job.Conclusion.SUCCESS, True),
        ("Deploy docs", [], job.Conclusion.SUCCESS, False),
        ("test", [], job.Conclusion.CANCELLED, False),
        ("test", [], job.Conclusion.SKIPPED, False),
    ],
)
def test_which_logs_are_worth_reading(name: str, steps: list[str], ended: job.Conclusion, *, worth: bool) -> None:
    assert ci_reports.log_is_worth(_job(name, steps=tuple(steps), conclusion=ended)) is worth


def test_reports_outdo_summaries_and_all_reasons_are_kept() -> None:
    test = job.Reported(classname="", name="t", outcome=prediction.Outcome.PASS)
    whole = job.Report(source=job.Source.REPORT, tests=(test,), why="a")
    summary = job.Report(source=job.Source.SUMMARY, tests=(test, test), passed=9, why="b")

    assert ci_reports.together([summary, whole, whole]) == job.Report(
        source=job.Source.REPORT, tests=(test, test), why="b; a"
    )
    assert ci_reports.together([summary, summary]).passed == 18
    assert ci_reports.together([]) == job.Report(source=job.Source.NONE)


def test_of_many_reasons_some_are_told() -> None:
    whys = [job.Report(source=job.Source.NONE, why=str(number)) for number in range(7)]

    assert ci_reports.together([*whys, *whys]).why == "0; 1; 2; 3; 4; and 2 reasons more"


def test_no_more_tests_are_kept_than_a_job_may_have() -> None:
    test = job.Reported(classname="", name="t", outcome=prediction.Outcome.PASS)
    large = job.Report(source=job.Source.REPORT, tests=(test,) * 30_000)

    found = ci_reports.together([large, large])

    assert (len(found.tests), found.why) == (50_000, "of 60,000 tests the first 50,000 are kept")


def test_an_artifact_that_has_expired_or_is_too_large_is_not_asked_for() -> None:
    large = ci_reports.artifact(_listed(size_in_bytes=archives.ARTIFACT + 1))

    assert ci_reports.is_worth(large)
    assert ci_reports.unread(large) == "the artifact 'junit' has 50 MB, more than the 50 that are read"
    assert ci_reports.unread(ci_reports.artifact(_listed(expired=True))) == "the artifact 'junit' has expired"
    assert ci_reports.unread(ci_reports.artifact(_listed(created_at=None))) == ""


def _listed(**more: object) -> dict[str, object]:
    shown = {"id": 1, "name": "junit", "size_in_bytes": 10, "expired": False, "created_at": "2026-11-21T12:00:00Z"}
    return {**shown, **more}


def test_a_conclusion_that_is_not_known_counts_as_what_could_not_run() -> None:
    assert ci_reading.conclusion("stale") == (job.Conclusion.STALE, ())
    assert ci_reading.conclusion("shiny") == (
        job.Conclusion.ERROR,
        ("GitHub concludes 'shiny', which is not known here",),
    )


def test_a_job_without_steps_and_without_a_check_run_is_one() -> None:
    shown = {"id": 7, "status": "completed", "conclusion": None, "name": None, "started_at": "2026-11-21T12:00:00Z"}

    found = ci_reading.actions_job(shown)

    assert found is not None
    assert (found.number, found.attempt, found.name, found.steps, found.check_run) == (7, 1, "", (), None)
    assert found.conclusion is job.Conclusion.ERROR


def test_remarks_are_what_failures_say_once_and_bounded() -> None:
    shown = [
        {"annotation_level": "failure", "title": "T", "message": "m\x00\nn" + "x" * 999},
        {"annotation_level": "failure", "title": None, "message": "again"},
        {"annotation_level": "failure", "title": "", "message": "again"},
        {"annotation_level": "warning", "title": "", "message": "Node 16 is deprecated"},
        *({"annotation_level": "failure", "title": "", "message": str(number)} for number in range(50)),
    ]

    found = ci_reading.remarks(shown)

    assert found[0].startswith("T: m nxxx")
    assert found[1:3] == ("again", "0")
    assert (len(found[0]), len(found)) == (300, 20)


def test_what_others_recorded_of_runs_is_read() -> None:
    shown = [one.payload["workflow_run"] for one in webhook_examples.every() if one.event == "workflow_run"]
    places = [hosted.Place(installation=3, repository=one["repository"]["id"], name="n") for one in shown]

    found = [ci_reading.run(place, one) for place, one in zip(places, shown, strict=True)]

    assert shown
    assert [one and (one.id, one.attempt, one.sha, one.workflow, one.path) for one in found] == [
        (one["id"], one["run_attempt"], one["head_sha"], one["name"] or one["path"], one.get("path", ""))
        for one in shown
    ]


def test_what_others_recorded_of_jobs_is_read() -> None:
    shown = [one.payload["workflow_job"] for one in webhook_examples.every() if one.event == "workflow_job"]
    ended = [one for one in shown if one["status"] == "completed"]

    found = [one for each in shown if (one := ci_reading.actions_job(each)) is not None]

    assert ended
    assert [(one.number, one.name, one.conclusion, one.check_run) for one in found] == [
        (one["id"], one["name"], one["conclusion"], int(one["check_run_url"].rpartition("/")[2])) for one in ended
    ]
    assert all(one.started and one.completed and one.started <= one.completed for one in found)


def test_what_others_recorded_of_check_runs_and_statuses_is_read() -> None:
    checks = [one.payload["check_run"] for one in webhook_examples.every() if one.event == "check_run"]
    statuses = [one.payload for one in webhook_examples.every() if one.event == "status"]

    runs = ci_reading.check_jobs(checks, _SHA, job.Tested.HEAD, 1, _NOON)
    states = ci_reading.status_jobs(statuses, _SHA, job.Tested.HEAD, _NOON)

    others = [one for one in checks if one["app"].get("slug") != ci_reading.ACTIONS]
    assert len(runs.jobs) == sum(one["status"] == "completed" for one in others)
    assert runs.jobs
    assert {one.name for one in states.jobs} <= {one["context"] for one in statuses}
    assert states.jobs


_VALUES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=20),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(max_size=9), inner),
    max_leaves=10,
)
_FIELDS = ("id", "status", "conclusion", "name", "event", "run_attempt", "head_sha", "path", "repository", "steps")
_MORE = ("started_at", "completed_at", "check_run_url", "app", "context", "state", "created_at", "size_in_bytes")
_SHOWN = strategies.fixed_dictionaries({}, optional=dict.fromkeys((*_FIELDS, *_MORE), _VALUES)) | _VALUES


@hypothesis.given(_SHOWN)
def test_whatever_is_answered_is_a_value_or_an_answer_that_does_not_count(shown: object) -> None:
    reads: list[Callable[[], object]] = [
        lambda: ci_reading.run(_PLACE, shown),
        lambda: ci_reading.actions_job(shown),
        lambda: ci_reading.check_jobs([shown], _SHA, job.Tested.HEAD, 1, _NOON),
        lambda: ci_reading.status_jobs([shown], _SHA, job.Tested.HEAD, _NOON),
        lambda: ci_reading.remarks([shown]),
        lambda: ci_reports.artifact(shown),
    ]
    for read in reads:
        try:
            read()
        except errors.ForgeError:
            continue
