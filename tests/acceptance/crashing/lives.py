"""The worker's lives, as a test sees them."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Self

from tests.acceptance.crashing import worker


class Worker:
    """One place where a worker lives, dies and lives again; a life is ended with the block."""

    def __init__(self, folder: Path) -> None:
        """Let its lives note what they pass in `folder`."""
        self._folder = folder
        self._log = (folder / "worker.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", worker.__name__, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.pid = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill what lives."""
        if self.pid:
            self.kill()
        self._pipe(self._process.stdin).close()
        self._process.wait()
        self._pipe(self._process.stdout).close()
        self._log.close()

    def live(self, life: worker.Life) -> None:
        """Begin a life."""
        assert not self.pid
        given = self._pipe(self._process.stdin)
        given.write(json.dumps(asdict(life)) + "\n")
        given.flush()
        self.pid = int(self._said("started"))

    def kill(self) -> None:
        """End the life at once."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Wait for the life's end and return its status, as of `os.waitpid`."""
        status = int(self._said("ended"))
        self.pid = 0
        return status

    @property
    def dead(self) -> bool:
        """Whether the life has ended though nobody waited for it."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return True
        return state.rpartition(")")[2].split()[0] == "Z"

    def log(self) -> str:
        """Return the end of what it logged."""
        return (self._folder / "worker.log").read_text(errors="replace")[-4000:]

    def _said(self, word: str) -> str:
        line = self._pipe(self._process.stdout).readline()
        assert line.startswith(word), f"{line!r} instead of {word}: {self.log()}"
        return line.split()[1]

    def _pipe(self, pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe
