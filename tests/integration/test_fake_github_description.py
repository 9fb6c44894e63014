import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import flask
import pytest

from tests.fakes.github import (
    apps,
    ci,
    description,
    events,
    graphschema,
    scene,
    service,
    state,
    templates,
    visitor,
    world,
)

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path, {**apps.PERMISSIONS, "contents": "write", "administration": "read"}) as stood:
        yield stood


def test_every_route_answers_as_github_describes_it(here: scene.Scene) -> None:
    """Call each operation once; an answer with a field or status that is not described ends the test."""
    pull, tour = here.pull(), _Tour(here)
    repo, sha = "/repos/octo/hello", pull.head_sha
    here.world.require(here.hello, "main", ("Gatekeeper", here.app))
    here.world.create_from_manifest(here.app, "code")
    delivery = here.world.deliveries[-1].id
    for path in ("", "/installations", f"/installations/{here.installation.id}", "/hook/config", "/hook/deliveries"):
        tour.keyed("GET", f"/app{path}")
    tour.keyed("GET", f"/app/hook/deliveries/{delivery}")
    tour.keyed("POST", f"/app/hook/deliveries/{delivery}/attempts")
    tour.keyed("PATCH", "/app/hook/config", {"secret": "another"})
    tour.keyed("POST", "/app-manifests/code/conversions")
    tour.keyed("GET", f"{repo}/installation")
    tour.keyed("POST", f"/app/installations/{here.installation.id}/access_tokens", {"repositories": ["hello"]})
    for path in ("/installation/repositories", "/meta", "/rate_limit", "/users/ada", repo):
        tour.go("GET", path)
    for path in ("pulls", "pulls/1", "pulls/1/files", "collaborators/ada/permission", "branches/main", "contents/"):
        tour.go("GET", f"{repo}/{path}")
    for path in ("", "/pulls", "/check-runs", "/check-suites"):
        tour.go("GET", f"{repo}/commits/{sha}{path}")
    tour.go("GET", f"{repo}/rules/branches/main")
    tour.go("GET", f"{repo}/branches/main/protection", status=404)
    _tour_checks(tour, sha)
    _tour_ci(tour, here, sha)
    _tour_comments(tour, sha)
    _tour_git(tour, sha)
    _tour_signed_in(tour, here)

    described = templates.operations(service.create_app(here.world))
    assert [operation for operation in described if operation not in tour.seen] == []


@pytest.mark.parametrize("kind", ["User", "Organization"])
def test_every_event_is_as_github_describes_it(here: scene.Scene, kind: Literal["User", "Organization"]) -> None:
    """Do each act once; a payload that is not described ends the test where it is made."""
    act, pull = here.world, here.pull()
    here.hello.owner.kind = kind
    act.push(here.hello, "topic", {"a.py": "x = 3\n"})
    act.set_draft(pull, draft=True)
    act.set_draft(pull, draft=False)
    act.label(pull, "bug")
    act.unlabel(pull, "bug")
    act.edit(pull, title="Another")
    act.close(pull)
    act.reopen(pull)
    act.dequeue(act.enqueue(pull))
    run = act.report(here.app, here.hello, pull.head_sha, "Gatekeeper", "success")
    run.actions.append({"label": "l", "description": "d", "identifier": "i"})
    act.ci.run(here.hello, pull.head_sha, ci.Planned())
    act.ci.set_status(here.hello, pull.head_sha, "jenkins", "success")
    act.press(run, "i", by="ada")
    act.rerun(run, by="ada")
    act.rerun_suite(run.suite, by="ada")
    word, remark = act.comment(pull, "ada", "a word"), act.review(pull, "ada", "numbers.txt", 10, "a remark")
    act.comments.edit(word, word.author, "another")
    act.comments.delete(word, word.author)
    act.reviews.edit(remark, remark.author, "another")
    act.reviews.delete(remark, remark.author)
    act.suspend(here.installation)
    act.unsuspend(here.installation)
    act.accept_permissions(here.installation, apps.PERMISSIONS)
    act.add_to_installation(here.installation, act.create_repository("octo/other"))
    act.remove_from_installation(here.installation, here.hello)
    act.uninstall(here.installation)
    act.events.ping(here.app)

    told = {"-".join(filter(None, one)).replace("_", "-") for one in here.told()}
    assert sorted(told) == sorted(events.KINDS)


