"""A frame as a model tells it, and a model's whole answer: not yet tied to the lines of a tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatekeeper.simulation import trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One frame of an imagined trace."""

    event: trace.Event
    # the source line without its line ending
    source: str
    # name -> `repr`, or trace.UNCHANGED; empty for RETURN and EXCEPTION
    locals: Mapping[str, str] = field(default_factory=dict)
    # `repr` of what is returned or raised; None for CALL and LINE
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagined:
    """What could be read of an answer."""

    steps: tuple[Step, ...]
    # True: the model said that the entry point's scope was left
    ended: bool
    # why reading stopped before the answer's end, one sentence; None: all of it was read
    broken: str | None = None
