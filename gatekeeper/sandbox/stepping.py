"""Run closed programs, texts with a `def main():`, and return every frame of each."""

import contextlib
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from gatekeeper.halting import purity
from gatekeeper.sandbox import process, session, tracing, watching, workspace
from gatekeeper.simulation import trace
from gatekeeper.simulation.program import program as programs

# frames that are kept of one program
FRAMES = 10_000
# of frames that are told together where programs share an interpreter
AT_ONCE = 500


class How(StrEnum):
    """How a program ended."""

    RETURNED = "returned"
    RAISED = "raised"
    # a loop that was watched came to a state that it had been in
    REPEATED = "repeated"
    # its text cannot be compiled, raised while it was loaded, or has no `main`
    UNLOADED = "unloaded"
    # out of instructions, also while it was loaded
    FUEL = "fuel"
    # out of seconds
    WALL = "wall"
    # the interpreter broke: `exception` says how
    BROKEN = "broken"
    # stopped from outside, or never begun
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A closed program."""

    source: str
    # file of the tree that it stands for: names the module, and is every frame's path
    path: str = "program.py"
    # loops of the file `watched` that are looked at until one repeats itself; no frames are told then
    loops: tuple[purity.Loop, ...] = ()
    watched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """What one program did."""

    how: How
    frames: tuple[trace.Frame, ...] = ()
    # whether `frames` are all there were; False too where the end was not seen
    complete: bool = False
    # `repr` of what `main` returned or raised
    value: str | None = None
    # `Type: first line of the message`
    exception: str | None = None
    # what the sandbox lacks, where that is why the program raised
    limit: str | None = None
    # WebAssembly instructions
    fuel: int = 0
    # given where it was seen, however the program ended
    repeated: watching.Repeated | None = None

    def trace(self, test: str) -> trace.Trace:
        """Return the frames as the trace of `test`."""
        return trace.Trace(test=test, head=self.frames, left_out=0, tail=())


@contextlib.contextmanager
def empty(folder: Path) -> Iterator[workspace.Workspace]:
    """Give a workspace below `folder` that holds no tree: for programs that need none."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="stepping-") as made:
        for part in ("tree", "metadata", "bytecode"):
            (Path(made) / part).mkdir()
        yield workspace.Workspace(
            folder=Path(made), paths=("/repo",), arguments=(), site=None, own=frozenset(), unavailable={}
        )


def run(
    programs: Sequence[Text],
    space: workspace.Workspace,
    workers: Sequence[process.Process],
    limits: session.Limits,
    *,
    frames: int = FRAMES,
    together: int = 1,
    over: Callable[[], str | None] = lambda: None,
) -> list[Stepped]:
    """Run the programs over all workers; return what each did, in their order.

    `limits` hold for one program, and its fuel pays for the recording too: about 300,000 instructions a frame of few
    locals. `together`: so many share an interpreter one after the other, which is ten times faster, and only for
    programs that are not hostile: one can change what the next one finds, and where one burns all its fuel its last
    frames are not told. `over` names a reason to stop early.
    """
    running = _Running(programs, space, limits, frames, together, over)
    with futures.ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(running.drive, worker) for worker in workers]:
            done.result()
    return [one or Stepped(how=How.STOPPED) for one in running.ended]


