"""A review from the request to what is published, as two durable workflows.

`request` checks that the review still stands and shows it as queued at once; `perform` carries it out when its turn
comes. Between their steps either may be killed, and goes on at the next step, on this worker or on another.
"""

import structlog
from dbos import DBOS, EnqueueOptions

from gatekeeper import errors, hosted
from gatekeeper.store import evaluations
from gatekeeper.verdicts import authority
from gatekeeper.workflows import carrying, names, ports, showing, steps

_log = structlog.get_logger(__name__)

# seconds between looks at a pull request that the API does not show at the head that was pushed: it may lag
_LOOKS = (0.0, 1.0, 2.0, 4.0, 8.0)


def request(using: ports.Ports, identity: str, debounce: float) -> str:
    """Show that a review was asked for and enqueue it; return the state it is left in.

    It waits `debounce` seconds for a further push where it took the place of a review under way.
    """
    asked = _asked(using, identity)
    moved = _moved(using, asked)
    if moved is not None:
        steps.step("give way", lambda: _give_way(using, identity, moved))
        _show(using, asked.place, asked.head)
        return moved["state"]
    older = steps.step("supersede", lambda: evaluations.supersede(using.database, asked, now=using.now()))
    for head in (*older, asked.head):
        _show(using, asked.place, head)
    options: EnqueueOptions = {
        "workflow_name": names.Workflow.PERFORM,
        "queue_name": names.Queue.REVIEWS,
        "queue_partition_key": str(asked.place.repository),
        "workflow_id": names.perform(identity),
        "app_version": names.PROTOCOL,
    }
    # a first push is reviewed at once; after one that came while another was under way, more may come. DBOS looks only
    # once a second for what was delayed, by however little
    if debounce and older:
        options["delay_seconds"] = debounce
    DBOS.enqueue_workflow_with_options(options, identity)
    return hosted.State.QUEUED.value


def perform(using: ports.Ports, identity: str) -> str:
    """Carry out a review that was asked for and publish what came of it; return the state it is left in."""
    asked = _asked(using, identity)
    state = str(steps.step("begin", lambda: _begin(using, identity)))
    if state in {hosted.State.SUPERSEDED, hosted.State.ABANDONED}:
        return state
    # work that is begun anew may have come to an end before, of which nothing was shown yet
    if state == hosted.State.RUNNING:
        _show(using, asked.place, asked.head)
        state = str(carrying.carry_out(using, asked))
    # also where it was superseded: whoever closed the check may have done so before the last sign of progress
    _show(using, asked.place, asked.head)
    if state == hosted.State.DONE and asked.pull is not None:
        steps.asking("publish comments", lambda: _publish(using, asked))
    return state


def _asked(using: ports.Ports, identity: str) -> hosted.Asked:
    found = evaluations.get(using.database, identity)
    # records are written in the transaction that enqueues the work
    assert found is not None, f"{identity} was never asked for"
    return found.asked


def _show(using: ports.Ports, place: hosted.Place, head: str) -> None:
    steps.asking("show", lambda: showing.show(using, place, head))


def _moved(using: ports.Ports, asked: hosted.Asked) -> dict[str, str] | None:
    """Return where the pull request went, or None where it is still as it was asked for."""
    if asked.pull is None:
        return None
    seen: dict[str, str] | None = None
    for pause in _LOOKS:
        if pause:
            DBOS.sleep(pause)
        seen = steps.asking("look", lambda: _look(using, asked))
        if seen is None or seen["state"] == hosted.State.ABANDONED:
            return seen
    return seen


def _look(using: ports.Ports, asked: hosted.Asked) -> dict[str, str] | None:
    assert asked.pull is not None
    pull = using.pulls.get(asked.place, asked.pull)
    if not pull.open:
        return {"state": hosted.State.ABANDONED.value, "head": pull.head}
    if (pull.head, pull.base_ref) != (asked.head, asked.base_ref):
        return {"state": hosted.State.SUPERSEDED.value, "head": pull.head}
    return None


def _give_way(using: ports.Ports, identity: str, moved: dict[str, str]) -> None:
    if moved["state"] == hosted.State.ABANDONED:
        evaluations.move(using.database, identity, hosted.State.ABANDONED, now=using.now(), reason="closed")
    else:
        evaluations.give_way(using.database, identity, moved["head"], now=using.now())


def _begin(using: ports.Ports, identity: str) -> str:
    """Bring the evaluation into the running state where it is live; return its state."""
    evaluations.move(using.database, identity, hosted.State.RUNNING, now=using.now(), progress="fetching the change")
    found = evaluations.get(using.database, identity)
    assert found is not None
    return found.state.value


def _publish(using: ports.Ports, asked: hosted.Asked) -> dict[str, int] | None:
    """Bring the comments up to date, unless something newer has taken the review's place."""
    found = evaluations.newest_of_pull(using.database, asked.place.repository, asked.pull or 0)
    if found is None or found.asked.id != asked.id or found.reviewed is None or found.reviewed.comments is None:
        return None
    if found.reviewed.authority is authority.Authority.SHADOW:
        return None
    assert asked.pull is not None
    try:
        done = using.comments.publish(asked.place, asked.pull, found.reviewed.comments)
    except errors.RefusedError as refusal:
        # the check says it all; comments are the lesser part
        _log.warning("comments refused", reason=str(refusal))
        return None
    return {"made": done.made, "updated": done.updated, "resolved": done.resolved}
