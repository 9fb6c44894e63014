import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import scene, state

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_PULL = "/repos/octo/hello/pulls/1"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        yield stood


def test_a_pull_request_has_its_references_in_git(here: scene.Scene) -> None:
    pull = here.pull()
    shown = here.caller.get(_PULL)
    git = here.hello.git

    assert git.references("refs/pull/") == {
        "refs/pull/1/head": pull.head_sha,
        "refs/pull/1/merge": shown["merge_commit_sha"],
    }
    assert [str(parent) for parent in git.commit(str(shown["merge_commit_sha"])).parent_ids] == [
        pull.base_sha,
        pull.head_sha,
    ]
    assert (shown["mergeable"], shown["commits"], shown["additions"], shown["deletions"]) == (True, 1, 1, 1)


def test_a_conflict_is_not_mergeable_and_has_no_merge_reference(here: scene.Scene) -> None:
    here.world.push(here.hello, "topic", {"a.py": "x = 2\n"})
    here.world.push(here.hello, "main", {"a.py": "x = 3\n"})
    here.world.open_pull(here.hello, "topic")

    assert here.caller.get(_PULL)["mergeable"] is False
    assert list(here.hello.git.references("refs/pull/")) == ["refs/pull/1/head"]


def test_a_fork_brings_its_commits_along(here: scene.Scene) -> None:
    fork = here.world.fork(here.hello, "ada")
    head = here.world.push(fork, "topic", {"a.py": "x = 2\n"})
    here.world.open_pull(here.hello, "topic", head_repository=fork)

    shown = here.caller.get(_PULL)

    assert isinstance(shown["head"], dict)
    assert (shown["head"]["label"], shown["head"]["sha"]) == ("ada:topic", head)
    assert here.hello.git.has_commit(head)
    assert here.told() == [("installation", "created"), ("pull_request", "opened")]


def test_each_act_tells_what_github_would(here: scene.Scene) -> None:
    world = here.world
    pull = here.pull()
    world.push(here.hello, "topic", {"a.py": "x = 3\n"}, by="ada")
    world.set_draft(pull, draft=True)
    world.set_draft(pull, draft=False)
    world.label(pull, "bug")
    world.unlabel(pull, "bug")
    world.push(here.hello, "next", {"a.py": "x = 1\n"})
    world.edit(pull, title="Another title", base="next")
    world.close(pull)
    world.reopen(pull)
    world.close(pull, merged=True)

    assert [action for _, action in here.told("pull_request")] == [
        "opened",
        "synchronize",
        "converted_to_draft",
        "ready_for_review",
        "labeled",
        "unlabeled",
        "edited",
        "edited",
        "closed",
        "reopened",
        "closed",
    ]
    assert _last(here, "edited")["changes"] == {
        "base": {"ref": {"from": "main"}, "sha": {"from": here.hello.git.resolve("refs/heads/main")}}
    }
    assert here.hello.git.resolve("refs/heads/next") == pull.merge_sha


def test_a_push_tells_what_was_before_and_after(here: scene.Scene) -> None:
    pull = here.pull()
    before = pull.head_sha
    after = here.world.push(here.hello, "topic", {"a.py": "x = 3\n"})

    told = _last(here, "synchronize")

    assert (told["before"], told["after"]) == (before, after)
    assert here.told()[-2:] == [("check_suite", "requested"), ("pull_request", "synchronize")]


def test_the_api_may_be_behind_the_event(here: scene.Scene) -> None:
    pull = here.pull()
    before = pull.head_sha
    here.world.lag.heads = 2
    after = here.world.push(here.hello, "topic", {"a.py": "x = 3\n"})

    told = _last(here, "synchronize")["pull_request"]
    assert isinstance(told, dict)
    assert told["head"]["sha"] == after
    assert [_head(here.caller.get(_PULL)) for _ in range(3)] == [before, before, after]


def test_a_moved_base_is_merged_anew(here: scene.Scene) -> None:
    pull = here.pull()
    before = pull.merge_sha
    base = here.world.push(here.hello, "main", {"other.py": "z = 1\n"})

    assert pull.base_sha == base
    assert pull.merge_sha != before
    assert here.told("pull_request") == [("pull_request", "opened")]


def test_groups_of_the_queue_stand_on_each_other(here: scene.Scene) -> None:
    first_pull = here.pull()
    second_pull = here.pull({"a.py": "x = 2\n"}, "second")
    first = here.world.enqueue(first_pull)
    second = here.world.enqueue(second_pull, after=first)

    assert first.head_ref == f"refs/heads/gh-readonly-queue/main/pr-1-{first.base_sha}"
    assert second.base_sha == first.head_sha
    assert here.hello.git.resolve(second.head_ref) == second.head_sha
    here.world.dequeue(second, "invalidated")
    here.world.dequeue(first, "merged")

    assert here.hello.git.resolve("refs/heads/main") == first.head_sha
    assert [action for _, action in here.told("merge_group")] == ["checks_requested"] * 2 + ["destroyed"] * 2
    assert here.hello.git.references("refs/heads/gh-readonly-queue/") == {}


