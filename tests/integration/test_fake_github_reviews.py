from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import scene, state

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_REVIEWS = "/repos/octo/hello/pulls/1/reviews"
_COMMENTS = "/repos/octo/hello/pulls/1/comments"
_TALK = "/repos/octo/hello/issues/1/comments"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        yield stood


@pytest.fixture
def pull(here: scene.Scene) -> state.Pull:
    """Open a pull request whose only hunk is lines 7 to 13 of numbers.txt."""
    return here.pull()


def test_a_review_and_its_comments_are_taken_together(here: scene.Scene, pull: state.Pull) -> None:
    comments = [
        {"path": "numbers.txt", "line": 10, "side": "RIGHT", "body": "one line"},
        {"path": "numbers.txt", "line": 10, "side": "LEFT", "body": "what was"},
        {"path": "numbers.txt", "start_line": 7, "line": 13, "start_side": "RIGHT", "side": "RIGHT", "body": "all"},
    ]
    body = {"event": "COMMENT", "body": "a review", "commit_id": pull.head_sha, "comments": comments}

    review = here.caller.ask("POST", _REVIEWS, body).json()

    assert (review["state"], review["user"]["login"]) == ("COMMENTED", "gatekeeper[bot]")
    shown = here.caller.ask("GET", _COMMENTS).json()
    assert [(one["body"], one["line"], one["side"], one["start_line"]) for one in shown] == [
        ("one line", 10, "RIGHT", None),
        ("what was", 10, "LEFT", None),
        ("all", 13, "RIGHT", 7),
    ]
    assert shown[0]["diff_hunk"].splitlines()[-2:] == ["-line 10", "+line ten"]
    assert [one["id"] for one in here.caller.ask("GET", _REVIEWS).json()] == [review["id"]]
    assert len(here.told("pull_request_review_comment")) == 3


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        ({"line": 6}, "line must be part of the diff"),
        ({"line": 14}, "line must be part of the diff"),
        ({"line": 9, "side": "LEFT", "start_line": 3}, "start line must be part of the diff"),
        ({"line": 7, "start_line": 9}, "start line must precede the end line."),
        ({"line": 1, "path": "a.py"}, "path is invalid"),
        ({}, "line must be part of the diff"),
    ],
    ids=str,
)
def test_one_comment_outside_the_diff_refuses_the_whole_review(
    here: scene.Scene, pull: state.Pull, comment: state.Json, why: str
) -> None:
    good = {"path": "numbers.txt", "line": 10, "body": "good"}
    bad = {"path": "numbers.txt", "body": "bad", **comment}

    answer = here.caller.ask("POST", _REVIEWS, {"event": "COMMENT", "body": "b", "comments": [good, bad]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0] == f"Pull request review thread {why}"
    assert (pull.reviews, pull.review_comments) == ([], {})


def test_lines_of_two_hunks_cannot_be_one_comment(here: scene.Scene) -> None:
    changed = scene.NUMBERED.replace("line 5\n", "five\n").replace("line 25\n", "five more\n")
    here.pull({"numbers.txt": changed})

    answer = here.caller.ask(
        "POST",
        _REVIEWS,
        {
            "event": "COMMENT",
            "body": "b",
            "comments": [{"path": "numbers.txt", "start_line": 5, "line": 25, "body": "c"}],
        },
    )

    assert answer.status_code == 422
    assert "same hunk" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"event": "COMMENT"},
        {"event": "COMMENT", "body": "", "comments": []},
        {"event": "COMMENT", "body": "b" * 65_537},
        {"event": "COMMENT", "comments": [{"path": "numbers.txt", "line": 10, "body": "b" * 65_537}]},
        {"event": "COMMENT", "comments": [{"path": "numbers.txt", "line": 10, "body": ""}]},
        {"event": "COMMENT", "comments": [{"path": "numbers.txt", "subject_type": "file", "body": "b"}]},
        {"event": "COMMENT", "body": "b", "commit_id": "0" * 40},
        {"event": "PRAISE", "body": "b"},
    ],
    ids=lambda body: str(body)[:80],
)
def test_a_review_that_breaks_a_rule_is_refused(here: scene.Scene, pull: state.Pull, body: state.Json) -> None:
    assert here.caller.ask("POST", _REVIEWS, body).status_code == 422
    assert pull.reviews == []


def test_a_commit_of_the_base_is_not_the_pull_requests(here: scene.Scene, pull: state.Pull) -> None:
    body = {"event": "COMMENT", "body": "b", "commit_id": pull.base_sha}

    assert here.caller.ask("POST", _REVIEWS, body).status_code == 422


