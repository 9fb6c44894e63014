"""The trace vocabulary: what happened in a run, frame by frame.

The four events, `repr` of locals and `..` for a value that did not change since the same scope's previous frame are
those of the Code World Model's trace grammar, so that executed and imagined traces are the same values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

UNCHANGED = ".."


class Event(StrEnum):
    """What a frame records."""

    # a scope is entered; its arguments are the locals
    CALL = "call"
    # a line is about to run; the locals are those before it
    LINE = "line"
    # a scope is left with a value
    RETURN = "return"
    # an exception passes through a line
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One step of a trace."""

    event: Event
    # relative to the tree's root
    path: str
    # 1-based
    line: int
    # qualified name of the scope
    scope: str
    # the source line without its line ending
    source: str
    # name -> `repr`, or UNCHANGED; empty for RETURN and EXCEPTION
    locals: Mapping[str, str]
    # `repr` of what is returned or raised; None for CALL and LINE
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The first and the last frames of one test's run in one tree."""

    test: str
    head: tuple[Frame, ...]
    # frames between `head` and `tail` that were not kept
    left_out: int
    tail: tuple[Frame, ...]
