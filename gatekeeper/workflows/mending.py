"""After a verdict was published: what can be offered beyond it is looked for, and published too.

It ends when something newer takes the review's place. Between its steps it may be killed, and goes on at the next one.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

import structlog
from dbos import DBOS, EnqueueOptions

from gatekeeper import errors, evaluation
from gatekeeper.store import evaluations, offers
from gatekeeper.workflows import commenting, names, ports, showing, steps

_log = structlog.get_logger(__name__)

# seconds between looks whether the review still stands: the work must stop within a second
_LOOK = 0.25


def begin(using: ports.Ports, asked: evaluation.Asked) -> None:
    """Have it looked for, once for each review, where the verdict leaves anything to look for."""
    review = steps.step("whether to mend", lambda: _worth_mending(using, asked))
    if review is not None:
        options: EnqueueOptions = {
            "workflow_name": names.Workflow.MEND,
            "queue_name": names.Queue.OFFERS,
            "queue_partition_key": str(asked.place.repository),
            "workflow_id": names.mend(review),
            "app_version": names.PROTOCOL,
        }
        DBOS.enqueue_workflow_with_options(options, asked.id)


def mend(using: ports.Ports, identity: str) -> bool:
    """Look for what can be offered beyond the evaluation's verdict, and show it; return whether there is anything."""
    found = bool(steps.step("mend", lambda: _mended(using, identity)))
    if found:
        asked = commenting.asked(using, identity)
        showing.show_or_give_up(using, asked.place, asked.head)
        commenting.comment(using, asked)
    return found


def _worth_mending(using: ports.Ports, asked: evaluation.Asked) -> str | None:
    """Return the recorded review's id where there is something to look for, and somebody who would see it."""
    found = evaluations.get(using.database, asked.id)
    if found is None or found.reviewed is None or not evaluations.stands(using.database, asked):
        return None
    review = found.reviewed.review
    return review if offers.is_wanted(using.database, review) else None


def _mended(using: ports.Ports, identity: str) -> bool:
    found = evaluations.get(using.database, identity)
    if found is None or found.reviewed is None:
        return False
    asked = found.asked
    try:
        with _watched(lambda: evaluations.stands(using.database, asked)) as stopped:
            drafted = using.reviewer.offer(asked, found.reviewed.review, stopped)
    except (errors.RateLimitError, errors.UnavailableError, errors.StoreError):
        # asked again after a while
        raise
    except errors.GatekeeperError as problem:
        if isinstance(problem, errors.FetchError) and problem.passes:
            raise errors.UnavailableError(str(problem)) from problem
        # the verdict stands without it
        _log.warning("nothing is offered", review=identity, reason=str(problem))
        return False
    return drafted is not None and evaluations.redraft(using.database, identity, drafted)


@contextlib.contextmanager
def _watched(stands: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
    """Yield what says whether to stop; a thread looks, since whoever asks must not wait for the database."""
    stopped, over = threading.Event(), threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            try:
                if not stands():
                    stopped.set()
                    return
            except errors.StoreError as problem:
                _log.info("not known whether the review stands", reason=str(problem))

    if not stands():
        stopped.set()
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield stopped.is_set
    finally:
        over.set()
        thread.join()
