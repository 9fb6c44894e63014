"""Delivery -> one event of a closed union, or the reason why it is ignored.

The payloads are those of "Webhook events and payloads" in GitHub's documentation; `at` says where each field is found.
A long file, because each event is declared once: what it tells, what that may be, and where a payload has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, get_args

from pydantic import TypeAdapter, ValidationError

from webhooks import fields
from webhooks.delivery import Delivery, MalformedDelivery, shown
from webhooks.fields import at


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryName:
    """A repository where GitHub tells no more of it."""

    id: fields.Id
    # owner/name
    name: Annotated[fields.FullName, at("full_name")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The repository in which something happened."""

    id: fields.Id
    # owner/name
    name: Annotated[fields.FullName, at("full_name")]
    default_branch: fields.Ref
    private: fields.Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user, an organization, an enterprise or a bot."""

    id: fields.Id
    login: Annotated[fields.Login, at("login", otherwise=("slug",))]
    is_bot: Annotated[fields.Flag, at("type"), fields.equals("Bot")] = False


# GitHub's own stand-in for an account that is no more; here for a sender that GitHub does not name
GHOST = Account(id=10137, login="ghost")


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request as it was when the delivery was made."""

    number: fields.Id
    head: Annotated[fields.Sha, at("head", "sha")]
    head_ref: Annotated[fields.Ref, at("head", "ref")]
    # None where the fork is gone
    head_repository: Annotated[fields.Id | None, at("head", "repo", "id")] = None
    base: Annotated[fields.Sha, at("base", "sha")]
    base_ref: Annotated[fields.Ref, at("base", "ref")]
    draft: fields.Flag
    labels: fields.Names
    open: Annotated[fields.Flag, at("state"), fields.equals("open")]
    title: fields.Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """One check run, of this App or of another."""

    id: fields.Id
    name: fields.Text
    # as its App set it; empty where it set none
    external_id: fields.TextOrNone = ""
    head: Annotated[fields.Sha, at("head_sha")]
    # None where the App is gone
    app_id: Annotated[fields.Id | None, at("app", "id")] = None
    # None while it runs
    conclusion: fields.Word | None = None
    # empty where there is none
    details_url: fields.TextOrNone = ""
    # of this repository; empty for a pull request from a fork
    pull_requests: fields.Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfRepository:
    """What every event of a repository tells."""

    # the App's; None where the webhook is not an App's
    installation: Annotated[fields.Id | None, at("installation", "id")] = None
    repository: Repository
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestPushed(_OfRepository):
    """A pull request has something new to review."""

    action: fields.PushAction
    pull: Annotated[PullRequest, at("pull_request")]
    # GitHub may leave it out of `edited`
    sender: Account = GHOST


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestLabelled(_OfRepository):
    """A label was added to a pull request or taken from it."""

    pull: Annotated[PullRequest, at("pull_request")]
    # None where the label itself is gone
    label: Annotated[fields.Text | None, at("label", "name")] = None
    added: Annotated[fields.Flag, at("action"), fields.equals("labeled")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestDrafted(_OfRepository):
    """A pull request became a draft."""

    pull: Annotated[PullRequest, at("pull_request")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestClosed(_OfRepository):
    """A pull request was closed or merged."""

    pull: Annotated[PullRequest, at("pull_request")]
    merged: Annotated[fields.Flag, at("pull_request", "merged")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfMergeGroup(_OfRepository):
    """A merge group; the names of its branches are full, as in `refs/heads/main`."""

    head: Annotated[fields.Sha, at("merge_group", "head_sha")]
    head_ref: Annotated[fields.Ref, at("merge_group", "head_ref")]
    # GitHub may leave it out
    sender: Account = GHOST


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeGroupRequested(_OfMergeGroup):
    """The merge queue waits for the checks of a merge group."""

    base: Annotated[fields.Sha, at("merge_group", "base_sha")]
    base_ref: Annotated[fields.Ref, at("merge_group", "base_ref")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeGroupDestroyed(_OfMergeGroup):
    """A merge group is no more."""

    # merged, invalidated or dequeued; None where GitHub does not say
    reason: fields.Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunRerequested(_OfRepository):
    """Somebody asked for a check run again; GitHub does not reset it."""

    check_run: CheckRun


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunActionRequested(_OfRepository):
    """Somebody pressed a button of a check run."""

    check_run: CheckRun
    # as the App gave it to the button
    identifier: Annotated[fields.Text, at("requested_action", "identifier")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunCompleted(_OfRepository):
    """A check run came to its end."""

    check_run: CheckRun


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfCheckSuite(_OfRepository):
    """All check runs of one App on one commit."""

    head: Annotated[fields.Sha, at("check_suite", "head_sha")]
    # None for a pull request from a fork
    head_branch: Annotated[fields.Ref | None, at("check_suite", "head_branch")] = None
    # None where the App is gone
    app_id: Annotated[fields.Id | None, at("check_suite", "app", "id")] = None
    # of this repository; empty for a pull request from a fork
    pull_requests: Annotated[fields.Numbers, at("check_suite", "pull_requests")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSuiteRequested(_OfCheckSuite):
    """A commit was pushed, and its checks are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSuiteRerequested(_OfCheckSuite):
    """Somebody asked for all checks of a commit again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSuiteCompleted(_OfCheckSuite):
    """All check runs of a suite came to their end."""

    # None where GitHub does not say
    conclusion: Annotated[fields.Word | None, at("check_suite", "conclusion")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunCompleted(_OfRepository):
    """A run of a GitHub Actions workflow came to its end."""

    run_id: Annotated[fields.Id, at("workflow_run", "id")]
    # counted from 1
    attempt: Annotated[fields.Id, at("workflow_run", "run_attempt")] = 1
    # empty where the workflow has none
    name: Annotated[fields.TextOrNone, at("workflow_run", "name")]
    # of the workflow's file in the repository
    path: Annotated[fields.Text, at("workflow_run", "path", otherwise=("workflow", "path"))]
    head: Annotated[fields.Sha, at("workflow_run", "head_sha")]
    # what started it, such as `pull_request`
    event: Annotated[fields.Word, at("workflow_run", "event")]
    # None where GitHub does not say
    conclusion: Annotated[fields.Word | None, at("workflow_run", "conclusion")] = None
    # None where the fork is gone
    head_repository: Annotated[fields.Id | None, at("workflow_run", "head_repository", "id")] = None
    # of this attempt
    started: Annotated[fields.Time, at("workflow_run", "run_started_at", otherwise=("workflow_run", "created_at"))]
    completed: Annotated[fields.Time, at("workflow_run", "updated_at")]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowJobCompleted(_OfRepository):
    """A job of a GitHub Actions workflow came to its end."""

    job_id: Annotated[fields.Id, at("workflow_job", "id")]
    run_id: Annotated[fields.Id, at("workflow_job", "run_id")]
    # counted from 1
    attempt: Annotated[fields.Id, at("workflow_job", "run_attempt")] = 1
    name: Annotated[fields.Text, at("workflow_job", "name")]
    # the workflow's name; empty where it has none
    workflow: Annotated[fields.TextOrNone, at("workflow_job", "workflow_name")] = ""
    head: Annotated[fields.Sha, at("workflow_job", "head_sha")]
    # None where GitHub does not say
    conclusion: Annotated[fields.Word | None, at("workflow_job", "conclusion")] = None
    # None where it never ran
    started: Annotated[fields.Time | None, at("workflow_job", "started_at")] = None
    completed: Annotated[fields.Time | None, at("workflow_job", "completed_at")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(_OfRepository):
    """A commit got a status."""

    sha: fields.Sha
    context: fields.Text
    # error, failure, pending or success
    state: fields.Word
    # empty where there is none
    target_url: fields.TextOrNone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented(_OfRepository):
    """A person made a comment on a pull request."""

    # of the pull request
    number: Annotated[fields.Id, at("issue", "number", otherwise=("pull_request", "number"))]
    comment_id: Annotated[fields.Id, at("comment", "id")]
    # the first 65,536 characters
    body: Annotated[fields.Body, at("comment", "body")]
    # whether it stands at a line of the diff, not in the conversation
    review_comment: Annotated[fields.Flag, at("pull_request"), fields.is_there()] = False
    # what the author is to the repository, such as MEMBER
    association: Annotated[fields.Word, at("comment", "author_association")]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged:
    """An account installed the App, removed it, or changed what it may do."""

    action: fields.InstallationAction
    installation: Annotated[fields.Id, at("installation", "id")]
    # None where the account is gone
    account: Annotated[Account | None, at("installation", "account")] = None
    # empty where GitHub lists none
    repositories: tuple[RepositoryName, ...] = ()
    # such as `checks: write`
    permissions: Annotated[fields.Permissions, at("installation", "permissions")]
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationRepositoriesChanged:
    """The App may see more repositories, or fewer."""

    installation: Annotated[fields.Id, at("installation", "id")]
    added: Annotated[tuple[RepositoryName, ...], at("repositories_added")]
    removed: Annotated[tuple[RepositoryName, ...], at("repositories_removed")]
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """A webhook was made, and GitHub tries it."""

    hook_id: fields.Id | None = None
    # a maxim of GitHub's
    zen: fields.TextOrNone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Nothing is to be done."""

    # a sentence
    reason: str


Event = (
    PullRequestPushed
    | PullRequestLabelled
    | PullRequestDrafted
    | PullRequestClosed
    | MergeGroupRequested
    | MergeGroupDestroyed
    | CheckRunRerequested
    | CheckRunActionRequested
    | CheckRunCompleted
    | CheckSuiteRequested
    | CheckSuiteRerequested
    | CheckSuiteCompleted
    | WorkflowRunCompleted
    | WorkflowJobCompleted
    | StatusChanged
    | Commented
    | InstallationChanged
    | InstallationRepositoriesChanged
    | Pinged
)

# by X-GitHub-Event and the payload's action, None where the event has none
_KINDS: Mapping[str, Mapping[str | None, type[Event]]] = {
    "pull_request": {
        "opened": PullRequestPushed,
        "synchronize": PullRequestPushed,
        "reopened": PullRequestPushed,
        "ready_for_review": PullRequestPushed,
        "edited": PullRequestPushed,
        "labeled": PullRequestLabelled,
        "unlabeled": PullRequestLabelled,
        "converted_to_draft": PullRequestDrafted,
        "closed": PullRequestClosed,
    },
    "merge_group": {"checks_requested": MergeGroupRequested, "destroyed": MergeGroupDestroyed},
    "check_run": {
        "rerequested": CheckRunRerequested,
        "requested_action": CheckRunActionRequested,
        "completed": CheckRunCompleted,
    },
    "check_suite": {
        "requested": CheckSuiteRequested,
        "rerequested": CheckSuiteRerequested,
        "completed": CheckSuiteCompleted,
    },
    "workflow_run": {"completed": WorkflowRunCompleted},
    "workflow_job": {"completed": WorkflowJobCompleted},
    "status": {None: StatusChanged},
    "issue_comment": {"created": Commented},
    "pull_request_review_comment": {"created": Commented},
    "installation": dict.fromkeys(get_args(fields.InstallationAction), InstallationChanged),
    "installation_repositories": {
        "added": InstallationRepositoriesChanged,
        "removed": InstallationRepositoriesChanged,
    },
    "ping": {None: Pinged},
}
_READERS: Mapping[type[Event], TypeAdapter[Event]] = {
    kind: TypeAdapter(kind) for kinds in _KINDS.values() for kind in kinds.values()
}


_COMMENTS = frozenset({"issue_comment", "pull_request_review_comment"})


def read(delivery: Delivery) -> Event | Ignored:
    """Return what `delivery` tells. Raises MalformedDelivery where it lacks what events of its kind have."""
    kinds = _KINDS.get(delivery.event)
    if kinds is None:
        return Ignored(reason=f"Nothing is done for {shown(delivery.event)}.")
    if delivery.action is None and None not in kinds:
        raise MalformedDelivery(f"{delivery.event}: action: missing")
    kind = kinds.get(delivery.action)
    if kind is None:
        return Ignored(reason=_needless(delivery))
    if why := _idle(delivery):
        return Ignored(reason=why)
    try:
        repository = fields.found(delivery.payload, "repository", "id")
        return _READERS[kind].validate_python(delivery.payload, context=repository)
    except ValidationError as problem:
        raise MalformedDelivery(f"{_named(delivery)}: {_first(problem)}") from problem


def _needless(delivery: Delivery) -> str:
    """Return why an action of a known event asks for nothing."""
    if delivery.event in _COMMENTS:
        return "A command is given once, when its comment is made: later changes of the comment do nothing."
    return f"Nothing is done for {_named(delivery)}."


def _idle(delivery: Delivery) -> str | None:
    """Return why a delivery of a kind that is acted on asks for nothing this time; None where it does ask."""
    payload = delivery.payload
    if (delivery.event, delivery.action) == ("pull_request", "edited"):
        same = fields.found(payload, "changes", "base") is None
        return "The base of the pull request is as it was." if same else None
    if delivery.event not in _COMMENTS:
        return None
    if delivery.event == "issue_comment" and fields.found(payload, "issue", "pull_request") is None:
        return "The comment is on an issue, not on a pull request."
    return "Bots give no commands." if fields.found(payload, "sender", "type") == "Bot" else None


def _named(delivery: Delivery) -> str:
    return shown(f"{delivery.event} {delivery.action or ''}".strip())


def _first(problem: ValidationError) -> str:
    error = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    return shown(f"{'.'.join(map(str, error['loc']))}: {error['msg']}", 300)
