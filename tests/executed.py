"""Programs run natively under `sys.settrace`, their frames told as the sandbox tells them."""

import sys
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

from gatekeeper.simulation import imagined, plausibility, trace
from gatekeeper.simulation.program import program as programs

PATH = "shop.py"


def program(source: str, main: str = "    test()\n") -> programs.Program:
    """Return a closed program of one file and a `main()` with that body."""
    return programs.Program(
        pieces=(
            programs.Piece(kind=programs.Kind.UNCHANGED, text=source, path=PATH, first=1),
            programs.Piece(kind=programs.Kind.MAIN, text=f"{programs.ENTRY_LINE}{main}"),
        ),
        shared=1,
    )


def run(closed: programs.Program) -> tuple[trace.Frame, ...]:
    """Return the frames of its `main()`, the lines counted in the program's text."""
    recorder = _Recorder(closed.text)
    names: dict[str, Any] = {"__name__": "shop"}
    exec(recorder.code, names)
    recorder.watch(names["main"])
    return tuple(recorder.frames)


def steps(frames: tuple[trace.Frame, ...]) -> tuple[imagined.Step, ...]:
    """Return the frames as a model would tell them."""
    return tuple(
        imagined.Step(event=one.event, source=one.source, locals=one.locals, value=one.value) for one in frames
    )


def checked(closed: programs.Program, told: Sequence[imagined.Step]) -> plausibility.Checked:
    """Check a whole trace."""
    return plausibility.Reader(closed).check(told, ended=True)


class _Recorder:
    def __init__(self, text: str) -> None:
        self.code: CodeType = compile(text, "<program>", "exec")
        self.frames: list[trace.Frame] = []
        self._lines = [line.removesuffix(f"  {programs.MARK}") for line in text.split("\n")]
        self._last: dict[FrameType, dict[str, str]] = {}

    def watch(self, function: Callable[[], object]) -> None:
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            function()
        except Exception:  # noqa: BLE001 - the trace tells of it
            return
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != "<program>":
            return None
        self._last.pop(frame, None)
        self._inside(frame, event, argument)
        return self._inside

    def _inside(self, frame: FrameType, event: str, argument: Any) -> Any:
        what = trace.Event(event)
        telling = what in {trace.Event.CALL, trace.Event.LINE}
        self.frames.append(
            trace.Frame(
                event=what,
                path="",
                line=frame.f_lineno,
                scope=frame.f_code.co_qualname,
                source=self._lines[frame.f_lineno - 1],
                locals=self._locals(frame) if telling else {},
                value=None if telling else repr(argument[1] if what is trace.Event.EXCEPTION else argument),
            )
        )
        return self._inside

    def _locals(self, frame: FrameType) -> dict[str, str]:
        before = self._last.get(frame, {})
        now = {name: repr(value) for name, value in frame.f_locals.items() if name.isidentifier()}
        self._last[frame] = now
        return {name: trace.UNCHANGED if before.get(name) == value else value for name, value in now.items()}