def test_a_comment_may_be_on_a_whole_file(here: scene.Scene, pull: state.Pull) -> None:
    body = {"path": "numbers.txt", "commit_id": pull.head_sha, "subject_type": "file", "body": "a file"}

    comment = here.caller.ask("POST", _COMMENTS, body)

    assert comment.status_code == 201
    assert (comment.json()["line"], comment.json()["subject_type"]) == (None, "file")


def test_a_single_comment_outside_the_diff_is_refused_in_its_own_words(here: scene.Scene, pull: state.Pull) -> None:
    body = {"path": "numbers.txt", "commit_id": pull.head_sha, "line": 20, "side": "RIGHT", "body": "b"}

    answer = here.caller.ask("POST", _COMMENTS, body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "pull_request_review_thread line must be part of the diff"


def test_a_comment_is_answered_changed_and_deleted(here: scene.Scene, pull: state.Pull) -> None:
    root = here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    reply = here.caller.ask("POST", f"{_COMMENTS}/{root.id}/replies", {"body": "because"}).json()
    path = f"/repos/octo/hello/pulls/comments/{reply['id']}"

    assert reply["in_reply_to_id"] == root.id
    assert here.caller.ask("POST", f"{_COMMENTS}/{reply['id']}/replies", {"body": "more"}).status_code == 422
    assert here.caller.ask("PATCH", path, {"body": "changed"}).json()["body"] == "changed"
    assert here.caller.ask("POST", f"{path}/reactions", {"content": "eyes"}).status_code == 201
    assert here.caller.ask("POST", f"{path}/reactions", {"content": "eyes"}).status_code == 200
    assert here.caller.ask("DELETE", path).status_code == 204
    assert here.caller.ask("GET", path).status_code == 404


def test_comments_of_others_are_not_the_apps_to_change(here: scene.Scene, pull: state.Pull) -> None:
    root = here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    word = here.world.comment(pull, "ada", "hello")

    for path in (f"/repos/octo/hello/pulls/comments/{root.id}", f"/repos/octo/hello/issues/comments/{word.id}"):
        assert here.caller.ask("PATCH", path, {"body": "other"}).status_code == 403
        assert here.caller.ask("DELETE", path).status_code == 403


def test_a_comment_follows_its_line_and_is_outdated_when_that_changes(here: scene.Scene, pull: state.Pull) -> None:
    comment = here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    moved = "new\n" + scene.NUMBERED.replace("line 10\n", "line ten\n")
    here.world.push(here.hello, "topic", {"numbers.txt": moved})
    assert (comment.line, comment.original_line, comment.commit_id) == (11, 10, pull.head_sha)

    here.world.push(here.hello, "topic", {"numbers.txt": moved.replace("line ten", "line TEN")})

    (shown,) = here.caller.ask("GET", _COMMENTS).json()
    assert (shown["line"], shown["position"], shown["original_line"]) == (None, None, 10)


def test_the_conversation_needs_one_of_two_permissions(here: scene.Scene, pull: state.Pull) -> None:
    for name in ("issues", "pull_requests"):
        assert here.narrowed(**{name: "write"}).ask("POST", _TALK, {"body": name}).status_code == 201
    assert here.narrowed(checks="write").ask("POST", _TALK, {"body": "no"}).status_code == 403
    assert [comment.body for comment in pull.comments.values()] == ["issues", "pull_requests"]


def test_a_conversations_comment_is_changed_and_deleted(here: scene.Scene, pull: state.Pull) -> None:
    made = here.caller.ask("POST", _TALK, {"body": "one"}).json()
    path = f"/repos/octo/hello/issues/comments/{made['id']}"

    assert made["performed_via_github_app"]["slug"] == "gatekeeper"
    assert here.caller.ask("PATCH", path, {"body": "two"}).json()["body"] == "two"
    assert here.caller.ask("POST", f"{path}/reactions", {"content": "+1"}).status_code == 201
    assert here.caller.ask("POST", f"{path}/reactions", {"content": "nice"}).status_code == 422
    assert here.caller.ask("DELETE", path).status_code == 204
    assert here.caller.ask("POST", _TALK, {"body": "b" * 65_537}).status_code == 422
    assert here.told("issue_comment") == [
        ("issue_comment", "created"),
        ("issue_comment", "edited"),
        ("issue_comment", "deleted"),
    ]
