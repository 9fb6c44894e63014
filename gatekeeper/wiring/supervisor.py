"""A small supervisor: starts processes, starts again what ends, stops them in order, and leaves none behind.

Each process leads a group of its own and holds two pipes whose other ends are here: `alive` ends when the supervisor
does, however it ends, and the process then kills its group; `running` ends when it is asked to stop.
"""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from gatekeeper.wiring import restarts

_ASKED = (signal.SIGTERM, signal.SIGINT)
# exit code of a process that no new start can help: a message says why
HOPELESS = 2
# seconds between looks at what no signal tells
_TICK = 0.25
# seconds that a process gets to end after it was asked for the last time
_LAST = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A process to keep running."""

    name: str
    # words of the command, to which the descriptors of `alive` and `running` are added
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    # seconds between being told that it is to stop and SIGTERM
    drain: float = 0
    # seconds from then until it is killed
    grace: float = _LAST
    # those with a higher number are stopped when the others have ended
    stage: int = 0


class _Child:
    """One program and the process that it runs in."""

    def __init__(self, program: Program, alive: int) -> None:
        self.program, self._alive = program, alive
        self.process: subprocess.Popen[bytes] | None = None
        self.failures: list[float] = []
        # when it is to be started again
        self.due: float | None = None
        self._running: int | None = None

    def start(self) -> None:
        running, self._running = os.pipe()
        try:
            self.process = subprocess.Popen(
                [*self.program.command, str(self._alive), str(running)],
                env=self.program.environment,
                pass_fds=(self._alive, running),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(running)
        self.due = None

    def ended(self) -> int | None:
        """Return the exit code of a process that has ended, once."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.kill()
        return code

    def tell(self) -> None:
        """Tell the process that it is to stop."""
        self.due = None
        if self._running is not None:
            os.close(self._running)
            self._running = None

    def signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill(self) -> None:
        """End all of the process's group, of which it may have left something behind."""
        self.tell()
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Supervisor:
    """Runs programs until it is asked to stop, or one of them fails too often."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        reconsider: Callable[[], Sequence[Program] | None],
        say: Callable[[str], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to run `programs`; as soon as `reconsider` returns others, those take their place."""
        self._programs, self._reconsider, self._say, self._now = programs, reconsider, say, now
        self._children: list[_Child] = []
        self._asked = 0
        self._woken, self._wake = os.pipe()
        # its other end is this process's alone, and closed by its end
        self._alive, self._own = os.pipe()

    def run(self) -> str | None:
        """Run, in the main thread, and return None when a signal asked to stop, else why it was given up.

        A second signal while it stops ends everything at once.
        """
        with self._listening():
            try:
                self._start(self._programs)
                return self._loop()
            finally:
                self._stop()

    def _loop(self) -> str | None:
        while not self._asked:
            self._wait(_TICK)
            why = next(filter(None, map(self._tend, self._children)), None)
            if why is not None:
                return why
            others = None if self._asked else self._reconsider()
            if others is not None:
                self._stop()
                self._start(others)
        return None

    def _start(self, programs: Sequence[Program]) -> None:
        self._children = [_Child(program, self._alive) for program in programs]
        for child in self._children:
            child.start()

    def _tend(self, child: _Child) -> str | None:
        """Start the child again where that is due, and return why there is no point in it."""
        name, now = child.program.name, self._now()
        code = child.ended()
        if code is not None:
            child.failures.append(now)
            pause = restarts.delay(child.failures, now)
            if code == HOPELESS:
                return f"the {name} process cannot run: its last message says why"
            if pause is None:
                return f"the {name} process ended {restarts.MOST + 1} times within a minute, lastly {_how(code)}"
            self._say(f"the {name} process ended {_how(code)}; it is started again in {pause:g} s")
            child.due = now + pause
        elif child.due is not None and now >= child.due:
            child.start()
        return None

    def _stop(self) -> None:
        """Stop the children, stage by stage."""
        for stage in sorted({child.program.stage for child in self._children}):
            self._stop_these([child for child in self._children if child.program.stage == stage])
        self._children = []

    def _stop_these(self, children: Sequence[_Child]) -> None:
        began = self._now()
        terminated: set[str] = set()
        for child in children:
            child.tell()
        left = [child for child in children if child.process is not None]
        while left:
            spent = self._now() - began
            for child in left:
                program = child.program
                if spent >= program.drain and program.name not in terminated:
                    terminated.add(program.name)
                    child.signal(signal.SIGTERM)
                if self._asked > 1 or spent >= program.drain + program.grace:
                    self._say(f"the {program.name} process did not end in time and is killed")
                    child.kill()
                else:
                    child.ended()
            left = [child for child in left if child.process is not None]
            if left:
                self._wait(0.05)

    def _wait(self, seconds: float) -> None:
        if select.select([self._woken], [], [], seconds)[0]:
            os.read(self._woken, 4096)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        os.set_blocking(self._wake, False)
        before = {number: signal.signal(number, self._hear) for number in (*_ASKED, signal.SIGCHLD)}
        woken = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)
            for end in (self._woken, self._wake, self._alive, self._own):
                os.close(end)

    def _hear(self, number: int, _: FrameType | None) -> None:
        if number in _ASKED:
            self._asked += 1


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with code {code}"
