import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

_DRIVER = """
import json, sys
from gatekeeper.wiring import supervisor

programs = [supervisor.Program(**{**one, "command": tuple(one["command"])}) for one in json.loads(sys.argv[1])]
why = supervisor.Supervisor(programs, reconsider=lambda: None, say=lambda text: print(text, flush=True)).run()
print("ended:", why, flush=True)
"""
# what each process begins with: its name, its pipes, and what it does when it is asked to end
_BEGIN = """
import os, signal, subprocess, sys, time
name, alive, running = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def say(text):
    # not print, which a signal's handler may not call while it is being called
    os.write(1, f"{name} {text}\\n".encode())
def leave(*_):
    say("asked")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
say(f"began {os.getpid()}")
"""
_STAY = "time.sleep(60)"


class Driven:
    """A supervisor in a process of its own, and what it and its programs say."""

    def __init__(self, *programs: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _DRIVER, json.dumps(programs)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self._out: IO[str] = self.process.stdout
        self.said: list[str] = []

    def until(self, words: str) -> str:
        """Return the first line yet unread with `words`."""
        for line in self._out:
            self.said.append(line.strip())
            if words in line:
                return self.said[-1]
        pytest.fail(f"{words!r} was never said, only {self.said}")

    def began(self, name: str) -> int:
        """Return the number of the process of that name that begins next."""
        return int(self.until(f"{name} began").split()[-1])

    def rest(self) -> list[str]:
        """Return what is said until the end."""
        self.said += [line.strip() for line in self._out]
        self.process.wait(10)
        return self.said


@pytest.fixture
def drive() -> Iterator[Callable[..., Driven]]:
    """Give what starts a supervisor, which is gone when the test ends."""
    started: list[Driven] = []

    def start(*programs: dict[str, Any]) -> Driven:
        started.append(Driven(*programs))
        return started[-1]

    yield start
    for one in started:
        # twice: at once, with all that it started
        for _ in range(2):
            one.process.send_signal(signal.SIGTERM)
        one.process.communicate()


def _program(name: str, does: str, **more: object) -> dict[str, Any]:
    command = [sys.executable, "-c", _BEGIN + does, name]
    return {"name": name, "command": command, "environment": {"PATH": os.environ["PATH"]}, **more}


def test_a_process_that_ends_is_started_again(drive: Callable[..., Driven]) -> None:
    driven = drive(_program("web", _STAY), _program("worker", _STAY))
    first = driven.began("worker")

    os.kill(first, signal.SIGKILL)

    assert "by signal 9; it is started again in 0.5 s" in driven.until("the worker process")
    assert driven.began("worker") != first
    driven.process.send_signal(signal.SIGTERM)
    assert driven.rest()[-1] == "ended: None"


def test_a_process_that_cannot_run_ends_all(drive: Callable[..., Driven], tmp_path: Path) -> None:
    note = tmp_path / "web"
    begun = f"while not os.path.exists({str(note)!r}): time.sleep(0.01)\nsys.exit(2)"
    driven = drive(_program("web", f"open({str(note)!r}, 'w').close(); {_STAY}"), _program("broker", begun))

    said = driven.rest()

    assert said[-1] == "ended: the broker process cannot run: its last message says why"
    assert "web asked" in said


def test_processes_are_told_first_asked_then_and_stopped_in_order(drive: Callable[..., Driven]) -> None:
    told = "os.set_blocking(running, True); os.read(running, 1); say('told'); time.sleep(60)"
    driven = drive(_program("broker", _STAY, stage=1), _program("web", told, drain=0.3))
    driven.until("began")
    driven.until("began")

    driven.process.send_signal(signal.SIGTERM)

    assert driven.rest()[-4:] == ["web told", "web asked", "broker asked", "ended: None"]


def test_a_process_that_does_not_end_is_killed_after_its_grace(drive: Callable[..., Driven]) -> None:
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN); say('deaf'); time.sleep(60)"
    driven = drive(_program("worker", stubborn, grace=0.3))
    number = driven.began("worker")
    driven.until("deaf")

    driven.process.send_signal(signal.SIGINT)

    assert driven.rest()[-2:] == ["the worker process did not end in time and is killed", "ended: None"]
    assert not _lives(number)


def test_a_second_signal_waits_for_nobody(drive: Callable[..., Driven]) -> None:
    busy = "signal.signal(signal.SIGTERM, lambda *_: say('busy')); say('working')\nwhile True: time.sleep(60)"
    driven = drive(_program("worker", busy, grace=100))
    driven.until("working")
    driven.process.send_signal(signal.SIGTERM)
    driven.until("busy")

    driven.process.send_signal(signal.SIGTERM)

    assert driven.rest()[-1] == "ended: None"


def test_what_a_killed_process_left_behind_is_ended(drive: Callable[..., Driven]) -> None:
    parent = "left = subprocess.Popen(['sleep', '60']); say(f'left {left.pid}'); time.sleep(60)"
    driven = drive(_program("worker", parent))
    first = driven.began("worker")
    left = int(driven.until("left").split()[-1])

    os.kill(first, signal.SIGKILL)
    driven.began("worker")

    assert not _lives(left)


def test_pipes_end_with_a_killed_supervisor(drive: Callable[..., Driven], tmp_path: Path) -> None:
    note = tmp_path / "ended"
    driven = drive(_program("web", f"os.read(alive, 1); open({str(note)!r}, 'w').close()"))
    driven.began("web")

    driven.process.kill()

    _soon(note.exists)


def _lives(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    # a zombie has ended; whoever should take note of it may be slow here
    return state != "Z"


def _soon(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)
