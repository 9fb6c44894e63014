"""Whether an imagined trace can be one of its program: every line exists, follows, and was entered before it is left.

What is found wrong never means that a test fails: it means that the trace is not to be believed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.simulation import calls, flow, flow_scopes, imagined, prediction, program_lines, trace
from gatekeeper.simulation.program import program as programs

# the `repr` of an exception made with one string, one plain value, nothing, or several values
_PLAIN = re.compile(r"([A-Za-z_][\w.]*)\((?:(['\"])((?:(?!\2)[^\\]|\\.)*)\2|([-\w.]*)|(.*))\)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\'\"nrt])")
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}
_LONGEST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The entry point returned."""

    # `repr`
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception left the entry point."""

    # `Type: message`, first line, where its `repr` tells them; else that
    exception: str
    # the lines of the tree that it came through, outermost first
    traceback: tuple[prediction.Location, ...]

    @property
    def at(self) -> prediction.Location | None:
        """The innermost line of the tree; None where it only came through what was written for the program."""
        return self.traceback[-1] if self.traceback else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An imagined trace as far as it can be believed."""

    # those before the violation; `path` is "" and `line` counts the program's for what was written for it
    frames: tuple[trace.Frame, ...]
    # what is wrong with the next frame, one sentence for people
    violation: str | None
    # how the entry point was left; None: it was not, or the frames do not tell how
    end: Returned | Raised | None


class Reader:
    """Checks traces of one program."""

    def __init__(self, program: programs.Program) -> None:
        """Read the program once, for all its traces."""
        self._lines = program_lines.ProgramLines(program)
        self._ways: flow.Flow | None = None
        self._unreadable: str | None = None
        try:
            self._ways = flow.Flow(self._lines.text)
        except flow_scopes.UnreadableError as error:
            self._unreadable = f"the program is not Python that can be read: {error}"

    def check(self, steps: Sequence[imagined.Step], *, ended: bool = False) -> Checked:
        """Return the steps with their places in the tree, up to the first that cannot be.

        Steps may begin with the CALL frame of the entry point, or behind it. `ended`: the model said that the entry
        point was left. Takes time in proportion to the steps.
        """
        if self._ways is None:
            return Checked(frames=(), violation=self._unreadable, end=None)
        followed = calls.Calls(self._lines, self._ways)
        violation = None
        try:
            for step in steps:
                followed.take(step)
        except calls.ImpossibleError as why:
            violation = str(why)
        places = followed.places()
        frames = tuple(self._frame(step, place) for step, place in zip(steps, places, strict=False))
        left = followed.unwound() if ended else followed.exit
        end = self._end(left, places) if left is not None and violation is None else None
        return Checked(frames=frames, violation=violation, end=end)

    def _frame(self, step: imagined.Step, place: flow.Position) -> trace.Frame:
        at = self._lines.place(place.line)
        return trace.Frame(
            event=step.event,
            path=at.path if at else "",
            line=at.line if at else place.line,
            scope=place.scope.name,
            source=step.source,
            locals=step.locals,
            value=step.value,
        )

    def _end(self, left: calls.Exit, places: Sequence[flow.Position]) -> Returned | Raised | None:
        match left.raised:
            case None:
                return None
            case False:
                return Returned(value=left.value)
            case True:
                through = [self._lines.place(places[number].line) for number in reversed(left.chain)]
                return Raised(exception=_exception(left.value), traceback=tuple(at for at in through if at))


def _exception(value: str) -> str:
    """Return `Type: message` of an exception's `repr`."""
    plain = _PLAIN.fullmatch(value[:_LONGEST])
    if plain is None:
        return value[:_LONGEST].partition("\n")[0]
    name, quote, said, bare, several = plain.groups()
    if several is not None:
        line = f"({several})".partition("\n")[0]
    elif quote is None:
        line = bare
    elif name == "KeyError":
        # its message is the `repr` of the key
        line = f"{quote}{said}{quote}"
    else:
        line = _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), said).partition("\n")[0]
    return f"{name}: {line}" if line else name
