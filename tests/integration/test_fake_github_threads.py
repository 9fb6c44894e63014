from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.github import apps, scene, state, visitor

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_PERMISSIONS = {**apps.PERMISSIONS, "contents": "write"}
_THREADS = """query($number: Int!, $first: Int, $after: String) {
  repository(owner: "octo", name: "hello") {
    pullRequest(number: $number) {
      reviewThreads(first: $first, after: $after) {
        nodes {
          id isResolved isOutdated path line
          comments(first: 10) { nodes { databaseId body author { login } isMinimized } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}"""
_RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
_UNRESOLVE = "mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
_HIDE = """mutation($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { isMinimized minimizedReason } }
}"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path, _PERMISSIONS) as stood:
        yield stood


def test_threads_have_their_comments_and_are_outdated_with_their_line(here: scene.Scene) -> None:
    pull = here.pull()
    root = here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    here.world.reply(root, "bob", "indeed")
    here.world.push(here.hello, "topic", {"numbers.txt": scene.NUMBERED.replace("line 10\n", "TEN\n")})

    (thread,) = _threads(here, pull)["nodes"]

    assert (thread["isResolved"], thread["isOutdated"], thread["line"]) == (False, True, None)
    assert [(one["body"], one["author"]["login"]) for one in thread["comments"]["nodes"]] == [
        ("why?", "ada"),
        ("indeed", "bob"),
    ]


def test_threads_come_in_pages(here: scene.Scene) -> None:
    pull = here.pull()
    made = [here.world.review(pull, "ada", "numbers.txt", line, "why?").id for line in (8, 9, 10)]
    first = _threads(here, pull, first=2)
    second = _threads(here, pull, first=2, after=first["pageInfo"]["endCursor"])

    found = [one["comments"]["nodes"][0]["databaseId"] for page in (first, second) for one in page["nodes"]]
    assert found == made
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


def test_a_thread_is_resolved_and_opened_again(here: scene.Scene) -> None:
    pull = here.pull()
    here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    (thread,) = _threads(here, pull)["nodes"]

    assert here.caller.graphql(_RESOLVE, id=thread["id"]) == {
        "data": {"resolveReviewThread": {"thread": {"isResolved": True}}}
    }
    assert _threads(here, pull)["nodes"][0]["isResolved"]
    here.caller.graphql(_UNRESOLVE, id=thread["id"])
    assert not _threads(here, pull)["nodes"][0]["isResolved"]


def test_resolving_needs_contents_write(here: scene.Scene) -> None:
    pull = here.pull()
    root = here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    reader = here.narrowed(pull_requests="write", contents="read")

    answer = reader.graphql(_RESOLVE, id=f"PRRT_{root.id}")

    assert _errors(answer) == [("FORBIDDEN", "Resource not accessible by integration")]
    assert pull.resolved == set()


def test_a_comment_of_either_kind_is_hidden(here: scene.Scene) -> None:
    pull = here.pull()
    root = here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    word = here.world.comment(pull, "ada", "hello")

    for node in (f"PRRC_{root.id}", f"IC_{word.id}"):
        assert here.caller.graphql(_HIDE, id=node) == {
            "data": {"minimizeComment": {"minimizedComment": {"isMinimized": True, "minimizedReason": "outdated"}}}
        }


def test_what_is_not_there_is_said_to_be_missing(here: scene.Scene) -> None:
    assert _errors(here.caller.graphql(_RESOLVE, id="PRRT_1"))[0][0] == "NOT_FOUND"
    assert _errors(here.caller.graphql(_THREADS, number=9, first=1))[0][0] == "NOT_FOUND"


def test_what_the_published_schema_does_not_have_is_refused(here: scene.Scene) -> None:
    here.pull()
    answer = here.caller.graphql('{ repository(owner: "octo", name: "hello") { pullRequest(number: 1) { mood } } }')

    assert "Cannot query field 'mood' on type 'PullRequest'" in str(answer["errors"])
    assert "data" not in answer


def test_a_list_needs_a_length_of_at_most_a_hundred(here: scene.Scene) -> None:
    here.pull()

    assert _errors(here.caller.graphql(_THREADS, number=1))[0][0] == "MISSING_PAGINATION_BOUNDARIES"
    assert _errors(here.caller.graphql(_THREADS, number=1, first=101))[0][0] == "EXCESSIVE_PAGINATION"


def test_an_app_with_its_own_key_asks_nothing_of_a_repository(here: scene.Scene) -> None:
    answer = visitor.Visitor(f"{here.url}/api", here.keyed.token).ask("POST", "/graphql", {"query": "{ id }"})

    assert answer.status_code == 401


def _threads(here: scene.Scene, pull: state.Pull, first: int = 10, **more: object) -> Any:
    answer: Any = here.caller.graphql(_THREADS, number=pull.number, first=first, **more)
    return answer["data"]["repository"]["pullRequest"]["reviewThreads"]


def _errors(answer: Any) -> list[tuple[str, str]]:
    return [(error["type"], error["message"]) for error in answer["errors"]]
