"""Frames with the call that each is in: how deep, under which others, and with the value of every local. Pure."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gatekeeper.report import steps
from gatekeeper.simulation import masking, trace

# as the sandbox's recorder shows values, so that imagined ones can be compared
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
_CUT = 200
_LONGEST_NAME = 100
_TELLING = frozenset({trace.Event.CALL, trace.Event.LINE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of an open call."""

    # relative to the tree's root; "" for what was written to call the test
    path: str
    # 1-based
    line: int
    # qualified name
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One frame, and what is known where it stands."""

    frame: trace.Frame
    # the open calls, outermost first, each at its latest line; the last is this frame's own
    stack: tuple[Place, ...]
    # of the frame's own call; those before it where it returns or raises
    locals: tuple[steps.Local, ...]

    @property
    def depth(self) -> int:
        """How many calls are open."""
        return len(self.stack)

    @property
    def values(self) -> dict[str, str]:
        """Name -> `repr`."""
        return {local.name: local.value for local in self.locals}


@dataclass(slots=True)
class _Call:
    place: Place
    known: dict[str, str] = field(default_factory=dict)


def unroll(frames: Iterable[trace.Frame]) -> Iterator[Moment]:
    """Yield a moment for each frame, in order; total.

    An exception that leaves a call may be told with a RETURN or without one: such a RETURN gives no moment, and where
    a frame of an outer call follows, the inner ones are over.
    """
    calls: list[_Call] = []
    raised: Place | None = None
    for frame in map(shown, frames):
        _settle(calls, frame, raised=raised is not None)
        before = calls[-1].known
        if frame.event in _TELLING:
            calls[-1].known = {
                name: before.get(name, value) if value == trace.UNCHANGED else value
                for name, value in frame.locals.items()
            }
        changed = {name for name, value in frame.locals.items() if value != trace.UNCHANGED}
        locals_ = tuple(
            steps.Local(name=name, value=value, changed=name in changed) for name, value in calls[-1].known.items()
        )
        place = calls[-1].place
        if not (frame.event is trace.Event.RETURN and frame.value == "None" and raised == place):
            yield Moment(frame=frame, stack=tuple(call.place for call in calls), locals=locals_)
        raised = place if frame.event is trace.Event.EXCEPTION else None
        if frame.event is trace.Event.RETURN:
            calls.pop()


def shown(frame: trace.Frame) -> trace.Frame:
    """Return the frame with its values as an executed one shows them: no addresses, bounded, no secrets."""
    return trace.Frame(
        event=frame.event,
        path=frame.path,
        line=frame.line,
        scope=frame.scope,
        source=frame.source[:_CUT],
        locals={name[:_LONGEST_NAME]: masking.masked(name, _value(value)) for name, value in frame.locals.items()},
        value=None if frame.value is None else masking.masked("", _value(frame.value)),
    )


def _settle(calls: list[_Call], frame: trace.Frame, *, raised: bool) -> None:
    """Enter the frame's call, or leave those that an exception ended."""
    place = Place(path=frame.path, line=frame.line, scope=frame.scope)
    if frame.event is trace.Event.CALL or not calls:
        calls.append(_Call(place))
        return
    alike = [number for number, call in enumerate(calls) if _scope(call.place) == _scope(place)]
    if not alike:
        calls.append(_Call(place))
        return
    # a function that called itself: the exception is now where the outer call was
    if raised and len(alike) > 1 and calls[alike[-1]].place.line != frame.line == calls[alike[-2]].place.line:
        alike.pop()
    del calls[alike[-1] + 1 :]
    calls[-1].place = place


def _scope(place: Place) -> tuple[str, str]:
    return place.path, place.scope


def _value(said: str) -> str:
    said = _ADDRESS.sub("0x…", said)
    if len(said) <= _CUT or (said.endswith(")") and "… (" in said[_CUT:]):
        return said
    digest = hashlib.sha256(said.encode(errors="replace")).hexdigest()[:12]
    return f"{said[:_CUT]}… ({len(said)} characters, sha256 {digest})"
