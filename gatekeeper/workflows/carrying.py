"""Carrying out a review inside one step: watched for a newer head, with its progress shown."""

import contextlib
import threading
import traceback
import uuid
from collections.abc import Iterator

import structlog
from dbos import DBOS

from gatekeeper import errors, hosted
from gatekeeper.store import evaluations
from gatekeeper.workflows import ports, showing, steps

_log = structlog.get_logger(__name__)

# seconds between looks whether the review was superseded: its work must stop within a second
_LOOK = 0.25
# looks after which progress is shown for the first time, and again; a check run has no use for more
_FIRST, _AGAIN = 20, 60
# seconds after which what cannot be had yet is asked for again, and again; about an hour in all
_PAUSES = (2.0, 5.0, 15.0, *[30.0] * 6, *[300.0] * 12)
_FAULT = "a fault of Gatekeeper itself, which says nothing of the change: its log tells more"


def carry_out(using: ports.Ports, asked: hosted.Asked) -> hosted.State:
    """Review, and return the state in which the evaluation is left."""
    order = _order(using, asked)
    for pause in _PAUSES:
        said = steps.step("carry out", lambda: _carry_out(using, order))
        if said["again"] is None:
            return hosted.State(said["state"])
        DBOS.sleep(pause)
    reason = str(said["again"])
    return hosted.State(steps.step("give up", lambda: _end(using, asked, hosted.State.FAILED, reason)))


def _order(using: ports.Ports, asked: hosted.Asked) -> hosted.Order:
    review = steps.step("name the review", lambda: uuid.uuid4().hex)
    if asked.pull is None:
        return hosted.Order(asked=asked, review=review, draft=False, labels=None)
    pull = steps.asking("look", lambda: _traits(using, asked))
    return hosted.Order(asked=asked, review=review, draft=pull["draft"], labels=tuple(pull["labels"]))


def _traits(using: ports.Ports, asked: hosted.Asked) -> steps.Json:
    assert asked.pull is not None
    pull = using.pulls.get(asked.place, asked.pull)
    return {"draft": pull.draft, "labels": list(pull.labels)}


def _carry_out(using: ports.Ports, order: hosted.Order) -> steps.Json:
    asked = order.asked
    if not evaluations.is_live(using.database, asked.id):
        return {"again": None, "state": _state(using, asked)}
    try:
        with _watched(using, asked) as watch:
            found = using.reviewer.review(order, watch.note, watch.stopped.is_set)
    except errors.GatekeeperError as reason:
        if _passes(reason):
            return {"again": str(reason), "state": ""}
        return {"again": None, "state": _end(using, asked, hosted.State.FAILED, str(reason))}
    except Exception:  # noqa: BLE001 - the worker's edge: one review's fault must not leave its check unfinished
        _log.error("review failed", review=asked.id, fault=traceback.format_exc())
        return {"again": None, "state": _end(using, asked, hosted.State.FAILED, _FAULT)}
    return {"again": None, "state": _note(using, asked, found)}


def _passes(reason: errors.GatekeeperError) -> bool:
    """Whether the same may succeed a while later."""
    if isinstance(reason, errors.FetchError):
        return reason.passes
    return isinstance(reason, errors.RateLimitError | errors.UnavailableError)


def _note(using: ports.Ports, asked: hosted.Asked, found: hosted.Reviewed | hosted.NotReviewed | hosted.Stopped) -> str:
    match found:
        case hosted.Reviewed():
            evaluations.finish(using.database, asked.id, found, now=using.now())
        case hosted.NotReviewed(reason=reason):
            evaluations.move(using.database, asked.id, hosted.State.SKIPPED, now=using.now(), reason=reason)
        case hosted.Stopped():
            pass
    return _state(using, asked)


def _end(using: ports.Ports, asked: hosted.Asked, state: hosted.State, reason: str) -> str:
    evaluations.move(using.database, asked.id, state, now=using.now(), reason=reason)
    return _state(using, asked)


def _state(using: ports.Ports, asked: hosted.Asked) -> str:
    """Return the state on record: whoever superseded the review meanwhile was first."""
    found = evaluations.get(using.database, asked.id)
    assert found is not None
    return found.state.value


class _Watch:
    """Looks, in a thread, whether the review still stands, and shows how far it is."""

    def __init__(self, using: ports.Ports, asked: hosted.Asked) -> None:
        self._using, self._asked = using, asked
        self._doing = self._shown = ""
        self.stopped, self.over = threading.Event(), threading.Event()

    def note(self, doing: str) -> None:
        """Say what is being done now."""
        self._doing = doing

    def run(self) -> None:
        looks = 0
        while not self.over.wait(_LOOK):
            looks += 1
            with _best_effort():
                if not evaluations.is_live(self._using.database, self._asked.id):
                    self.stopped.set()
                    return
                if looks == _FIRST or looks % _AGAIN == 0:
                    self._show()

    def _show(self) -> None:
        doing, asked = self._doing, self._asked
        if doing != self._shown:
            moved = evaluations.move(
                self._using.database, asked.id, hosted.State.RUNNING, now=self._using.now(), progress=doing
            )
            if moved:
                showing.show(self._using, asked.place, asked.head)
                self._shown = doing


@contextlib.contextmanager
def _watched(using: ports.Ports, asked: hosted.Asked) -> Iterator[_Watch]:
    watch = _Watch(using, asked)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()


@contextlib.contextmanager
def _best_effort() -> Iterator[None]:
    """Let a look or a sign of progress fail: there will be another."""
    try:
        yield
    except errors.GatekeeperError as problem:
        _log.info("progress not shown", reason=str(problem))
