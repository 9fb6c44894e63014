"""PyGithub, as it comes, talks to the double."""

from collections.abc import Iterator
from pathlib import Path

import github as pygithub
import pytest
from github.Repository import Repository

from tests.fakes.github import scene

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        yield stood


@pytest.fixture
def integration(here: scene.Scene) -> pygithub.GithubIntegration:
    here.world.clock.now_is_real()
    auth = pygithub.Auth.AppAuth(here.app.id, here.app.pem)
    return pygithub.GithubIntegration(
        auth=auth, base_url=here.api_url, seconds_between_requests=0, seconds_between_writes=0, retry=None
    )


@pytest.fixture
def hello(here: scene.Scene, integration: pygithub.GithubIntegration) -> Repository:
    return integration.get_github_for_installation(here.installation.id).get_repo("octo/hello")


def test_an_app_finds_its_installation(here: scene.Scene, integration: pygithub.GithubIntegration) -> None:
    assert integration.get_app().slug == "gatekeeper"
    assert [one.id for one in integration.get_installations()] == [here.installation.id]
    assert integration.get_repo_installation("octo", "hello").id == here.installation.id
    token = integration.get_access_token(here.installation.id, {"checks": "write"})
    assert token.permissions == {"metadata": "read", "checks": "write"}


def test_a_check_run_is_created_updated_and_found(here: scene.Scene, hello: Repository) -> None:
    pull = here.pull()
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "wrong"}
    run = hello.create_check_run("Gatekeeper", pull.head_sha, status="in_progress", external_id="review/1")
    run.edit(
        conclusion="failure",
        output={"title": "t", "summary": "s", "annotations": [note]},
        actions=[{"label": "Again", "description": "Run again", "identifier": "again"}],
    )

    (found,) = hello.get_commit(pull.head_sha).get_check_runs(check_name="Gatekeeper")

    assert (found.id, found.conclusion, found.external_id) == (run.id, "failure", "review/1")
    assert [one.message for one in found.get_annotations()] == ["wrong"]
    assert [one.number for one in found.pull_requests] == [pull.number]


def test_a_review_with_comments_is_made_and_answered(here: scene.Scene, hello: Repository) -> None:
    here.pull()
    pull = hello.get_pull(1)
    place: pygithub.PullRequest.ReviewComment = {"path": "numbers.txt", "line": 10, "side": "RIGHT", "body": "here"}
    review = pull.create_review(
        commit=hello.get_commit(pull.head.sha), body="a review", event="COMMENT", comments=[place]
    )

    (comment,) = pull.get_review_comments()

    assert (review.state, comment.line, comment.pull_request_review_id) == ("COMMENTED", 10, review.id)
    comment.edit("there")
    assert pull.create_review_comment_reply(comment.id, "yes").in_reply_to_id == comment.id
    assert [one.body for one in pull.get_review_comments()] == ["there", "yes"]


def test_a_review_outside_the_diff_is_an_error_with_its_reason(here: scene.Scene, hello: Repository) -> None:
    here.pull()
    place: pygithub.PullRequest.ReviewComment = {"path": "numbers.txt", "line": 30, "body": "nowhere"}

    with pytest.raises(pygithub.GithubException) as caught:
        hello.get_pull(1).create_review(body="b", event="COMMENT", comments=[place])

    assert caught.value.status == 422
    assert "must be part of the diff" in str(caught.value.data)


def test_the_conversation_is_read_and_written(here: scene.Scene, hello: Repository) -> None:
    pull = here.pull()
    here.world.comment(pull, "ada", "/gatekeeper help")
    (comment,) = hello.get_pull(1).get_issue_comments()
    comment.create_reaction("eyes")
    hello.get_pull(1).create_issue_comment("This is how.").edit("This is how it is done.")

    assert [one.body for one in pull.comments.values()] == ["/gatekeeper help", "This is how it is done."]
    assert [content for _, _, content in next(iter(pull.comments.values())).reactions] == ["eyes"]
    assert hello.get_collaborator_permission("ada") == "none"


def test_lists_are_read_to_their_end(here: scene.Scene, hello: Repository) -> None:
    here.pull({f"file-{number:03}.txt": "text\n" for number in range(75)})

    files = list(hello.get_pull(1).get_files())

    assert len({file.filename for file in files}) == 75
    assert [entry.call.path for entry in here.world.log].count("/api/v3/repos/octo/hello/pulls/1/files") == 3


def test_a_renamed_repository_is_followed(here: scene.Scene, hello: Repository) -> None:
    here.pull()
    here.world.rename(here.hello, "bonjour")

    assert hello.get_pull(1).number == 1
    assert hello.full_name == "octo/hello"


def test_threads_are_asked_for_by_graphql(here: scene.Scene, hello: Repository) -> None:
    pull = here.pull()
    here.world.review(pull, "ada", "numbers.txt", 10, "why?")
    query = """{ repository(owner: "octo", name: "hello") { pullRequest(number: 1) {
      reviewThreads(first: 5) { nodes { id path } } } } }"""

    _, answer = hello.requester.graphql_query(query, {})

    (thread,) = answer["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]
    assert thread["path"] == "numbers.txt"


def test_the_limits_have_exceptions_of_their_own(here: scene.Scene, hello: Repository) -> None:
    here.world.limits.exhaust(here.installation, here.world.now())

    with pytest.raises(pygithub.RateLimitExceededException):
        hello.get_pull(1)
