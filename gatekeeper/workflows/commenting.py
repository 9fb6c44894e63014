"""A review's comments, brought to its pull request."""

import structlog

from gatekeeper import errors, evaluation
from gatekeeper.store import evaluations
from gatekeeper.verdicts import authority, publication
from gatekeeper.workflows import ports, steps

_log = structlog.get_logger(__name__)


def asked(using: ports.Ports, identity: str) -> evaluation.Asked:
    """Return what the evaluation of that id is of."""
    found = evaluations.get(using.database, identity)
    # records are written in the transaction that enqueues the work
    assert found is not None, f"{identity} was never asked for"
    return found.asked


def comment(using: ports.Ports, of: evaluation.Asked) -> None:
    """Publish, as one step, the comments of a review that is done; a merge group has none.

    Nothing is published where something newer has taken its place, in shadow, and as long as it waits for CI.
    """
    if of.pull is not None:
        steps.step("publish comments", lambda: _publish(using, of))


def _publish(using: ports.Ports, of: evaluation.Asked) -> dict[str, int] | None:
    assert of.pull is not None
    published, done = None, None
    # what is found meanwhile is drafted anew, and whoever publishes that may be overtaken by this
    while (drafted := _drafted(using, of)) is not None and drafted != published:
        pull = using.pulls.get(of.place, of.pull)
        if not pull.open or pull.head != of.head:
            return None
        try:
            done = using.comments.publish(of.place, of.pull, drafted)
        except errors.RefusedError as refusal:
            # the check says it all; comments are the lesser part
            _log.warning("comments refused", reason=str(refusal))
            return None
        published = drafted
    return None if done is None else {"made": done.made, "updated": done.updated, "resolved": done.resolved}


def _drafted(using: ports.Ports, of: evaluation.Asked) -> publication.PullReview | None:
    """Return what is to be published now."""
    assert of.pull is not None
    found = evaluations.current_of_pull(using.database, of.place.repository, of.pull)
    if found is None or found.asked.id != of.id or found.reviewed is None:
        return None
    if found.reviewed.terms.authority is authority.Authority.SHADOW or found.held_until is not None:
        return None
    return found.reviewed.comments
