from datetime import UTC, datetime
from typing import Any

import pytest

from tests import webhook_examples
from webhooks import events

_SENDER = events.Account(id=21031067, login="Codertocat")
_REPOSITORY = events.Repository(id=186853002, name="Codertocat/Hello-World", default_branch="master", private=False)
_PULL = events.PullRequest(
    number=2,
    head="ec26c3e57ca3a959ca5aad62de7213c562f8c821",
    head_ref="changes",
    head_repository=186853002,
    base="f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
    base_ref="master",
    draft=False,
    labels=(),
    open=True,
    title="Update the README with new information.",
)
_SHA = "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d"


def _read(event: str, payload: dict[str, Any]) -> events.Event | events.Ignored:
    return events.read(webhook_examples.received(event, payload))


def test_an_opened_pull_request_is_pushed() -> None:
    assert _read("pull_request", webhook_examples.first("pull_request", "opened")) == events.PullRequestPushed(
        installation=None, repository=_REPOSITORY, sender=_SENDER, action="opened", pull=_PULL
    )


def test_a_new_base_is_a_push_and_other_edits_are_not() -> None:
    moved = _read("pull_request", webhook_examples.edited({"base": {"ref": {"from": "main"}, "sha": {"from": _SHA}}}))
    renamed = _read("pull_request", webhook_examples.edited({"title": {"from": "Old"}}))

    assert isinstance(moved, events.PullRequestPushed)
    assert moved.action == "edited"
    assert renamed == events.Ignored(reason="The base of the pull request is as it was.")


def test_an_edit_without_its_sender_is_the_ghosts() -> None:
    payload = webhook_examples.edited({"base": {"ref": {"from": "main"}}})
    del payload["sender"]

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestPushed)
    assert read.sender == events.GHOST


def test_a_pull_request_from_a_fork_that_is_gone_has_no_head_repository() -> None:
    payload = webhook_examples.first("pull_request", "synchronize")
    payload["pull_request"]["head"]["repo"] = None

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestPushed)
    assert read.pull.head_repository is None


@pytest.mark.parametrize(("action", "added"), [("labeled", True), ("unlabeled", False)])
def test_a_label_is_added_or_taken_away(action: str, added: bool) -> None:  # noqa: FBT001
    read = _read("pull_request", webhook_examples.first("pull_request", action))

    assert isinstance(read, events.PullRequestLabelled)
    assert (read.label, read.added) == ("bug", added)


def test_a_label_that_is_gone_has_no_name() -> None:
    payload = webhook_examples.first("pull_request", "unlabeled")
    del payload["label"]

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestLabelled)
    assert read.label is None


def test_the_labels_of_a_pull_request_are_their_names() -> None:
    payload = webhook_examples.first("pull_request", "opened")
    payload["pull_request"]["labels"] = [{"id": 1, "name": "bug"}, {"id": 2, "name": "good first issue"}]

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestPushed)
    assert read.pull.labels == ("bug", "good first issue")


@pytest.mark.parametrize("merged", [True, False])
def test_a_closed_pull_request_is_merged_or_not(merged: bool) -> None:  # noqa: FBT001
    payload = webhook_examples.first("pull_request", "closed")
    payload["pull_request"]["merged"] = merged

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestClosed)
    assert (read.merged, read.pull.open) == (merged, False)


def test_a_merge_group_has_its_head_and_base() -> None:
    read = _read("merge_group", webhook_examples.first("merge_group", "checks_requested"))

    assert isinstance(read, events.MergeGroupRequested)
    assert (read.head, read.base) == (_SHA, "380387fbc80638b734a49e1be1c4dfec1c01b33c")
    assert (read.head_ref[:32], read.base_ref) == ("refs/heads/gh-readonly-queue/mai", "refs/heads/main")
    assert read.installation == 1


