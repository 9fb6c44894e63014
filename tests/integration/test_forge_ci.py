"""What CI did, read from GitHub by the adapter."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gatekeeper import errors, hosted
from gatekeeper.forge import ci_run
from gatekeeper.outcomes import job
from gatekeeper.simulation import prediction
from tests.fakes.github import ci, faults
from tests.integration import ci_content, forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

Ask = Callable[[forge_setting.Setting, str], object]
LOST = "The hosted runner lost communication with the server."


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path) as setting:
        yield setting


def _collected(here: forge_setting.Setting, sha: str, known: frozenset[str] = frozenset()) -> dict[str, job.Job]:
    """Return the jobs of all runs on the commit by attempt and name."""
    runs = here.forge.ci.runs(here.place, sha)
    found = [one for run in runs for one in here.forge.ci.of_run(here.place, run, known).jobs]
    return {f"{one.attempt} {one.name}": one for one in found}


def _names(report: job.Report) -> dict[str, prediction.Outcome]:
    return {test.name: test.outcome for test in report.tests}


def _asked(here: forge_setting.Setting) -> list[str]:
    """Return which requests of the API were made, in short."""
    return [what.rpartition("/")[2] for what, _ in here.observed]


@pytest.mark.parametrize(
    ("event", "tested"),
    [
        ("pull_request", job.Tested.MERGE),
        ("pull_request_review", job.Tested.MERGE),
        ("push", job.Tested.HEAD),
        ("merge_group", job.Tested.GROUP),
        ("workflow_dispatch", job.Tested.HEAD),
        ("schedule", job.Tested.HEAD),
    ],
)
def test_a_run_tells_which_tree_its_event_tests(here: forge_setting.Setting, event: str, tested: job.Tested) -> None:
    pull = here.pull()
    made = here.world.ci.run(here.hello, pull.head_sha, ci.Planned(), event=event, name="Tests")

    (run,) = here.forge.ci.runs(here.place, pull.head_sha)

    assert (run.id, run.attempt, run.sha, run.tested, run.event) == (made.id, 1, pull.head_sha, tested, event)
    assert (run.workflow, run.path, run.conclusion) == ("Tests", ".github/workflows/ci.yml", job.Conclusion.SUCCESS)


@pytest.mark.parametrize("event", ["pull_request_target", "dynamic"])
def test_a_run_that_tests_another_tree_is_left_out(here: forge_setting.Setting, event: str) -> None:
    pull = here.pull()
    here.world.ci.run(here.hello, pull.head_sha, ci.Planned(), event=event)

    assert here.forge.ci.runs(here.place, pull.head_sha) == []


def test_runs_of_other_commits_are_not_among_them(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.ci.run(here.hello, pull.base_sha, ci.Planned(), event="push")

    assert here.forge.ci.runs(here.place, pull.head_sha) == []
    assert len(here.forge.ci.runs(here.place, pull.base_sha)) == 1


def test_where_actions_are_switched_off_there_are_no_runs(here: forge_setting.Setting) -> None:
    here.world.without_actions.append(here.hello)

    assert here.forge.ci.runs(here.place, here.pull().head_sha) == ()


def test_a_job_comes_with_the_report_that_it_uploaded(here: forge_setting.Setting) -> None:
    pull = here.pull()
    planned = ci.Planned(
        conclusion="failure", artifacts={"junit": ci_content.junit("test_a", "test_b", failed=("test_b",))}
    )
    made = here.world.ci.run(here.hello, pull.head_sha, planned)

    found = _collected(here, pull.head_sha)["1 test"]

    assert found.id == f"actions/{made.id}/1/{made.jobs[0].id}"
    assert (found.sha, found.tested, found.workflow) == (pull.head_sha, job.Tested.MERGE, "CI")
    assert (found.conclusion, found.failed_steps) == (job.Conclusion.FAILURE, ("Run pytest",))
    assert found.completed is not None
    assert found.started == found.completed - timedelta(seconds=60)
    assert found.report.source is job.Source.REPORT
    assert _names(found.report) == {"test_a": prediction.Outcome.PASS, "test_b": prediction.Outcome.FAIL}
    assert found.report.why == ""
    assert "logs" not in _asked(here)


def test_a_run_that_has_not_ended_costs_no_request(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.ci.run(here.hello, pull.head_sha, ci.Planned(), ended=False)
    (run,) = here.forge.ci.runs(here.place, pull.head_sha)
    assert run.conclusion is None
    here.observed.clear()

    assert here.forge.ci.of_run(here.place, run, frozenset()) == hosted.Collected(jobs=(), unfinished=1)
    assert here.observed == []


def test_what_is_known_is_not_read_again(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.ci.run(here.hello, pull.head_sha, ci.Planned(artifacts={"junit": ci_content.junit("test_a")}))
    known = frozenset(one.id for one in _collected(here, pull.head_sha).values())
    here.observed.clear()

    assert _collected(here, pull.head_sha, known) == {}
    assert _asked(here) == ["runs", "jobs"]


def test_a_job_without_a_report_tells_by_its_log(here: forge_setting.Setting) -> None:
    pull = here.pull()
    planned = ci.Planned(conclusion="failure", log=ci_content.log("test_b"))
    here.world.ci.run(here.hello, pull.head_sha, planned)

    found = _collected(here, pull.head_sha)["1 test"].report

    assert (found.source, found.passed, found.why) == (job.Source.SUMMARY, 3, "it uploaded no report")
    assert _names(found) == {"test_b": prediction.Outcome.FAIL}


def test_the_log_of_a_job_that_tests_nothing_is_not_read(here: forge_setting.Setting) -> None:
    pull = here.pull()
    lint = ci.Planned(
        name="lint", conclusion="failure", steps=[("Run ruff check", "failure")], log=ci_content.log("test_b")
    )
    skipped = ci.Planned(name="test", conclusion="skipped", seconds=0)
    here.world.ci.run(here.hello, pull.head_sha, lint, skipped)

    found = _collected(here, pull.head_sha)

    assert {one.report.source for one in found.values()} == {job.Source.NONE}
    assert found["1 lint"].failed_steps == ("Run ruff check",)
    assert found["1 test"].conclusion is job.Conclusion.SKIPPED
    assert "logs" not in _asked(here)


def test_how_a_job_ended_plays_no_part_in_whether_its_log_is_read(here: forge_setting.Setting) -> None:
    pull = here.pull()
    jobs = [
        ci.Planned(name=f"ci {word}", conclusion=word, steps=[], log=ci_content.log())
        for word in ("success", "failure")
    ]
    here.world.ci.run(here.hello, pull.head_sha, *jobs)

    found = _collected(here, pull.head_sha).values()

    assert [one.report.source for one in found] == [job.Source.SUMMARY] * 2


def test_the_runner_is_heard_where_a_job_failed_or_was_cancelled(here: forge_setting.Setting) -> None:
    pull = here.pull()
    limit = "The job running on runner X has exceeded the maximum execution time of 10 minutes."
    plans = [
        ci.Planned(name="test a", conclusion="failure", remarks=[LOST, LOST]),
        ci.Planned(name="test b", conclusion="cancelled", remarks=[limit, "The operation was canceled."]),
        ci.Planned(name="test c", remarks=["not asked for"]),
    ]
    here.world.ci.run(here.hello, pull.head_sha, *plans)

    found = _collected(here, pull.head_sha)

    assert found["1 test a"].remarks == (LOST,)
    assert found["1 test b"].remarks == (limit, "The operation was canceled.")
    assert found["1 test c"].remarks == ()
    assert _asked(here).count("annotations") == 2


def test_reports_of_a_matrix_go_to_the_jobs_that_their_names_have(here: forge_setting.Setting) -> None:
    pull = here.pull()
    plans = [
        ci.Planned(
            name=f"test ({version}, ubuntu-latest)",
            artifacts={f"results-ubuntu-latest-{version}": ci_content.junit(name)},
        )
        for version, name in (("3.1", "test_old"), ("3.11", "test_a"), ("3.12", "test_b"))
    ]
    here.world.ci.run(here.hello, pull.head_sha, *plans, ci.Planned(name="lint", steps=[]))

    found = _collected(here, pull.head_sha)

    assert {name: list(_names(one.report)) for name, one in found.items()} == {
        "1 test (3.1, ubuntu-latest)": ["test_old"],
        "1 test (3.11, ubuntu-latest)": ["test_a"],
        "1 test (3.12, ubuntu-latest)": ["test_b"],
        "1 lint": [],
    }


def test_a_report_goes_to_the_only_job_that_tests(here: forge_setting.Setting) -> None:
    pull = here.pull()
    plans = [
        ci.Planned(name="lint", steps=[]),
        ci.Planned(
            name="build",
            steps=[("Run make", "success"), ("Run pytest -q", "success")],
            artifacts={"x": ci_content.junit("t")},
        ),
    ]
    here.world.ci.run(here.hello, pull.head_sha, *plans)

    found = _collected(here, pull.head_sha)

    assert (found["1 build"].report.source, found["1 lint"].report.source) == (job.Source.REPORT, job.Source.NONE)


def test_a_report_goes_to_the_only_job_that_ran_at_the_time(here: forge_setting.Setting) -> None:
    pull = here.pull()
    plans = [
        ci.Planned(name="test unit", earlier=120, artifacts={"first": ci_content.junit("test_a")}),
        ci.Planned(name="test whole", artifacts={"second": ci_content.junit("test_b")}),
    ]
    here.world.ci.run(here.hello, pull.head_sha, *plans)

    found = _collected(here, pull.head_sha)

    assert list(_names(found["1 test unit"].report)) == ["test_a"]
    assert list(_names(found["1 test whole"].report)) == ["test_b"]


def test_a_report_that_may_be_of_several_jobs_is_given_to_none_of_them(here: forge_setting.Setting) -> None:
    pull = here.pull()
    plans = [
        ci.Planned(name="test (3.11)", log=ci_content.log()),
        ci.Planned(
            name="test (3.12)",
            conclusion="failure",
            log=ci_content.log("t"),
            artifacts={"junit": ci_content.junit("t", failed=("t",))},
        ),
    ]
    made = here.world.ci.run(here.hello, pull.head_sha, *plans)

    found = _collected(here, pull.head_sha)

    nobodys = found["1 CI: artifacts"]
    assert (nobodys.id, nobodys.conclusion) == (f"actions/{made.id}/1/artifacts", job.Conclusion.FAILURE)
    assert nobodys.completed == made.artifacts[0].created.replace(microsecond=0)
    assert _names(nobodys.report) == {"t": prediction.Outcome.FAIL}
    one = found["1 test (3.12)"].report
    assert (one.source, one.tests) == (job.Source.NONE, ())
    assert one.why == f"it uploaded no report; reports of its run are those of {nobodys.id}"
    assert "logs" not in _asked(here)
    assert _collected(here, pull.head_sha, frozenset(each.id for each in found.values())) == {}


def test_several_reports_of_a_job_are_one(here: forge_setting.Setting) -> None:
    pull = here.pull()
    artifacts = {
        "junit-unit": ci_content.junit("test_a"),
        "junit-web": ci_content.junit("test_b"),
        "coverage": {"coverage.xml": b"<coverage/>"},
    }
    here.world.ci.run(here.hello, pull.head_sha, ci.Planned(artifacts=artifacts))

    assert set(_names(_collected(here, pull.head_sha)["1 test"].report)) == {"test_a", "test_b"}


def test_each_attempt_is_a_job_and_what_is_taken_over_is_not(here: forge_setting.Setting) -> None:
    pull = here.pull()
    failing = ci.Planned(name="test", conclusion="failure", artifacts={"junit": ci_content.junit("t", failed=("t",))})
    made = here.world.ci.run(here.hello, pull.head_sha, failing, ci.Planned(name="lint", steps=[]))
    here.world.clock.advance(minutes=10)
    here.world.ci.rerun(made, ci.Planned(name="test", artifacts={"junit": ci_content.junit("t")}))

    found = _collected(here, pull.head_sha)

    assert sorted(found) == ["1 lint", "1 test", "2 test"]
    assert _names(found["1 test"].report) == {"t": prediction.Outcome.FAIL}
    assert _names(found["2 test"].report) == {"t": prediction.Outcome.PASS}
    assert here.forge.ci.runs(here.place, pull.head_sha)[0].attempt == 2


def test_what_is_nobodys_in_one_attempt_is_nobodys_in_the_next(here: forge_setting.Setting) -> None:
    pull = here.pull()
    failing = ci.Planned(
        name="test (3.12)", conclusion="failure", artifacts={"junit": ci_content.junit("t", failed=("t",))}
    )
    made = here.world.ci.run(here.hello, pull.head_sha, ci.Planned(name="test (3.11)"), failing)
    known = frozenset(one.id for one in _collected(here, pull.head_sha).values())
    here.world.clock.advance(minutes=10)
    here.world.ci.rerun(made, ci.Planned(name="test (3.12)", artifacts={"junit": ci_content.junit("t")}))

    for old in (frozenset[str](), known):
        found = _collected(here, pull.head_sha, old)
        assert _names(found["2 CI: artifacts"].report) == {"t": prediction.Outcome.PASS}
        assert found["2 test (3.12)"].report.tests == ()
        assert ("1 CI: artifacts" in found) == (not old)


def test_only_the_new_attempt_is_read_where_the_first_is_known(here: forge_setting.Setting) -> None:
    pull = here.pull()
    made = here.world.ci.run(
        here.hello, pull.head_sha, ci.Planned(artifacts={"junit": ci_content.junit("t", failed=("t",))})
    )
    known = frozenset(one.id for one in _collected(here, pull.head_sha).values())
    here.world.clock.advance(minutes=10)
    here.world.ci.rerun(made, ci.Planned(artifacts={"junit": ci_content.junit("t")}))
    here.observed.clear()

    assert list(_collected(here, pull.head_sha, known)) == ["2 test"]
    assert _asked(here) == ["runs", "jobs", "artifacts", "zip", "GET download".rpartition("/")[2]]


def test_a_run_of_everything_again_leaves_the_first_attempt_its_log(here: forge_setting.Setting) -> None:
    pull = here.pull()
    failing = ci.Planned(
        conclusion="failure", log=ci_content.log("t"), artifacts={"junit": ci_content.junit("t", failed=("t",))}
    )
    made = here.world.ci.run(here.hello, pull.head_sha, failing)
    here.world.clock.advance(minutes=10)
    here.world.ci.rerun(made, ci.Planned(artifacts={"junit": ci_content.junit("t")}), everything=True)

    found = _collected(here, pull.head_sha)

    assert (found["1 test"].report.source, found["2 test"].report.source) == (job.Source.SUMMARY, job.Source.REPORT)
    assert _names(found["1 test"].report) == {"t": prediction.Outcome.FAIL}


def test_lists_of_more_than_a_page_are_read_whole(here: forge_setting.Setting) -> None:
    pull = here.pull()
    plans = [ci.Planned(name=f"lint {number}", steps=[], seconds=number) for number in range(130)]
    here.world.ci.run(here.hello, pull.head_sha, *plans)

    found = _collected(here, pull.head_sha)

    assert len(found) == 130
    assert _asked(here).count("jobs") == 2


def test_of_more_jobs_than_are_read_it_is_told(here: forge_setting.Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ci_run, "_MOST_JOB_PAGES", 1)
    pull = here.pull()
    plans = [ci.Planned(name=f"lint {number}", steps=[], seconds=number) for number in range(101)]
    here.world.ci.run(here.hello, pull.head_sha, *plans)

    found = list(_collected(here, pull.head_sha).values())

    assert len(found) == 100
    assert found[-1].report.why.endswith("; the run has 101 jobs, of which 100 were read")


def test_logs_beyond_the_bound_are_not_read_and_it_says_so(here: forge_setting.Setting) -> None:
    pull = here.pull()
    plans = [ci.Planned(name=f"test {number}", log=ci_content.log()) for number in range(32)]
    here.world.ci.run(here.hello, pull.head_sha, *plans)

    found = _collected(here, pull.head_sha).values()

    assert _asked(here).count("logs") == 30
    assert [one.report.why for one in found if one.report.source is job.Source.NONE] == [
        "it uploaded no report; its log was not read, as those of 30 other jobs of the run were"
    ] * 2


def test_names_are_what_they_are_however_odd(here: forge_setting.Setting) -> None:
    pull = here.pull()
    odd = "test (\u202e3.11,\n<script>alert(1)</script>, 💥)" + "x" * 500
    here.world.ci.run(
        here.hello, pull.head_sha, ci.Planned(name=odd, artifacts={"../../🙂": ci_content.junit("t")}), name="../.."
    )

    ((_, found),) = _collected(here, pull.head_sha).items()

    assert found.name.startswith("test ( 3.11, <script>alert(1)</script>, 💥)xx")
    assert len(found.name) == 300
    assert found.workflow == "../.."
    assert found.report.source is job.Source.REPORT


def test_a_rate_limit_in_the_middle_is_told_and_the_same_is_read_after_it(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.ci.run(here.hello, pull.head_sha, ci.Planned(artifacts={"junit": ci_content.junit("t")}))
    (run,) = here.forge.ci.runs(here.place, pull.head_sha)
    here.world.faults = faults.each_once(faults.secondary_limit(30), lambda call: "/artifacts" in call.path)

    with pytest.raises(errors.RateLimitError) as caught:
        here.forge.ci.of_run(here.place, run, frozenset())
    assert caught.value.seconds == 30
    found = here.insist(lambda: here.forge.ci.of_run(here.place, run, frozenset()))

    assert [_names(one.report) for one in found.jobs] == [{"t": prediction.Outcome.PASS}]


def test_a_repository_of_a_name_that_was_given_up_is_not_read(here: forge_setting.Setting) -> None:
    taken = here.world.create_repository("octo/other", {"a.py": "x = 1\n"}, private=False)
    sha = here.world.push(taken, "main", {"a.py": "x = 2\n"})
    here.world.ci.run(taken, sha, ci.Planned(), event="push")
    wrong = dataclasses.replace(here.place, name="octo/other")

    with pytest.raises(errors.MissingError, match="octo/other is another repository"):
        here.forge.ci.runs(wrong, sha)


@pytest.mark.parametrize(
    ("lacking", "ask"),
    [
        ("actions", lambda here, sha: here.forge.ci.runs(here.place, sha)),
        ("checks", lambda here, sha: here.forge.ci.checks(here.place, sha, job.Tested.HEAD)),
        ("statuses", lambda here, sha: here.forge.ci.statuses(here.place, sha, job.Tested.HEAD)),
    ],
)
def test_a_permission_that_is_missing_is_named(tmp_path: Path, lacking: str, ask: Ask) -> None:
    granted = {name: level for name, level in forge_setting.PERMISSIONS.items() if name != lacking}
    with forge_setting.stand(tmp_path, granted) as here:
        pull = here.pull()

        with pytest.raises(errors.ForbiddenError):
            ask(here, pull.head_sha)


def test_every_use_has_a_token_that_reads_one_thing(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.ci.run(here.hello, pull.head_sha, ci.Planned(conclusion="failure", remarks=["no"]))
    _collected(here, pull.head_sha)
    here.forge.ci.statuses(here.place, pull.head_sha, job.Tested.HEAD)

    used = {entry.token for entry in here.world.log if entry.token}
    granted = [here.world.tokens[token].permissions for token in used]

    assert sorted(sorted(set(one) - {"metadata"}) for one in granted) == [["actions"], ["checks"], ["statuses"]]
    assert {level for one in granted for level in one.values()} == {"read"}


def test_check_runs_of_others_are_jobs_and_ours_and_those_of_actions_are_not(here: forge_setting.Setting) -> None:
    pull = here.pull()
    other = here.world.create_app(name="Circle CI")
    here.world.ci.run(here.hello, pull.head_sha, ci.Planned())
    here.world.report(here.app, here.hello, pull.head_sha, "Gatekeeper", "failure")
    first = here.world.report(other, here.hello, pull.head_sha, "tests", "failure")
    second = here.world.report(other, here.hello, pull.head_sha, "tests", "success")
    merged = here.world.report(other, here.hello, pull.head_sha, "Travis CI - Pull Request", "success")
    here.world.report(other, here.hello, pull.head_sha, "slow", None)

    found = here.forge.ci.checks(here.place, pull.head_sha, job.Tested.HEAD)

    assert [(one.id, one.name, one.attempt, one.conclusion, one.tested) for one in found.jobs] == [
        (f"check/{first.id}", "tests", 1, job.Conclusion.FAILURE, job.Tested.HEAD),
        (f"check/{second.id}", "tests", 2, job.Conclusion.SUCCESS, job.Tested.HEAD),
        (f"check/{merged.id}", "Travis CI - Pull Request", 1, job.Conclusion.SUCCESS, job.Tested.MERGE),
    ]
    assert {one.workflow for one in found.jobs} == {"circle-ci"}
    assert found.unfinished == 1


def test_statuses_are_the_latest_of_each_context(here: forge_setting.Setting) -> None:
    pull = here.pull()
    tell = here.world.ci.set_status
    tell(here.hello, pull.head_sha, "jenkins/tests", "failure")
    began = here.world.now()
    tell(here.hello, pull.head_sha, "jenkins/tests", "pending")
    here.world.clock.advance(minutes=5)
    tell(here.hello, pull.head_sha, "jenkins/tests", "success", description="all \x1b[31mgreen")
    tell(here.hello, pull.head_sha, "continuous-integration/jenkins/pr-merge", "error")
    tell(here.hello, pull.head_sha, "slow", "pending")

    found = here.forge.ci.statuses(here.place, pull.head_sha, job.Tested.GROUP)

    merged, tests = found.jobs
    assert (merged.conclusion, merged.tested, merged.started) == (job.Conclusion.ERROR, job.Tested.MERGE, None)
    assert (tests.id, tests.conclusion) == (f"status/{pull.head_sha}/jenkins/tests", job.Conclusion.SUCCESS)
    assert (tests.tested, tests.remarks) == (job.Tested.GROUP, ("all [31mgreen",))
    assert tests.started == began.replace(microsecond=0)
    assert tests.completed == (began + timedelta(minutes=5)).replace(microsecond=0)
    assert found.unfinished == 1
