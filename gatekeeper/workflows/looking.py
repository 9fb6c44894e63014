"""Whether a review still stands: what its pull request is like now, as the API shows it."""

from dbos import DBOS

from gatekeeper import evaluation
from gatekeeper.store import evaluations
from gatekeeper.workflows import ports, steps

# seconds between looks at a pull request that the API does not show at the head that was pushed: it may lag
_PAUSES = (1.0, 2.0, 4.0, 8.0, 8.0, 8.0)


def patiently(using: ports.Ports, asked: evaluation.Asked) -> bool:
    """Whether the review still stands; one whose pull request moved on, for all that the API shows, has given way."""
    for pause in _PAUSES:
        seen = _look(using, asked)
        if seen["at"] != evaluation.State.SUPERSEDED or not seen["live"]:
            break
        DBOS.sleep(pause)
    else:
        seen = _look(using, asked)
    return _settled(using, asked, seen)


def at_once(using: ports.Ports, asked: evaluation.Asked) -> steps.Json | None:
    """Return what the pull request is like, `draft` and `labels`; None where the review no longer stands."""
    seen = _look(using, asked)
    return seen if _settled(using, asked, seen) else None


def _look(using: ports.Ports, asked: evaluation.Asked) -> steps.Json:
    if asked.pull is None:
        return {"at": evaluation.State.RUNNING.value, "head": asked.head, "live": True, "draft": False, "labels": None}
    return steps.step("look", lambda: _seen(using, asked))


def _seen(using: ports.Ports, asked: evaluation.Asked) -> steps.Json:
    assert asked.pull is not None
    pull = using.pulls.get(asked.place, asked.pull)
    at = evaluation.State.RUNNING
    if not pull.open:
        at = evaluation.State.ABANDONED
    elif (pull.head, pull.base_ref) != (asked.head, asked.base_ref):
        at = evaluation.State.SUPERSEDED
    live = evaluations.is_live(using.database, asked.id)
    return {"at": at.value, "head": pull.head, "live": live, "draft": pull.draft, "labels": list(pull.labels)}


def _settled(using: ports.Ports, asked: evaluation.Asked, seen: steps.Json) -> bool:
    """Whether the pull request is as it was asked for; where it is not, the evaluation gives way."""
    if seen["at"] != evaluation.State.RUNNING:
        steps.step("give way", lambda: _give_way(using, asked, seen))
    return bool(seen["at"] == evaluation.State.RUNNING)


def _give_way(using: ports.Ports, asked: evaluation.Asked, seen: steps.Json) -> None:
    if seen["at"] == evaluation.State.ABANDONED:
        evaluations.move(using.database, asked.id, evaluation.State.ABANDONED, now=using.now(), reason="closed")
    else:
        evaluations.give_way(using.database, asked.id, seen["head"], now=using.now())
