import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import apps, scene, state

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_PERMISSIONS = {**apps.PERMISSIONS, "contents": "write"}
_FILE = "/repos/octo/hello/contents/a.py"
_GIT = "/repos/octo/hello/git"
_COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } ref { name } }
}"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path, _PERMISSIONS) as stood:
        yield stood


def test_a_file_is_read_at_a_revision(here: scene.Scene) -> None:
    here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})

    shown = here.caller.get(f"{_FILE}?ref=topic")

    assert base64.b64decode(str(shown["content"])) == b"x = 2\n"
    assert here.caller.ask("GET", "/repos/octo/hello/contents/none.py").status_code == 404
    names = [one["name"] for one in here.caller.ask("GET", "/repos/octo/hello/contents/").json()]
    assert names == ["a.py", "numbers.txt"]


def test_a_file_is_written_against_the_blob_that_is_known(here: scene.Scene) -> None:
    pull = here.pull()
    before = here.caller.get(_FILE)["sha"]
    body = {"message": "fix", "content": _encoded("x = 3\n"), "branch": "topic"}

    assert here.caller.ask("PUT", _FILE, body).status_code == 422
    assert here.caller.ask("PUT", _FILE, {**body, "sha": "0" * 40}).status_code == 409
    done = here.caller.ask("PUT", _FILE, {**body, "sha": before})

    assert done.status_code == 200
    assert pull.head_sha == done.json()["commit"]["sha"] == here.hello.git.resolve("refs/heads/topic")
    assert here.told("pull_request")[-1] == ("pull_request", "synchronize")


def test_a_fix_is_built_of_git_objects(here: scene.Scene) -> None:
    pull = here.pull()
    blob = _made(here, "blobs", {"content": "x = 9\n", "encoding": "utf-8"})
    entry = {"path": "a.py", "mode": "100644", "type": "blob", "sha": blob}
    tree = _made(here, "trees", {"base_tree": pull.head_sha, "tree": [entry]})
    commit = _made(here, "commits", {"message": "fix", "tree": tree, "parents": [pull.head_sha]})

    moved = here.caller.ask("PATCH", f"{_GIT}/refs/heads/topic", {"sha": commit})

    assert moved.status_code == 200
    assert pull.head_sha == commit
    paths = [one["path"] for one in here.caller.ask("GET", f"{_GIT}/trees/topic?recursive=1").json()["tree"]]
    assert paths == ["a.py", "numbers.txt"]


def test_a_branch_moves_forward_alone_unless_forced(here: scene.Scene) -> None:
    pull = here.pull()
    first = here.hello.git.resolve("refs/heads/main")

    refused = here.caller.ask("PATCH", f"{_GIT}/refs/heads/topic", {"sha": first})
    assert (refused.status_code, refused.json()["message"]) == (422, "Update is not a fast forward")
    assert pull.head_sha != first

    assert here.caller.ask("PATCH", f"{_GIT}/refs/heads/topic", {"sha": first, "force": True}).status_code == 200
    assert pull.head_sha == first


def test_a_branch_is_made_once(here: scene.Scene) -> None:
    sha = here.hello.git.resolve("refs/heads/main")
    made = [here.caller.ask("POST", f"{_GIT}/refs", {"ref": "refs/heads/new", "sha": sha}) for _ in range(2)]

    assert [answer.status_code for answer in made] == [201, 422]
    assert here.caller.get(f"{_GIT}/ref/heads/new")["ref"] == "refs/heads/new"


def test_writing_needs_the_permission(here: scene.Scene) -> None:
    pull = here.pull()
    reader = here.narrowed(contents="read", pull_requests="write")
    body = {"message": "fix", "content": _encoded("x"), "branch": "topic"}
    branch = {"repositoryNameWithOwner": "octo/hello", "branchName": "topic"}
    given = {"branch": branch, "expectedHeadOid": pull.head_sha, "message": {"headline": "fix"}}

    assert reader.ask("PUT", _FILE, body).status_code == 403
    assert reader.ask("POST", f"{_GIT}/blobs", {"content": "x"}).status_code == 403
    assert _kinds(reader.graphql(_COMMIT, input=given)) == ["FORBIDDEN"]


def test_workflows_need_a_permission_of_their_own(here: scene.Scene) -> None:
    body = {"message": "fix", "content": _encoded("on: push"), "branch": "main"}

    answer = here.caller.ask("PUT", "/repos/octo/hello/contents/.github/workflows/ci.yml", body)

    assert answer.status_code == 403
    assert "without `workflows` permission" in answer.text


@pytest.mark.parametrize("open_to_maintainers", [True, False])
def test_a_forks_branch_is_written_where_its_author_allows_it(here: scene.Scene, *, open_to_maintainers: bool) -> None:
    fork = here.world.fork(here.hello, "ada")
    here.world.push(fork, "topic", {"a.py": "x = 2\n"})
    pull = here.world.open_pull(here.hello, "topic", head_repository=fork, maintainer_can_modify=open_to_maintainers)
    before = pull.head_sha
    branch = {"repositoryNameWithOwner": "ada/hello", "branchName": "topic"}
    change = {"additions": [{"path": "a.py", "contents": _encoded("x = 3\n")}]}
    given = {"branch": branch, "expectedHeadOid": before, "message": {"headline": "fix"}, "fileChanges": change}

    answer = here.caller.graphql(_COMMIT, input=given)

    assert ("errors" not in answer) == open_to_maintainers
    assert (pull.head_sha != before) == open_to_maintainers


def test_a_commit_on_a_branch_is_refused_once_the_branch_has_moved(here: scene.Scene) -> None:
    pull = here.pull()
    branch = {"repositoryNameWithOwner": "octo/hello", "branchName": "topic"}
    change = {"additions": [{"path": "b.py", "contents": _encoded("y\n")}], "deletions": [{"path": "a.py"}]}
    given = {
        "branch": branch,
        "expectedHeadOid": pull.head_sha,
        "message": {"headline": "fix"},
        "fileChanges": change,
    }

    done, again = (here.caller.graphql(_COMMIT, input=given) for _ in range(2))

    assert done["data"] == {"createCommitOnBranch": {"commit": {"oid": pull.head_sha}, "ref": {"name": "topic"}}}
    assert [path for path, _ in here.hello.git.entries(_tree(here, pull))] == ["b.py", "numbers.txt"]
    assert _kinds(again) == ["STALE_DATA"]


def _made(here: scene.Scene, kind: str, body: state.Json) -> str:
    answer = here.caller.ask("POST", f"{_GIT}/{kind}", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["sha"])


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _kinds(answer: state.Json) -> list[object]:
    errors = answer["errors"]
    assert isinstance(errors, list)
    return [error["type"] for error in errors]


def _tree(here: scene.Scene, pull: state.Pull) -> str:
    return str(here.hello.git.commit(pull.head_sha).tree_id)
