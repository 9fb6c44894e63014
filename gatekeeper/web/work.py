"""A delivery's event -> the durable work that it asks for. No I/O."""

from dataclasses import asdict, dataclass
from typing import Any

from gatekeeper import commands, evaluation, hosted
from gatekeeper.verdicts import publication
from gatekeeper.workflows import asking, names
from webhooks import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A review, unless its head has one already."""

    asked: evaluation.Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Another workflow, once for each delivery."""

    workflow: names.Workflow
    argument: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """A look at what CI did on a commit, once for all that is heard of it within a while."""

    place: hosted.Place
    sha: str
    # whether it is on the default branch, whose tests have a history
    history: bool = False


Work = Ask | Begin | Settle


def of(event: events.Event) -> Work | None:  # noqa: C901, PLR0911, PLR0912 - one arm for each kind of event
    """Return what is to be done; None where the delivery is only kept."""
    match event:
        case events.PullRequestPushed() | events.PullRequestLabelled():
            return _pull(event)
        case events.MergeGroupRequested():
            return _group(event)
        case events.PullRequestClosed():
            return _begin(names.Workflow.CLOSE, event, pull=event.pull.number, head=None)
        case events.MergeGroupDestroyed():
            return _begin(names.Workflow.CLOSE, event, pull=None, head=event.head)
        case events.CheckRunRerequested():
            return _begin(names.Workflow.RERUN, event, head=event.check_run.head) if _is_ours(event) else None
        case events.CheckSuiteRerequested():
            return _begin(names.Workflow.RERUN, event, head=event.head)
        case events.CheckRunActionRequested():
            return _action(event)
        case events.Commented():
            return _command(event)
        case events.InstallationChanged() | events.InstallationRepositoriesChanged():
            return Begin(workflow=names.Workflow.INSTALL, argument={"installation": event.installation})
        case events.CheckRunCompleted():
            return None if _is_ours(event) else _settle(event, event.check_run.head)
        case events.CheckSuiteCompleted():
            # of other branches, runs and checks tell by themselves; and this App's own suites would be among them
            is_history = event.head_branch == event.repository.default_branch
            return _settle(event, event.head, history=True) if is_history else None
        case events.WorkflowRunCompleted() | events.WorkflowJobCompleted():
            return _settle(event, event.head)
        case events.StatusChanged():
            return None if event.state == "pending" else _settle(event, event.sha)
        case events.PullRequestDrafted() | events.CheckSuiteRequested() | events.Pinged():
            return None


_OfRepository = (
    events.PullRequestPushed
    | events.PullRequestLabelled
    | events.PullRequestClosed
    | events.MergeGroupRequested
    | events.MergeGroupDestroyed
    | events.CheckRunRerequested
    | events.CheckSuiteRerequested
    | events.CheckRunActionRequested
    | events.CheckRunCompleted
    | events.CheckSuiteCompleted
    | events.WorkflowRunCompleted
    | events.WorkflowJobCompleted
    | events.StatusChanged
    | events.Commented
)


def _place(event: _OfRepository) -> hosted.Place | None:
    """Return where it happened; None for the webhook of a repository, which no installation stands behind."""
    if event.installation is None:
        return None
    repository = event.repository
    return hosted.Place(installation=event.installation, repository=repository.id, name=repository.name)


def _pull(event: events.PullRequestPushed | events.PullRequestLabelled) -> Ask | None:
    place, pull = _place(event), event.pull
    if place is None or not pull.open:
        return None
    asked = asking.of_pull(place, number=pull.number, head=pull.head, base=pull.base, base_ref=pull.base_ref)
    return Ask(asked=asked)


def _group(event: events.MergeGroupRequested) -> Ask | None:
    place = _place(event)
    if place is None:
        return None
    base_ref = event.base_ref.removeprefix("refs/heads/")
    return Ask(
        asked=asking.of_group(place, head=event.head, head_ref=event.head_ref, base=event.base, base_ref=base_ref)
    )


def _begin(workflow: names.Workflow, event: _OfRepository, **more: object) -> Begin | None:
    place = _place(event)
    return None if place is None else Begin(workflow=workflow, argument={"place": asdict(place), **more})


def _settle(event: _OfRepository, sha: str, *, history: bool = False) -> Settle | None:
    place = _place(event)
    return None if place is None else Settle(place=place, sha=sha, history=history)


def _is_ours(event: events.CheckRunRerequested | events.CheckRunActionRequested | events.CheckRunCompleted) -> bool:
    return event.check_run.name == publication.CHECK_NAME


def _action(event: events.CheckRunActionRequested) -> Begin | None:
    if not _is_ours(event):
        return None
    return _begin(
        names.Workflow.ACTION,
        event,
        head=event.check_run.head,
        identifier=event.identifier,
        sender=event.sender.login,
    )


def _command(event: events.Commented) -> Begin | None:
    if commands.parse(event.body) is None:
        return None
    return _begin(
        names.Workflow.COMMAND,
        event,
        pull=event.number,
        sender=event.sender.login,
        body=event.body,
        comment=event.comment_id,
        review_comment=event.review_comment,
    )