def test_a_field_that_github_does_not_have_is_found_out() -> None:
    assert description.wrong_answer("GET", "/meta", 200, {"verifiable_password_authentication": True}) == ""

    assert "'mood' was unexpected" in description.wrong_answer(
        "GET", "/meta", 200, {"verifiable_password_authentication": True, "mood": "good"}
    )
    assert "is a required property" in description.wrong_answer("GET", "/meta", 200, {})
    assert "does not answer 201" in description.wrong_answer("GET", "/meta", 201, {})
    assert "is not described" in description.wrong_answer("GET", "/moods", 200, {})
    assert "is not described" in description.wrong_event("pull_request", {"action": "praised"})
    assert "required property" in description.wrong_event("pull_request", {"action": "opened"})


def test_a_parameter_that_github_does_not_have_is_found_out(here: scene.Scene) -> None:
    route = "/repos/{owner}/{repo}/issues/{issue_number}/comments"

    assert description.wrong_request("POST", route, {"body": "b"}) == ""
    assert "'mood' was unexpected" in description.wrong_request("POST", route, {"body": "b", "mood": "good"})
    assert "mood is not described" in description.wrong_request("GET", route, None, {"mood": "good"})
    assert "is not of type" in description.wrong_request("GET", route, None, {"page": "two"})
    assert here.caller.ask("GET", "/repos/octo/hello/pulls?state=lost").status_code == 422


def test_an_invented_answer_fails_whoever_serves_it(tmp_path: Path) -> None:
    here = world.World(tmp_path)
    app = service.create_app(here)
    app.view_functions["app.show_meta"] = lambda: flask.jsonify(mood="good")

    answer = app.test_client().get("/api/v3/meta")

    assert answer.status_code == 500
    assert here.drift == [answer.text.strip()]


