"""Carrying out a review inside one step: watched for a newer head, with its progress shown."""

import contextlib
import threading
import traceback
import uuid
from collections.abc import Iterator

import structlog

from gatekeeper import errors, evaluation
from gatekeeper.store import evaluations
from gatekeeper.workflows import asking, looking, ports, settling, showing, steps

_log = structlog.get_logger(__name__)

# seconds between looks whether the review was superseded: its work must stop within a second
_LOOK = 0.25
# looks after which progress is shown for the first time, and again; a check run has no use for more
_FIRST, _AGAIN = 20, 60
# what goes wrong on this side is told in the log alone: it may name folders and addresses
_FAULT = "a fault of Gatekeeper itself, which says nothing of the change: its log tells more"
_LONG = 300


def carry_out(using: ports.Ports, asked: evaluation.Asked, *, last: bool) -> steps.Json:
    """Review; return the `state` in which the evaluation is left.

    Where it cannot be carried out yet, `again` says why, and `after` how many seconds to wait at least; in the `last`
    turn it then fails.
    """
    seen = looking.at_once(using, asked)
    if seen is None:
        state = steps.step("state", lambda: _state(using, asked))
        return {"again": None, "after": 0.0, "state": state}
    review = steps.step("name the review", lambda: uuid.uuid4().hex)
    labels = None if seen["labels"] is None else tuple(seen["labels"])
    assignment = evaluation.Assignment(asked=asked, review=review, draft=seen["draft"], labels=labels)
    return steps.step("carry out", lambda: _carry_out(using, assignment, last=last))


def _carry_out(using: ports.Ports, assignment: evaluation.Assignment, *, last: bool) -> steps.Json:
    asked = assignment.asked
    if not evaluations.is_live(using.database, asked.id):
        return {"again": None, "after": 0.0, "state": _state(using, asked)}
    try:
        with _watched(using, asked) as watch:
            found = using.reviewer.review(assignment, watch.note, watch.stopped.is_set)
        _note(using, assignment, found)
    except errors.GatekeeperError as problem:
        reason = _told(asked, problem)
        if _passes(problem) and not last:
            return _later(using, asked, reason, getattr(problem, "seconds", 0.0))
        _fail(using, assignment, reason)
    except Exception:  # noqa: BLE001 - the worker's edge: one review's fault must not leave its check unfinished
        _log.error("review failed", review=asked.id, fault=traceback.format_exc())
        _fail(using, assignment, _FAULT)
    return {"again": None, "after": 0.0, "state": _state(using, asked)}


def _passes(problem: errors.GatekeeperError) -> bool:
    """Whether the same may succeed a while later."""
    if isinstance(problem, errors.FetchError):
        return problem.passes
    return isinstance(problem, errors.RateLimitError | errors.UnavailableError | errors.StoreError)


def _told(asked: evaluation.Asked, problem: errors.GatekeeperError) -> str:
    """Return the problem in words that the pull request's readers may see."""
    _log.warning("review not carried out", review=asked.id, reason=str(problem))
    if isinstance(problem, errors.RepositoryError):
        return "what git has of the change cannot be read: Gatekeeper's log tells more"
    broken = isinstance(problem, errors.FetchError) and problem.failure is errors.FetchFailure.BROKEN
    if broken or not isinstance(problem, errors.FetchError | errors.ForgeError | errors.ConfigurationError):
        return _FAULT
    return str(problem)


def _later(using: ports.Ports, asked: evaluation.Asked, reason: str, seconds: float) -> steps.Json:
    evaluations.move(
        using.database,
        asked.id,
        evaluation.State.RUNNING,
        now=using.now(),
        progress=f"waits, and will be tried again: {reason}"[:_LONG],
    )
    return {"again": reason, "after": seconds, "state": _state(using, asked)}


def _note(
    using: ports.Ports,
    assignment: evaluation.Assignment,
    found: evaluation.Reviewed | evaluation.NotReviewed | evaluation.Stopped,
) -> None:
    match found:
        case evaluation.Reviewed():
            evaluations.finish(using.database, assignment.asked.id, found, now=using.now())
            # CI may have been faster
            settling.settle(using.database, found.review, using.now())
        case evaluation.NotReviewed():
            traits = asking.traits(draft=assignment.draft, labels=assignment.labels or ())
            evaluations.skip(using.database, assignment.asked.id, found, traits, now=using.now())
        case evaluation.Stopped():
            pass


def _fail(using: ports.Ports, assignment: evaluation.Assignment, reason: str) -> None:
    """End the review without a verdict, which counts as the base branch's configuration says."""
    terms: evaluation.Terms | None = None
    with contextlib.suppress(errors.GatekeeperError):
        terms = using.reviewer.terms(assignment)
    evaluations.fail(using.database, assignment.asked.id, reason, terms, now=using.now())


def _state(using: ports.Ports, asked: evaluation.Asked) -> str:
    """Return the state on record: whoever superseded the review meanwhile was first."""
    found = evaluations.get(using.database, asked.id)
    assert found is not None
    return found.state.value


class _Watch:
    """Looks, in a thread, whether the review still stands, and shows how far it is."""

    def __init__(self, using: ports.Ports, asked: evaluation.Asked) -> None:
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
                self._using.database, asked.id, evaluation.State.RUNNING, now=self._using.now(), progress=doing
            )
            if moved:
                showing.show(self._using, asked.place, asked.head)
                self._shown = doing


@contextlib.contextmanager
def _watched(using: ports.Ports, asked: evaluation.Asked) -> Iterator[_Watch]:
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