def test_a_merge_group_that_is_no_more_says_why() -> None:
    read = _read("merge_group", webhook_examples.merge_group_destroyed())

    assert isinstance(read, events.MergeGroupDestroyed)
    assert (read.head, read.reason) == (_SHA, "invalidated")


def test_a_check_run_is_asked_for_again() -> None:
    read = _read("check_run", webhook_examples.first("check_run", "rerequested"))

    assert isinstance(read, events.CheckRunRerequested)
    assert read.check_run == events.CheckRun(
        id=4,
        name="randscape",
        external_id="",
        head="d6fde92930d4715a2b49857d24b940956b26d2d3",
        app_id=2,
        conclusion="neutral",
        details_url="",
        pull_requests=(),
    )


def test_a_button_tells_its_identifier() -> None:
    read = _read("check_run", webhook_examples.first("check_run", "requested_action"))

    assert isinstance(read, events.CheckRunActionRequested)
    assert (read.identifier, read.check_run.app_id, read.check_run.conclusion) == ("lgtm|26764", 25811, None)
    assert read.check_run.pull_requests == (26764,)


def test_pull_requests_of_another_repository_are_left_out() -> None:
    payload = webhook_examples.first("check_suite", "completed")
    listed = payload["check_suite"]["pull_requests"][0]
    elsewhere = {**listed, "number": 99, "base": {**listed["base"], "repo": {"id": 1}}}
    payload["check_suite"]["pull_requests"] = [elsewhere, listed]

    read = _read("check_suite", payload)

    assert isinstance(read, events.CheckSuiteCompleted)
    assert (read.pull_requests, read.conclusion, read.head_branch) == ((2,), "success", "changes")


def test_a_check_without_an_app_is_read_all_the_same() -> None:
    payload = webhook_examples.first("check_run", "completed")
    payload["check_run"]["app"] = None

    read = _read("check_run", payload)

    assert isinstance(read, events.CheckRunCompleted)
    assert read.check_run.app_id is None


def test_a_workflow_run_has_its_times_and_its_file() -> None:
    payload = webhook_examples.first("workflow_run", "completed")
    payload["workflow_run"]["path"] = ".github/workflows/test.yml"

    read = _read("workflow_run", payload)

    assert isinstance(read, events.WorkflowRunCompleted)
    assert (read.path, read.attempt) == (".github/workflows/test.yml", 1)
    assert (read.started, read.completed) == (
        datetime.fromisoformat(payload["workflow_run"]["run_started_at"]),
        datetime.fromisoformat(payload["workflow_run"]["updated_at"]),
    )


def test_a_workflow_run_of_an_older_server_takes_its_file_from_the_workflow() -> None:
    payload = webhook_examples.first("workflow_run", "completed")
    payload["workflow_run"].pop("path", None)

    read = _read("workflow_run", payload)

    assert isinstance(read, events.WorkflowRunCompleted)
    assert read.path == payload["workflow"]["path"]


def test_a_job_tells_of_which_run_it_is() -> None:
    read = _read("workflow_job", webhook_examples.first("workflow_job", "completed"))

    assert isinstance(read, events.WorkflowJobCompleted)
    assert (read.job_id, read.run_id, read.attempt) == (289782451, 2202229078, 1)
    assert (read.name, read.workflow, read.conclusion) == ("linters", "CodeQL", "failure")
    assert read.started == datetime(2021, 8, 5, 10, 34, 58, tzinfo=UTC)


def test_a_job_that_never_ran_has_no_times() -> None:
    payload = webhook_examples.first("workflow_job", "completed")
    payload["workflow_job"] |= {"started_at": None, "completed_at": None}

    read = _read("workflow_job", payload)

    assert isinstance(read, events.WorkflowJobCompleted)
    assert (read.started, read.completed) == (None, None)


def test_a_status_is_read() -> None:
    read = _read("status", webhook_examples.first("status"))

    assert isinstance(read, events.StatusChanged)
    assert (read.sha[:7], read.context, read.state, read.target_url) == ("6113728", "default", "success", "")


