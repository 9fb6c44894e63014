from datetime import UTC, datetime

import pytest

from gatekeeper import evaluation, hosted
from gatekeeper.web import work
from gatekeeper.workflows import names
from webhooks import events, fields

PLACE = hosted.Place(installation=3, repository=5, name="octo/hello")
HEAD, BASE = "a" * 40, "b" * 40
REPOSITORY = events.Repository(id=5, name="octo/hello", default_branch="main", private=False)
ADA = events.Account(id=9, login="ada")


def _pull(**changes: object) -> events.PullRequest:
    given = {
        "number": 7,
        "head": HEAD,
        "head_ref": "topic",
        "head_repository": 6,
        "base": BASE,
        "base_ref": "main",
        "draft": False,
        "labels": (),
        "open": True,
        "title": "A change",
    }
    return events.PullRequest(**{**given, **changes})  # type: ignore[arg-type] # by name


def _check_run(**changes: object) -> events.CheckRun:
    given = {"id": 1, "name": "Gatekeeper", "head": HEAD, "app_id": 2, "pull_requests": ()}
    return events.CheckRun(**{**given, **changes})  # type: ignore[arg-type] # as above


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "ready_for_review", "edited"])
def test_a_push_asks_for_a_review_that_is_named_by_what_it_is_of(action: fields.PushAction) -> None:
    event = events.PullRequestPushed(
        installation=3,
        repository=REPOSITORY,
        sender=ADA,
        action=action,
        pull=_pull(),
    )

    assert work.of(event) == work.Ask(
        asked=evaluation.Asked(
            id=f"review/5/7/{HEAD}/{BASE}/0",
            place=PLACE,
            pull=7,
            head=HEAD,
            head_ref="refs/pull/7/head",
            base=BASE,
            base_ref="main",
        )
    )


def test_a_closed_pull_request_is_not_reviewed_however_it_was_changed() -> None:
    event = events.PullRequestPushed(
        installation=3, repository=REPOSITORY, sender=ADA, action="synchronize", pull=_pull(open=False)
    )

    assert work.of(event) is None


def test_the_webhook_of_a_repository_asks_for_nothing_since_no_token_opens_it() -> None:
    event = events.PullRequestPushed(repository=REPOSITORY, sender=ADA, action="opened", pull=_pull())

    assert work.of(event) is None


def test_a_merge_group_is_reviewed_at_its_own_head_against_its_own_base() -> None:
    event = events.MergeGroupRequested(
        installation=3,
        repository=REPOSITORY,
        sender=ADA,
        head=HEAD,
        head_ref="refs/heads/gh-readonly-queue/main/pr-7-b",
        base=BASE,
        base_ref="refs/heads/main",
    )

    asked = work.of(event)

    assert isinstance(asked, work.Ask)
    assert (asked.asked.pull, asked.asked.head, asked.asked.base, asked.asked.base_ref) == (None, HEAD, BASE, "main")
    assert asked.asked.head_ref == "refs/heads/gh-readonly-queue/main/pr-7-b"


def test_a_dissolved_merge_group_ends_its_review() -> None:
    event = events.MergeGroupDestroyed(
        installation=3, repository=REPOSITORY, sender=ADA, head=HEAD, head_ref="refs/heads/x", reason="dequeued"
    )

    found = work.of(event)

    assert isinstance(found, work.Begin)
    assert (found.workflow, found.argument["head"], found.argument["pull"]) == (names.Workflow.CLOSE, HEAD, None)


def test_a_rerun_of_another_apps_check_is_not_ours() -> None:
    ours = events.CheckRunRerequested(installation=3, repository=REPOSITORY, sender=ADA, check_run=_check_run())
    other = events.CheckRunRerequested(
        installation=3, repository=REPOSITORY, sender=ADA, check_run=_check_run(name="lint")
    )

    assert isinstance(work.of(ours), work.Begin)
    assert work.of(other) is None


def test_a_comment_without_a_command_asks_for_nothing() -> None:
    def commented(body: str) -> events.Commented:
        return events.Commented(
            installation=3,
            repository=REPOSITORY,
            sender=ADA,
            number=7,
            comment_id=11,
            body=body,
            association="MEMBER",
        )

    assert work.of(commented("see `/gatekeeper review`")) is None
    found = work.of(commented("/gatekeeper review"))
    assert isinstance(found, work.Begin)
    assert (found.workflow, found.argument["sender"], found.argument["pull"]) == (names.Workflow.COMMAND, "ada", 7)


def test_a_check_run_of_ours_that_ended_begins_nothing() -> None:
    event = events.CheckRunCompleted(installation=3, repository=REPOSITORY, sender=ADA, check_run=_check_run())

    assert work.of(event) is None


_ENDED = (
    events.CheckRunCompleted(
        installation=3, repository=REPOSITORY, sender=ADA, check_run=_check_run(name="build", conclusion="failure")
    ),
    events.WorkflowJobCompleted(
        installation=3, repository=REPOSITORY, sender=ADA, job_id=1, run_id=2, name="test", head=HEAD
    ),
    events.WorkflowRunCompleted(
        installation=3,
        repository=REPOSITORY,
        sender=ADA,
        run_id=2,
        name="CI",
        path=".github/workflows/ci.yml",
        head=HEAD,
        event="pull_request",
        started=datetime(2026, 11, 21, 12, tzinfo=UTC),
        completed=datetime(2026, 11, 21, 13, tzinfo=UTC),
    ),
    events.StatusChanged(
        installation=3, repository=REPOSITORY, sender=ADA, sha=HEAD, context="jenkins", state="failure"
    ),
)


@pytest.mark.parametrize("event", _ENDED, ids=lambda event: type(event).__name__)
def test_what_ended_on_a_commit_has_it_looked_at(event: events.Event) -> None:
    assert work.of(event) == work.Settle(place=PLACE, sha=HEAD)


def test_a_status_that_is_pending_says_nothing_yet() -> None:
    event = events.StatusChanged(
        installation=3, repository=REPOSITORY, sender=ADA, sha=HEAD, context="jenkins", state="pending"
    )

    assert work.of(event) is None


@pytest.mark.parametrize(("branch", "looked"), [("main", True), ("topic", False), (None, False)])
def test_of_suites_those_of_the_default_branch_are_its_tests_history(branch: str | None, looked: bool) -> None:  # noqa: FBT001 - a parameter
    event = events.CheckSuiteCompleted(
        installation=3, repository=REPOSITORY, sender=ADA, head=HEAD, head_branch=branch, pull_requests=()
    )

    assert work.of(event) == (work.Settle(place=PLACE, sha=HEAD, history=True) if looked else None)
