"""The double's CI: what GitHub shows and tells of workflows, jobs, artifacts, logs and commit statuses."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fakes.github import ci, scene, state, visitor
from webhooks import delivery, events

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_RUNS = "/repos/octo/hello/actions/runs"
_REPORT = {"junit.xml": b"<testsuites/>"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        yield stood


def _listed(here: scene.Scene, path: str, key: str) -> list[Any]:
    found = here.caller.get(path)[key]
    assert isinstance(found, list)
    return found


def _payloads(here: scene.Scene, event: str) -> list[Any]:
    return [json.loads(one.body) for one in here.world.deliveries if one.event == event]


def _plain(url: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, headers=headers, timeout=10, allow_redirects=False)


def _location(here: scene.Scene, path: str) -> str:
    answer = here.caller.ask("GET", f"/repos/octo/hello/actions/{path}")
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def test_a_run_is_told_of_as_github_does(here: scene.Scene) -> None:
    pull = here.pull()
    run = here.world.ci.run(here.hello, pull.head_sha, ci.Planned(name="test", conclusion="failure"))

    told = here.told("check_run", "workflow_job", "workflow_run")
    (done,) = [one for one in _payloads(here, "workflow_run") if one["action"] == "completed"]
    (job,) = _payloads(here, "workflow_job")
    suites = [one for one in _payloads(here, "check_suite") if one["action"] == "completed"]

    assert told == [
        ("workflow_run", "requested"),
        ("check_run", "created"),
        ("check_run", "completed"),
        ("workflow_job", "completed"),
        ("workflow_run", "completed"),
    ]
    assert (done["workflow_run"]["id"], done["workflow_run"]["conclusion"]) == (run.id, "failure")
    assert done["workflow_run"]["head_sha"] == job["workflow_job"]["head_sha"] == pull.head_sha
    assert [one["number"] for one in done["workflow_run"]["pull_requests"]] == [pull.number]
    assert (job["workflow_job"]["id"], job["workflow_job"]["run_attempt"]) == (run.jobs[0].id, 1)
    assert [(one["check_suite"]["app"]["slug"], one["check_suite"]["conclusion"]) for one in suites] == [
        ("github-actions", "failure")
    ]


def test_what_is_told_is_understood(here: scene.Scene) -> None:
    sha = here.pull().head_sha
    here.world.ci.run(here.hello, sha, ci.Planned(conclusion="failure"))
    here.world.ci.set_status(here.hello, sha, "jenkins", "success")

    names = ("status", "workflow_job", "workflow_run", "check_run", "check_suite")
    made = [one for one in here.world.deliveries if one.event in names]
    read = [type(events.read(delivery.parse(one.headers, one.body))).__name__ for one in made]

    assert [name for name in read if name not in ("Ignored", "CheckSuiteRequested")] == [
        "CheckRunCompleted",
        "WorkflowJobCompleted",
        "WorkflowRunCompleted",
        "CheckSuiteCompleted",
        "StatusChanged",
    ]


def test_what_the_app_is_not_subscribed_to_is_not_told(tmp_path: Path) -> None:
    permissions = {"metadata": "read", "contents": "read", "checks": "write", "pull_requests": "write"}
    with scene.stand(tmp_path, permissions) as here:
        sha = here.pull().head_sha
        here.world.ci.run(here.hello, sha, ci.Planned())
        here.world.ci.set_status(here.hello, sha, "jenkins", "success")

        assert here.told("workflow_run", "workflow_job", "status") == []
        assert here.told("check_run") == [("check_run", "created"), ("check_run", "completed")]


def test_a_status_is_told_of_without_an_action(here: scene.Scene) -> None:
    pull = here.pull()
    here.world.ci.set_status(here.hello, pull.head_sha, "jenkins", "error", description="no room")

    ((event, action),) = here.told("status")
    (payload,) = _payloads(here, "status")

    assert (event, action, "action" in payload) == ("status", None, False)
    assert (payload["sha"], payload["state"], payload["context"]) == (pull.head_sha, "error", "jenkins")
    assert [branch["name"] for branch in payload["branches"]] == ["topic"]


def test_a_job_is_also_a_check_run_with_the_runners_remarks(here: scene.Scene) -> None:
    pull = here.pull()
    planned = ci.Planned(conclusion="cancelled", remarks=["The operation was canceled."])
    here.world.ci.run(here.hello, pull.head_sha, planned)

    (job,) = _listed(here, f"{_RUNS}/{_listed(here, _RUNS, 'workflow_runs')[0]['id']}/jobs", "jobs")
    path = job["check_run_url"].partition("/api/v3")[2]
    check, notes = here.caller.get(path), here.caller.ask("GET", f"{path}/annotations").json()

    assert (check["id"], check["conclusion"]) == (job["id"], "cancelled")
    assert [(note["path"], note["message"]) for note in notes] == [(".github", "The operation was canceled.")]


def test_runs_are_found_by_commit_and_by_event(here: scene.Scene) -> None:
    pull = here.pull()
    mine = here.world.ci.run(here.hello, pull.head_sha, ci.Planned())
    pushed = here.world.ci.run(here.hello, pull.head_sha, ci.Planned(), event="push", ended=False)
    here.world.ci.run(here.hello, pull.base_sha, ci.Planned(), event="push")

    def found(query: str) -> list[int]:
        return [run["id"] for run in _listed(here, f"{_RUNS}?{query}", "workflow_runs")]

    assert found(f"head_sha={pull.head_sha}") == [pushed.id, mine.id]
    assert found(f"head_sha={pull.head_sha}&event=pull_request") == [mine.id]
    assert found("status=in_progress") == [pushed.id]
    assert found("head_sha=" + "0" * 40) == []


def test_a_run_again_of_what_failed_takes_the_rest_over(here: scene.Scene) -> None:
    pull = here.pull()
    run = here.world.ci.run(
        here.hello,
        pull.head_sha,
        ci.Planned(name="test", conclusion="failure", artifacts={"junit": _REPORT}),
        ci.Planned(name="lint"),
    )
    here.world.ci.rerun(run, ci.Planned(name="test", artifacts={"junit": _REPORT}))

    latest, every = (_listed(here, f"{_RUNS}/{run.id}/jobs?filter={which}", "jobs") for which in ("latest", "all"))

    assert {(one["name"], one["run_attempt"], one["conclusion"]) for one in latest} == {
        ("lint", 2, "success"),
        ("test", 2, "success"),
    }
    assert len(every) == 4
    assert len({one["id"] for one in every}) == 4
    assert here.caller.get(f"{_RUNS}/{run.id}")["run_attempt"] == 2
    assert [one["name"] for one in _listed(here, f"{_RUNS}/{run.id}/artifacts", "artifacts")] == ["junit", "junit"]


def test_a_run_again_of_everything_takes_earlier_artifacts_away(here: scene.Scene) -> None:
    run = here.world.ci.run(here.hello, here.pull().head_sha, ci.Planned(artifacts={"old": _REPORT}))
    here.world.ci.rerun(run, ci.Planned(artifacts={"new": _REPORT}), everything=True)

    assert [one["name"] for one in _listed(here, f"{_RUNS}/{run.id}/artifacts", "artifacts")] == ["new"]


def test_a_run_can_end_later_than_it_began(here: scene.Scene) -> None:
    pull = here.pull()
    run = here.world.ci.run(here.hello, pull.head_sha, ci.Planned(seconds=0), ended=False)
    began = here.caller.get(f"{_RUNS}/{run.id}")
    here.world.clock.advance(minutes=5)
    here.world.ci.end(run, ci.Planned(conclusion="timed_out"))

    (job,) = _listed(here, f"{_RUNS}/{run.id}/jobs", "jobs")
    assert (began["status"], began["conclusion"]) == ("in_progress", None)
    assert (job["started_at"], job["completed_at"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z")
    assert here.caller.get(f"{_RUNS}/{run.id}")["conclusion"] == "timed_out"


def test_an_artifact_is_behind_an_address_that_opens_itself_for_a_minute(here: scene.Scene) -> None:
    run = here.world.ci.run(here.hello, here.pull().head_sha, ci.Planned(artifacts={"junit": _REPORT}))
    address = _location(here, f"artifacts/{run.artifacts[0].id}/zip")

    assert zipfile.ZipFile(io.BytesIO(_plain(address).content)).namelist() == ["junit.xml"]
    assert _plain(address, Authorization=f"Bearer {here.token()}").status_code == 400
    assert _plain(f"{address}0").status_code == 403
    here.world.clock.advance(minutes=1)
    assert _plain(address).status_code == 403


def test_a_part_of_a_log_can_be_asked_for(here: scene.Scene) -> None:
    run = here.world.ci.run(here.hello, here.pull().head_sha, ci.Planned(log=b"0123456789"))

    part = _plain(_location(here, f"jobs/{run.jobs[0].id}/logs"), Range="bytes=7-")

    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"789", "bytes 7-9/10")


def test_what_is_gone_is_gone(here: scene.Scene) -> None:
    planned = ci.Planned(artifacts={"junit": _REPORT}, log=None)
    run = here.world.ci.run(here.hello, here.pull().head_sha, planned)
    run.artifacts[0].expired = True
    path = "/repos/octo/hello/actions"

    assert here.caller.ask("GET", f"{path}/artifacts/{run.artifacts[0].id}/zip").status_code == 410
    assert here.caller.ask("GET", f"{path}/jobs/{run.jobs[0].id}/logs").status_code == 404
    assert _listed(here, f"{_RUNS}/{run.id}/artifacts", "artifacts")[0]["expired"] is True


def test_statuses_are_listed_the_newest_first(here: scene.Scene) -> None:
    sha = here.pull().head_sha
    for word in ("pending", "failure"):
        here.world.ci.set_status(here.hello, sha, "jenkins", word)

    found = here.caller.ask("GET", f"/repos/octo/hello/commits/{sha}/statuses").json()

    assert [(one["context"], one["state"]) for one in found] == [("jenkins", "failure"), ("jenkins", "pending")]


def test_each_permission_opens_its_own(here: scene.Scene) -> None:
    sha = here.pull().head_sha
    run = here.world.ci.run(here.hello, sha, ci.Planned(artifacts={"junit": _REPORT}))
    of_actions = ["runs", f"runs/{run.id}/jobs", f"artifacts/{run.artifacts[0].id}/zip", f"jobs/{run.jobs[0].id}/logs"]

    def status(asking: visitor.Visitor, path: str) -> int:
        return asking.ask("GET", f"/repos/octo/hello/{path}").status_code

    assert {status(here.narrowed(actions="read"), f"actions/{path}") for path in of_actions} == {200, 302}
    assert {status(here.narrowed(statuses="read"), f"actions/{path}") for path in of_actions} == {403}
    assert status(here.narrowed(statuses="read"), f"commits/{sha}/statuses") == 200
    assert status(here.narrowed(actions="read"), f"commits/{sha}/statuses") == 403


def test_where_actions_are_switched_off_there_is_nothing(here: scene.Scene) -> None:
    here.world.without_actions.append(here.hello)

    assert here.caller.ask("GET", _RUNS).status_code == 404


def test_a_run_of_another_repository_is_not_shown(here: scene.Scene) -> None:
    other: state.Repository = here.world.create_repository("octo/other")
    here.world.add_to_installation(here.installation, other)
    run = here.world.ci.run(other, here.world.push(other, "main", {"a": "b"}), ci.Planned(log=b"x"), event="push")

    for path in (f"runs/{run.id}", f"runs/{run.id}/jobs", f"jobs/{run.jobs[0].id}/logs"):
        assert here.caller.ask("GET", f"/repos/octo/hello/actions/{path}").status_code == 404