def test_a_comment_on_a_pull_request_is_read() -> None:
    payload = webhook_examples.comment_on_pull_request()

    read = _read("issue_comment", payload)

    assert isinstance(read, events.Commented)
    assert (read.number, read.comment_id) == (payload["issue"]["number"], payload["comment"]["id"])
    assert (read.body, read.association) == (payload["comment"]["body"], "OWNER")
    assert not read.review_comment


def test_a_comment_at_a_line_is_read() -> None:
    payload = webhook_examples.first("pull_request_review_comment", "created")

    read = _read("pull_request_review_comment", payload)

    assert isinstance(read, events.Commented)
    assert (read.number, read.review_comment) == (payload["pull_request"]["number"], True)


def test_a_comment_on_an_issue_is_ignored() -> None:
    payload = webhook_examples.first("issue_comment", "created")

    assert _read("issue_comment", payload) == events.Ignored(
        reason="The comment is on an issue, not on a pull request."
    )


@pytest.mark.parametrize("event", ["issue_comment", "pull_request_review_comment"])
@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_changing_a_comment_gives_no_command(event: str, action: str) -> None:
    payload = {**webhook_examples.comment_on_pull_request(), "action": action}

    assert _read(event, payload) == events.Ignored(
        reason="A command is given once, when its comment is made: later changes of the comment do nothing."
    )


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("issue_comment", webhook_examples.comment_on_pull_request()),
        ("pull_request_review_comment", webhook_examples.first("pull_request_review_comment", "created")),
    ],
)
def test_a_bot_gives_no_command(event: str, payload: dict[str, Any]) -> None:
    payload = {**payload, "sender": {"id": 1, "login": "some[bot]", "type": "Bot"}}

    assert _read(event, payload) == events.Ignored(reason="Bots give no commands.")


def test_a_bot_is_told_from_a_person() -> None:
    payload = webhook_examples.first("pull_request", "opened")
    payload["sender"] = {"id": 49699333, "login": "dependabot[bot]", "type": "Bot"}

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestPushed)
    assert read.sender == events.Account(id=49699333, login="dependabot[bot]", is_bot=True)


def test_an_installation_lists_its_repositories_and_permissions() -> None:
    read = _read("installation", webhook_examples.first("installation", "new_permissions_accepted"))

    assert isinstance(read, events.InstallationChanged)
    assert (read.action, read.installation, read.account) == ("new_permissions_accepted", 957387, _SENDER)
    assert read.repositories == (events.RepositoryName(id=186853002, name="Codertocat/Hello-World"),)
    assert read.permissions["checks"] == "write"


def test_an_installation_of_an_enterprise_has_its_slug() -> None:
    payload = webhook_examples.first("installation", "created")
    payload["installation"]["account"] = {"id": 3, "slug": "octo-corp", "name": "Octo Corp"}
    del payload["repositories"]

    read = _read("installation", payload)

    assert isinstance(read, events.InstallationChanged)
    assert (read.account, read.repositories) == (events.Account(id=3, login="octo-corp"), ())


def test_an_installation_gains_repositories() -> None:
    read = _read("installation_repositories", webhook_examples.first("installation_repositories", "added"))

    assert isinstance(read, events.InstallationRepositoriesChanged)
    assert (read.added, read.removed) == ((events.RepositoryName(id=186853007, name="Codertocat/Space"),), ())


def test_a_ping_is_answered() -> None:
    assert _read("ping", webhook_examples.first("ping")) == events.Pinged(
        hook_id=109948940, zen="Anything added dilutes everything else."
    )


def test_an_unknown_event_is_ignored_and_shown_in_short() -> None:
    assert _read("sponsorship", {"action": "created"}) == events.Ignored(reason="Nothing is done for sponsorship.")

    read = _read("pull_request", {"action": "\x1b[2J" * 1_000})

    assert isinstance(read, events.Ignored)
    assert read.reason.isprintable()
    assert len(read.reason) < 200
