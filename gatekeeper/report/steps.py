"""A Trace as steps to look at: the value of every local, and which of them just changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.simulation import trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A local variable at a step."""

    name: str
    # its `repr`
    value: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A frame with its place in the run."""

    # 1-based, counting the frames that were left out
    number: int
    frame: trace.Frame
    # without those that did not change and whose value was in a frame that was not kept
    locals: tuple[Local, ...]


def steps(run: trace.Trace) -> Iterator[Step | int]:
    """Yield the steps of a run in order, and between them the number of frames that were left out, if any."""
    yield from _resolved(run.head, 1)
    if run.left_out:
        yield run.left_out
    yield from _resolved(run.tail, 1 + len(run.head) + run.left_out)


def _resolved(frames: tuple[trace.Frame, ...], first: int) -> Iterator[Step]:
    known: dict[tuple[str, str], dict[str, str]] = {}
    for number, frame in enumerate(frames, first):
        scope = (frame.path, frame.scope)
        if frame.event in {trace.Event.RETURN, trace.Event.EXCEPTION}:
            # the next frame of this scope may belong to another call, of which nothing is known
            known.pop(scope, None)
        earlier = {} if frame.event is trace.Event.CALL else known.get(scope, {})
        values = {
            name: earlier.get(name, value) if value == trace.UNCHANGED else value
            for name, value in frame.locals.items()
        }
        if frame.event in {trace.Event.CALL, trace.Event.LINE}:
            known[scope] = values
        yield Step(
            number=number,
            frame=frame,
            locals=tuple(
                Local(name=name, value=values[name], changed=value != trace.UNCHANGED)
                for name, value in frame.locals.items()
                if values[name] != trace.UNCHANGED
            ),
        )