def test_a_fault_of_the_double_itself_is_found_out(tmp_path: Path) -> None:
    here = world.World(tmp_path)
    app = service.create_app(here)
    app.view_functions["app.show_meta"] = lambda: str(1 // 0)

    assert app.test_client().get("/api/v3/meta").status_code == 500
    assert "ZeroDivisionError" in here.drift[0]


def test_the_descriptions_licences_and_version_are_kept() -> None:
    folder = description.ASSET.parent

    assert {path.name for path in folder.glob("LICENSE.*")} == {"LICENSE.openapi", "LICENSE.graphql-schema"}
    assert description.version() == "23.0.2"
    assert graphschema.ASSET.read_text().startswith("# The part of @octokit/graphql-schema 15.26.1 ")


class _Tour:
    """Calls operations and remembers which."""

    def __init__(self, here: scene.Scene) -> None:
        self.seen: set[tuple[str, str]] = set()
        self._here = here

    def go(self, method: str, path: str, body: object = None, status: int = 200) -> dict[str, object]:
        """Call with the installation's token."""
        return self._call(self._here.caller, method, path, body, status)

    def keyed(self, method: str, path: str, body: object = None) -> None:
        """Call with the App's own key."""
        self._call(self._here.keyed, method, path, body, 200)

    def signed_in(self, token: state.UserToken, method: str, path: str) -> None:
        """Call with a person's token."""
        self._call(visitor.Visitor(self._here.api_url, token.value), method, path, None, 200)

    def _call(self, caller: visitor.Visitor, method: str, path: str, body: object, status: int) -> dict[str, object]:
        answer = caller.ask(method, path, body)
        assert answer.status_code < 300 or answer.status_code == status, answer.text
        route = templates.described(self._here.world.log[-1].call.route)
        self.seen.add((method.lower(), route))
        shown = json.loads(answer.content or "{}")
        return shown if isinstance(shown, dict) else {"items": shown}


def _tour_signed_in(tour: _Tour, here: scene.Scene) -> None:
    here.world.grant(here.hello, "ada", "read")
    token = state.UserToken(value="ghu_ada", account=here.world.user("ada"), app=here.app, expires=None, refresh=None)
    here.world.user_tokens[token.value] = token
    for path in ("", "/installations", f"/installations/{here.installation.id}/repositories"):
        tour.signed_in(token, "GET", f"/user{path}")


def _tour_checks(tour: _Tour, sha: str) -> None:
    path = "/repos/octo/hello/check-runs"
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
    output = {"title": "t", "summary": "s", "annotations": [note]}
    run = tour.go("POST", path, {"name": "Gatekeeper", "head_sha": sha, "output": output})
    tour.go("PATCH", f"{path}/{run['id']}", {"conclusion": "success"})
    tour.go("GET", f"{path}/{run['id']}")
    tour.go("GET", f"{path}/{run['id']}/annotations")
    assert isinstance(run["check_suite"], dict)
    suite = f"/repos/octo/hello/check-suites/{run['check_suite']['id']}"
    tour.go("GET", suite)
    tour.go("GET", f"{suite}/check-runs")


def _tour_ci(tour: _Tour, here: scene.Scene, sha: str) -> None:
    repo = "/repos/octo/hello"
    planned = ci.Planned(artifacts={"junit": {"a.xml": b"<testsuite/>"}})
    run = here.world.ci.run(here.hello, sha, planned)
    here.world.ci.set_status(here.hello, sha, "jenkins", "success")
    for path in ("runs", f"runs/{run.id}", f"runs/{run.id}/jobs", f"runs/{run.id}/artifacts"):
        tour.go("GET", f"{repo}/actions/{path}")
    tour.go("GET", f"{repo}/actions/artifacts/{run.artifacts[0].id}/zip", status=302)
    tour.go("GET", f"{repo}/actions/jobs/{run.jobs[0].id}/logs", status=302)
    tour.go("GET", f"{repo}/commits/{sha}/statuses")


def _tour_comments(tour: _Tour, sha: str) -> None:
    repo = "/repos/octo/hello"
    place = {"path": "numbers.txt", "line": 10, "body": "b"}
    review = tour.go("POST", f"{repo}/pulls/1/reviews", {"event": "COMMENT", "body": "b", "comments": [place]})
    tour.go("GET", f"{repo}/pulls/1/reviews")
    tour.go("GET", f"{repo}/pulls/1/reviews/{review['id']}/comments")
    made = tour.go("POST", f"{repo}/pulls/1/comments", {**place, "commit_id": sha})
    tour.go("POST", f"{repo}/pulls/1/comments/{made['id']}/replies", {"body": "b"})
    tour.go("GET", f"{repo}/pulls/1/comments")
    word = tour.go("POST", f"{repo}/issues/1/comments", {"body": "b"})
    tour.go("GET", f"{repo}/issues/1/comments")
    for path in (f"{repo}/pulls/comments/{made['id']}", f"{repo}/issues/comments/{word['id']}"):
        tour.go("GET", path)
        tour.go("PATCH", path, {"body": "c"})
        tour.go("POST", f"{path}/reactions", {"content": "eyes"})
        tour.go("DELETE", path)


def _tour_git(tour: _Tour, sha: str) -> None:
    repo = "/repos/octo/hello"
    tour.go("GET", f"{repo}/contents/a.py")
    tour.go("PUT", f"{repo}/contents/new.py", {"message": "m", "content": "", "branch": "topic"})
    blob = tour.go("POST", f"{repo}/git/blobs", {"content": "c"})["sha"]
    entry = {"path": "made.py", "mode": "100644", "type": "blob", "sha": blob}
    tree = tour.go("POST", f"{repo}/git/trees", {"base_tree": sha, "tree": [entry]})["sha"]
    tour.go("GET", f"{repo}/git/trees/{tree}")
    commit = tour.go("POST", f"{repo}/git/commits", {"message": "m", "tree": tree, "parents": [sha]})["sha"]
    tour.go("GET", f"{repo}/git/commits/{commit}")
    tour.go("POST", f"{repo}/git/refs", {"ref": "refs/heads/made", "sha": sha})
    tour.go("PATCH", f"{repo}/git/refs/heads/made", {"sha": commit})
    tour.go("GET", f"{repo}/git/ref/heads/made")
    tour.go("GET", f"{repo}/git/matching-refs/heads/m")
