import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.acceptance.program import COMMAND, LIBRARY, SOUND, SUMS, Program, propose, review_words
from tests.fakes.modelserver import server as models
from tests.git_project import Project

# longer than anything here may take
FOREVER = "100000"
# a test that passes at once, so that the progress bar moves, and others that go on for long
SLOW = """\
import pytest
from pack import sums

pytestmark = pytest.mark.slow


def test_quick():
    assert sums.add(1, 1) == 2


@pytest.mark.parametrize("n", range(50))
def test_slow(n):
    sums.slowly()
"""


class Started:
    """The program at work, with a terminal as its standard error."""

    def __init__(self, program: Program, project: Project, *words: str, **environment: str) -> None:
        self._program = program
        self._terminal, given = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *review_words(project), *words],
            env={
                **program.environment,
                "TERM": "xterm",
                "GATEKEEPER_FUEL": FOREVER,
                "GATEKEEPER_TEST_SECONDS": FOREVER,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=given,
            start_new_session=True,
        )
        os.close(given)
        self.shown = ""

    def follow(self, until: Callable[[], bool]) -> None:
        """Read the terminal until something is so; its spinner turns ten times a second."""
        while not until():
            # Linux says that nobody has the other end open as an error
            data = b""
            with suppress(OSError):
                data = os.read(self._terminal, 1 << 16)
            if not data:
                return
            self.shown += data.decode(errors="replace")

    def workers(self) -> list[int]:
        """Return the processes that it has started."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
        pairs = (map(int, line.split()) for line in listed.splitlines())
        return [pid for pid, parent in pairs if parent == self.process.pid]

    def end(self, number: signal.Signals) -> float:
        """Send the signal twice, as a terminal and a supervisor may; return the seconds until the program ended."""
        start = time.monotonic()
        self.process.send_signal(number)
        self.process.send_signal(number)
        self.follow(lambda: False)
        self.process.wait()
        return time.monotonic() - start

    def close(self) -> None:
        self.process.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process.wait()
        os.close(self._terminal)


@pytest.fixture(name="start")
def _start(program: Program, project: Project) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def start(*words: str, **environment: str) -> Started:
        started.append(Started(program, project, *words, **environment))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_review_leaves_nothing_behind(
    project: Project, program: Program, start: Callable[..., Started], number: signal.Signals
) -> None:
    slowly = "\n\ndef slowly():\n    while True:\n        pass\n"
    propose(project, {"pack/sums.py": SUMS + slowly, "tests/test_slow.py": SLOW})
    running = start()
    running.follow(lambda: "pre-executing" in running.shown)
    workers = running.workers()

    seconds = running.end(number)

    assert_nothing_left(running, program, workers, seconds)


def test_an_interrupt_while_the_tree_before_is_run_is_heard_too(
    project: Project, program: Program, start: Callable[..., Started]
) -> None:
    before = SUMS + "\n\ndef slowly():\n    while True:\n        pass\n"
    propose(
        project,
        {"pack/sums.py": SUMS + "\n\ndef slowly():\n    raise ValueError\n"},
        {**LIBRARY, "pack/sums.py": before, "tests/test_slow.py": SLOW},
    )
    running = start()
    # a run has its scratch folder beside the tree
    running.follow(lambda: bool(list(program.temporary.glob("gatekeeper-*/before/run-*"))))
    workers = running.workers()

    seconds = running.end(signal.SIGTERM)

    assert_nothing_left(running, program, workers, seconds)


@pytest.mark.allow_hosts(["127.0.0.1"])
# the first of them is what is asked to see whether the model answers
@pytest.mark.parametrize(("path", "answered", "asked"), [("/v1/chat/completions", 1, 7), ("/model_info", 0, 1)])
def test_an_interrupt_while_a_model_is_waited_for_takes_its_requests_back(
    project: Project, program: Program, start: Callable[..., Started], path: str, answered: int, asked: int
) -> None:
    propose(project, SOUND)
    behaviour = models.roomy()
    behaviour.due(path, *[models.Fault()] * answered, *[models.Fault(hangs=True)] * asked)
    with models.serve(behaviour) as model:
        running = start("--engine", "reasoning", GATEKEEPER_MODEL_URL=model.url, GATEKEEPER_MODEL_PROFILE="reasoning")
        running.follow(lambda: len(model.asked_of(path)) == asked)

        seconds = running.end(signal.SIGINT)

        assert "asking the model" in running.shown
        assert_interrupted(running, program, seconds)
        assert len(model.aborted) == asked - 1


def assert_nothing_left(running: Started, program: Program, workers: list[int], seconds: float) -> None:
    assert_interrupted(running, program, seconds)
    assert workers
    assert not [pid for pid in workers if is_alive(pid)]


def assert_interrupted(running: Started, program: Program, seconds: float) -> None:
    assert running.process.returncode == 130
    assert "gatekeeper: interrupted; nothing was recorded" in running.shown
    assert "Traceback" not in running.shown
    assert seconds < 2
    assert not list(program.temporary.iterdir())
    assert program.recorded() == []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
