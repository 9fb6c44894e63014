"""One imagined trace while it is written: what was read of it, what the server is shown to go on, and when to stop.

Calls of code that is not in the program are stepped over: the answer is cut behind their CALL frame, and `return` is
forced. Where the context is full, a new segment begins: of the frames only those of the scopes that are still open are
shown again, with all their locals, as if the others had been skipped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gatekeeper.inference import generation, grammar
from gatekeeper.simulation import imagined, trace

_ENDS = frozenset({grammar.Control.FRAME_SEP, grammar.Control.END_OF_TEXT})


@dataclass(slots=True, kw_only=True)
class Growing:
    """One sample; its answer comes in chunks."""

    # whether a line is the program's: calls of others are stepped over
    has: Callable[[str], bool]
    # ids that step over a call
    over: generation.Ids
    # whole frames of the program's own code
    steps: list[imagined.Step] = field(default_factory=list)
    # what the server is shown behind the prompt
    shown: generation.Ids = ()
    # of the tokens that count
    logprobs: list[float] = field(default_factory=list)
    # tokens drawn, those that were cut off too
    spent: int = 0
    # the model said that the entry point was left
    ended: bool = False
    # why no more is asked for, one sentence; None while it may go on
    why: str | None = None
    # ids at the end of `shown` that make no whole frame yet
    _open: generation.Ids = ()
    # the next frame is the forced return of a call that is stepped over
    _leaving: bool = False
    # of `steps`, where this segment began
    _begun: int = 0

    @property
    def barren(self) -> bool:
        """Whether no frame of this segment is whole: one that began anew would show the model the same."""
        return len(self.steps) == self._begun

    @property
    def done(self) -> bool:
        """Whether nothing more is to be asked for."""
        return self.ended or self.why is not None

    def unread(self, drawn: generation.Sample) -> generation.Ids:
        """Return the ids that `take` reads once they are cut into pieces and decoded."""
        return (*self._open, *drawn.ids)

    def take(self, drawn: generation.Sample, pieces: Sequence[grammar.Piece], decoded: Sequence[str]) -> None:
        """Read one more chunk."""
        ids, before = self.unread(drawn), self.shown[: len(self.shown) - len(self._open)]
        opened = len(self._open)
        found = grammar.items(pieces, decoded)
        reading = grammar.read(found)
        kept, foreign = self._own(reading.imagined.steps)
        self.steps.extend(kept)
        self.spent += len(drawn.ids)
        if foreign is not None:
            whole = ids[: _length(pieces, foreign + 1)]
            self.logprobs.extend(drawn.logprobs[: max(0, len(whole) - opened)])
            self.shown, self._open, self._leaving = (*before, *whole, *self.over), self.over, True
            return
        self.logprobs.extend(drawn.logprobs)
        self.shown, self._open = (*before, *ids), ids[grammar.length(pieces[: reading.consumed]) :]
        self.ended = reading.imagined.ended
        if not self.ended:
            self.why = _stopped(drawn, found[reading.consumed :], reading.imagined.broken)

    def _own(self, steps: Sequence[imagined.Step]) -> tuple[list[imagined.Step], int | None]:
        """Return the frames of the program's own code up to the first call of other code, and where that stands."""
        own: list[imagined.Step] = []
        for place, step in enumerate(steps):
            if self._leaving:
                self._leaving = False
            elif step.event is trace.Event.CALL and not self.has(step.source):
                return own, place
            else:
                own.append(step)
        return own, None

    def compressed(self) -> list[imagined.Step]:
        """Return the frames that a new segment shows: the call and the last line of every open scope."""
        return [step for scope in _scopes(self.steps) for step in scope.frames()]

    def begin_segment(self, shown: generation.Ids) -> None:
        """Go on behind `shown`, which stands for all frames so far; what was begun of a frame is written anew."""
        self.shown, self._open, self._leaving, self._begun = shown, (), False, len(self.steps)


@dataclass(slots=True, kw_only=True)
class _Scope:
    """One scope that is entered and not left."""

    # None: the entry point, whose call the prompt holds
    called: imagined.Step | None
    last: imagined.Step | None = None
    known: dict[str, str] = field(default_factory=dict)

    def see(self, step: imagined.Step) -> None:
        self.known = {
            name: self.known.get(name, value) if value == trace.UNCHANGED else value
            for name, value in step.locals.items()
        }

    def frames(self) -> list[imagined.Step]:
        """Return the call, unless the prompt holds it, and the last frame, a line with the value of every local."""
        last = self.last
        if last is not None and last.event is trace.Event.LINE:
            last = replace(last, locals=dict(self.known))
        return [step for step in (self.called, last) if step is not None]


def _scopes(steps: Sequence[imagined.Step]) -> list[_Scope]:
    """Return the scopes that are open behind the frames; the first is the entry point's."""
    scopes = [_Scope(called=None)]
    raising = False
    for step in steps:
        match step.event:
            case trace.Event.CALL:
                scopes.append(_Scope(called=step))
                scopes[-1].see(step)
            case trace.Event.LINE:
                scopes[-1].last = step
                scopes[-1].see(step)
            case trace.Event.RETURN:
                scopes[1:] = scopes[1:-1]
            case trace.Event.EXCEPTION:
                if raising:
                    # it has left the scope that it was last seen in
                    scopes[1:] = scopes[1:-1]
                scopes[-1].last = step
        raising = step.event is trace.Event.EXCEPTION
    return scopes


def _length(pieces: Sequence[grammar.Piece], frames: int) -> int:
    """Return how many ids the first `frames` frames take."""
    count, ids, body = 0, 0, False
    for piece in pieces:
        ids += 1 if isinstance(piece, grammar.Control) else len(piece)
        if piece in _ENDS:
            count += body
            body = False
        else:
            body = True
        if count == frames:
            break
    return ids


def _stopped(drawn: generation.Sample, rest: Sequence[grammar.Item], broken: str | None) -> str | None:
    """Return why a chunk that did not end the trace was its last, or None where it may go on."""
    match drawn.finish:
        case _ if not drawn.ids:
            return "the server wrote nothing"
        case generation.Finish.LENGTH:
            within = not any(item in _ENDS for item in rest if isinstance(item, grammar.Control))
            return None if within else _unreadable(broken)
        case generation.Finish.STOP:
            return _unreadable(broken or "it stops before the test has ended")
        case generation.Finish.ABORTED:
            return "its answer was cut off by the server"


def _unreadable(broken: str | None) -> str:
    return f"its trace cannot be read: {broken}"