def test_pull_requests_are_listed_in_pages_and_by_state(here: scene.Scene) -> None:
    for number in range(5):
        here.pull({f"{number}.py": ""}, f"topic-{number}")
        here.world.clock.advance(seconds=1)
    here.world.close(here.hello.pulls[2])
    path = "/repos/octo/hello/pulls"

    pages = [here.caller.ask("GET", f"{path}?per_page=3&page={page}") for page in (1, 2)]

    assert [[one["number"] for one in page.json()] for page in pages] == [[5, 4, 3], [1]]
    assert set(pages[0].links) == {"next", "last"}
    assert set(pages[1].links) == {"prev", "first"}
    assert [one["number"] for one in here.caller.ask("GET", f"{path}?state=closed").json()] == [2]
    assert [one["number"] for one in here.caller.ask("GET", f"{path}?head=octo:topic-3").json()] == [4]
    assert len(here.caller.ask("GET", f"{path}?state=all&sort=updated&direction=desc").json()) == 5


def test_files_tell_renames_and_leave_out_binary_patches(here: scene.Scene) -> None:
    here.pull({"a.py": None, "b.py": "x = 1\n", "data": b"\0\1\2", "numbers.txt": scene.NUMBERED + "more\n"})

    shown = {one["filename"]: one for one in here.caller.ask("GET", f"{_PULL}/files").json()}

    assert (shown["b.py"]["status"], shown["b.py"]["previous_filename"]) == ("renamed", "a.py")
    assert "patch" not in shown["data"]
    assert shown["numbers.txt"]["patch"].startswith("@@ -28,3 +28,4 @@")


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("admin", "admin"),
        ("maintain", "write"),
        ("write", "write"),
        ("triage", "read"),
        ("read", "read"),
        ("none", "none"),
    ],
)
def test_a_role_is_shown_with_the_permission_it_stands_for(
    here: scene.Scene, role: state.Role, permission: str
) -> None:
    here.world.grant(here.hello, "ada", role)

    shown = here.caller.get("/repos/octo/hello/collaborators/ada/permission")

    assert (shown["role_name"], shown["permission"]) == (role, permission)


def test_a_strangers_permission_depends_on_who_may_read(here: scene.Scene) -> None:
    here.world.user("eve")
    here.world.create_repository("octo/open")

    private = here.caller.get("/repos/octo/hello/collaborators/eve/permission")
    public = here.caller.get("/repos/octo/open/collaborators/eve/permission")

    assert (private["permission"], public["permission"]) == ("none", "read")
    assert here.caller.ask("GET", "/repos/octo/hello/collaborators/nobody/permission").status_code == 404


def test_a_branch_tells_what_it_requires(here: scene.Scene) -> None:
    assert here.caller.ask("GET", "/repos/octo/hello/rules/branches/main").json() == []
    here.world.require(here.hello, "main", ("Gatekeeper", here.app), ("CI", None))

    (rule,) = here.caller.ask("GET", "/repos/octo/hello/rules/branches/main").json()

    assert rule["parameters"]["required_status_checks"] == [
        {"context": "Gatekeeper", "integration_id": here.app.id},
        {"context": "CI"},
    ]
    assert here.caller.ask("GET", "/repos/octo/hello/branches/main/protection").status_code == 403


def test_a_branchs_name_may_have_slashes(here: scene.Scene) -> None:
    sha = here.world.push(here.hello, "release/1.0", {"a.py": "x = 2\ny = 3\n"})
    here.world.require(here.hello, "release/1.0", ("Gatekeeper", None))

    for name in ("release/1.0", "release%2F1.0"):
        shown = here.caller.get(f"/repos/octo/hello/branches/{name}")
        assert (shown["name"], shown["protected"]) == ("release/1.0", True)
        assert len(here.caller.ask("GET", f"/repos/octo/hello/rules/branches/{name}").json()) == 1
        assert here.caller.get(f"/repos/octo/hello/commits/{name}/check-runs")["total_count"] == 0
        assert here.caller.get(f"/repos/octo/hello/commits/{name}")["sha"] == sha


def test_a_commit_tells_what_it_changed(here: scene.Scene) -> None:
    sha = here.world.push(here.hello, "topic", {"a.py": "x = 2\ny = 3\n"})

    shown = here.caller.ask("GET", f"/repos/octo/hello/commits/{sha}").json()

    assert shown["stats"] == {"additions": 2, "deletions": 1, "total": 3}
    assert [(one["filename"], one["patch"]) for one in shown["files"]] == [
        ("a.py", "@@ -1 +1,2 @@\n-x = 1\n+x = 2\n+y = 3")
    ]
    first = here.caller.ask("GET", f"/repos/octo/hello/commits/{shown['parents'][0]['sha']}").json()
    assert {one["status"] for one in first["files"]} == {"added"}


def _last(here: scene.Scene, action: str) -> state.Json:
    found = [delivery for delivery in here.world.deliveries if delivery.action == action]
    payload: state.Json = json.loads(found[-1].body)
    return payload


def _head(pull: state.Json) -> object:
    assert isinstance(pull["head"], dict)
    return pull["head"]["sha"]