class _Running:
    """The programs that wait for a worker, and the ends of those that ran."""

    def __init__(
        self,
        programs: Sequence[Text],
        space: workspace.Workspace,
        limits: session.Limits,
        frames: int,
        together: int,
        over: Callable[[], str | None],
    ) -> None:
        self.programs, self.space, self.limits, self.over = programs, space, limits, over
        self.frames, self.at_once = frames, 1 if together == 1 else AT_ONCE
        self.ended: list[Stepped | None] = [None] * len(programs)
        numbers = range(len(programs))
        self._waiting = deque(numbers[start : start + together] for start in range(0, len(programs), together))
        self._lock = threading.Lock()

    def drive(self, worker: process.Process) -> None:
        """Run batches until none is left: one session, and another after each that broke."""
        while (batch := self._next()) is not None:
            left = list(batch)
            while left and self.over() is None:
                self._once(worker, left)
                left = [number for number in left if self.ended[number] is None]

    def _next(self) -> range | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting and self.over() is None else None

    def _once(self, worker: process.Process, batch: Sequence[int]) -> None:
        """Run one session; at least one program of the batch has an end afterwards, unless it was stopped."""
        hearing = _Hearing(self, batch)
        with self.space.scratch() as scratch:
            try:
                worker.send(self._order(batch, scratch))
                for message in worker.messages(lambda: self.limits.seconds, lambda: self._stop(scratch)):
                    if "told" not in message:
                        hearing.broke = message["ended"]
                    elif (answer := hearing.hear(message["told"], message["left"])) is not None:
                        worker.send(answer)
            except process.Killed as killed:
                hearing.broke = str(killed)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError):
                # only a hostile program says what cannot be understood
                worker.kill()
                hearing.broke = "garbled"
        if self.over() is None:
            hearing.settle()

    def _stop(self, scratch: Path) -> str | None:
        written = workspace.size(scratch, self.limits.disk)
        return "disk" if written > self.limits.disk else self.over()

    def _order(self, batch: Sequence[int], scratch: Path) -> dict[str, Any]:
        programs = [_told(self.programs[number]) for number in batch]
        return {
            "job": {
                "programs": programs,
                "paths": self.space.paths,
                "bytecode": workspace.BYTECODE,
                "frames": self.frames,
                "at_once": self.at_once,
            },
            "grants": self.space.grants(scratch),
            # of the start, before the first program is let in
            "fuel": 10 * session.BILLION,
            "fuel_per_test": self.limits.fuel,
            "memory": self.limits.memory,
        }


class _Hearing:
    """Listens to one session of one worker."""

    def __init__(self, running: _Running, batch: Sequence[int]) -> None:
        self._running, self._batch = running, batch
        self._current, self._end = 0, time.monotonic() + running.limits.seconds
        self._frames: list[trace.Frame] = []
        self._repeated: watching.Repeated | None = None
        # how the session broke; None: it came to its end
        self.broke: str | None = None

    def hear(self, event: dict[str, Any], left: int) -> dict[str, Any] | None:
        """Take one event in; return the answer to one that asks. Raises Killed where a program's time is up."""
        match event.get("event"):
            case "start":
                self._current, self._frames, self._repeated = int(event["id"]), [], None
                self._end = time.monotonic() + self._running.limits.seconds
                fresh = self._running.ended[self._batch[self._current]] is None
                return {"run": fresh}
            case "frames" if len(self._frames) < self._running.frames:
                self._frames += map(_unmarked, event["frames"])
            case "repeated" if self._repeated is None:
                self._repeated = watching.heard(event)
            case "stepped":
                self._close(_stepped(event, self._running.limits.fuel - left))
        if time.monotonic() > self._end:
            raise process.Killed("wall")
        return None

    def _close(self, stepped: Stepped) -> None:
        number = self._batch[self._current]
        if self._running.ended[number] is None:
            frames = tuple(self._frames[: self._running.frames])
            self._running.ended[number] = replace(stepped, frames=frames, repeated=self._repeated)

    def settle(self) -> None:
        """Give the program that was running when the session broke its end."""
        if self._running.ended[self._batch[self._current]] is not None:
            self._current += 1
        if self._current < len(self._batch):
            spent = self._running.limits.fuel if self.broke == "fuel" else 0
            how = How(self.broke) if self.broke in {"fuel", "wall"} else How.BROKEN
            self._close(Stepped(how=how, exception=None if how is not How.BROKEN else self.broke, fuel=spent))


def _told(program: Text) -> dict[str, Any]:
    loops = [watching.told(loop) for loop in program.loops]
    return {"path": program.path, "source": program.source, "watched": program.watched, "loops": loops}


def _unmarked(told: dict[str, Any]) -> trace.Frame:
    frame = tracing.frame_of(told)
    return replace(frame, source=frame.source.removesuffix(f"  {programs.MARK}"))


def _stepped(event: dict[str, Any], fuel: int) -> Stepped:
    how = How(event["how"])
    return Stepped(
        how=how if how in {How.RETURNED, How.RAISED, How.REPEATED, How.UNLOADED} else How.BROKEN,
        complete=bool(event["complete"]),
        value=_text(event.get("value")),
        exception=_text(event.get("exception")),
        limit=_text(event.get("limit")),
        fuel=max(fuel, 0),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:500]
