"""A worker process as its parent sees it: give it a job, hear its events, kill it when its time is up."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gatekeeper import errors

START = "import sys; sys.path[:] = {path!r}; from gatekeeper.sandbox import worker; worker.main()"
# seconds between looks at whether the review was cancelled or the disk is full
TICK = 0.1


class Killed(Exception):  # noqa: N818 - an event, not an error of the program
    """The worker was killed; the message says for what."""


class Process:
    """One worker process; started again by itself after it was killed."""

    def __init__(self, compiled: Path, *, disk: int) -> None:
        """Start a worker for the component `compiled`; `disk` is the largest file it may write, in bytes."""
        self._first = json.dumps({"compiled": str(compiled), "disk": disk}).encode() + b"\n"
        self._process = self._start()
        self._buffer = b""

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", START.format(path=sys.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={}, cwd="/", start_new_session=True, bufsize=0,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(self._first)
        return process

    def send(self, message: dict[str, Any]) -> None:
        """Send one message. Raises Killed where the worker is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
        except BrokenPipeError as error:
            self.kill()
            raise Killed("crash") from error

    def messages(self, seconds: Callable[[], float], over: Callable[[], str | None]) -> Iterator[dict[str, Any]]:
        """Yield what the worker says until its job has ended.

        Kills it and raises Killed when nothing came for `seconds()` or when `over` names a reason to stop.
        """
        heard = time.monotonic()
        while True:
            line = self._line()
            if line is not None:
                heard = time.monotonic()
                message = json.loads(line)
                yield message
                if "ended" in message:
                    return
                continue
            if not self._fill():
                reason = over() or ("wall" if time.monotonic() - heard > seconds() else None)
                if reason:
                    self.kill()
                    raise Killed(reason)

    def _line(self) -> bytes | None:
        line, newline, rest = self._buffer.partition(b"\n")
        if not newline:
            return None
        self._buffer = rest
        return line

    def _fill(self) -> bool:
        """Read what is there; False where nothing came within a tick. Raises Killed where the worker is gone."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        if not select.select([descriptor], [], [], TICK)[0]:
            return False
        data = os.read(descriptor, 1 << 16)
        if not data:
            self.kill()
            raise Killed("crash")
        self._buffer += data
        return True

    def kill(self) -> None:
        """End the worker at once and start another in its place."""
        self.close()
        self._buffer = b""
        try:
            self._process = self._start()
        except OSError as error:
            raise errors.SandboxError(f"a sandbox process could not be started: {error}") from error

    def close(self) -> None:
        """End the worker for good."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        self._process.wait()
