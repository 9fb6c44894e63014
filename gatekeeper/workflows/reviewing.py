"""A review from the request to what is published, as two durable workflows.

`request` checks that the review still stands and shows it as queued at once; `perform` carries it out when its turn
comes, and gives the turn back where something cannot be had yet. Between their steps either may be killed, and goes on
at the next step, on this worker or on another.
"""

from dbos import DBOS, EnqueueOptions

from gatekeeper import evaluation, hosted
from gatekeeper.store import evaluations, overrides
from gatekeeper.workflows import carrying, commenting, looking, mending, names, ports, showing, steps

# seconds after which a review whose objects or token cannot be had yet gets its next turn; about an hour in all
_PAUSES = (2.0, 5.0, 15.0, *[30.0] * 6, *[300.0] * 12)


def request(using: ports.Ports, identity: str, debounce: float) -> str:
    """Show that a review was asked for and enqueue it; return the state it is left in.

    It waits `debounce` seconds for a further push where it took the place of a review under way.
    """
    asked = commenting.asked(using, identity)
    stands = looking.patiently(using, asked)
    older = steps.step("supersede", lambda: _supersede(using, asked)) if stands else []
    for head in (*older, asked.head):
        _show(using, asked.place, head)
    if not stands:
        return "gave way"
    # a first push is reviewed at once; after one that came while another was under way, more may come
    _enqueue(asked, 0, debounce if older else 0)
    return evaluation.State.QUEUED.value


def perform(using: ports.Ports, identity: str, turn: int) -> str:
    """Carry out a review that was asked for and publish what came of it; return the state it is left in."""
    asked = commenting.asked(using, identity)
    state = str(steps.step("begin", lambda: _begin(using, identity)))
    if state in {evaluation.State.SUPERSEDED, evaluation.State.ABANDONED}:
        return state
    # work that is begun anew may have come to an end before, of which nothing was shown yet
    if state == evaluation.State.RUNNING:
        _show(using, asked.place, asked.head)
        said = carrying.carry_out(using, asked, last=turn == len(_PAUSES))
        if said["again"] is not None:
            _enqueue(asked, turn + 1, max(_PAUSES[turn], said["after"]))
        state = said["state"]
    # also where it was superseded: whoever closed the check may have done so before the last sign of progress
    _show(using, asked.place, asked.head)
    if state == evaluation.State.DONE and asked.pull is not None:
        commenting.comment(using, asked)
        mending.begin(using, asked)
    return state


def _enqueue(asked: evaluation.Asked, turn: int, delay: float) -> None:
    options: EnqueueOptions = {
        "workflow_name": names.Workflow.PERFORM,
        "queue_name": names.Queue.REVIEWS,
        "queue_partition_key": str(asked.place.repository),
        "workflow_id": names.perform(asked.id, turn),
        "app_version": names.PROTOCOL,
    }
    # DBOS looks only once a second for what was delayed, by however little
    if delay:
        options["delay_seconds"] = delay
    DBOS.enqueue_workflow_with_options(options, asked.id, turn)


def _show(using: ports.Ports, place: hosted.Place, head: str) -> None:
    steps.step("show", lambda: showing.show(using, place, head))


def _supersede(using: ports.Ports, asked: evaluation.Asked) -> list[str]:
    """Let what was said of the pull request's other heads end; return those to be shown anew."""
    if asked.pull is not None:
        overrides.expire_overrides(using.database, asked, now=using.now())
    return list(evaluations.supersede(using.database, asked, now=using.now()))


def _begin(using: ports.Ports, identity: str) -> str:
    """Bring the evaluation into the running state where it is live; return its state."""
    evaluations.move(
        using.database, identity, evaluation.State.RUNNING, now=using.now(), progress="fetching the change"
    )
    found = evaluations.get(using.database, identity)
    assert found is not None
    return found.state.value
