"""Lives of a worker: `python -m tests.acceptance.crashing.worker FOLDER` reads one plan a line and lives it.

What a worker needs is imported once; each life is a copy of this process, which takes a tenth of the time.
"""

import functools
import json
import os
import select
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import settings
from gatekeeper.forge import wire
from gatekeeper.wiring import logs, reviewing, ticks, work
from gatekeeper.workflows import carrying, durable, mending, names, steps, upkeep
from tests.acceptance.crashing import boundaries, canned

# the one that workers have
PROTOCOL = int(names.PROTOCOL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How a worker lives."""

    environ: dict[str, str]
    # DBOS's application version; with the next, and every other one, every workflow has a further step, as its first
    protocol: int = PROTOCOL
    # whether reviews are carried out as they really are
    real: bool = False
    # seconds until GitHub's answer is given up
    timeout: float = 15.0


def main() -> None:
    """Live one life after the other; write `started PID` and `ended STATUS` of each."""
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        process = os.fork()
        if not process:
            _live(folder, Life(**json.loads(line)))
            os._exit(0)
        _say(f"started {process}")
        _say(f"ended {os.waitpid(process, 0)[1]}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _live(folder: Path, life: Life) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logs.configure(sys.stderr, process="worker", terminal=False)
    _change(life)
    watch = boundaries.Watch(folder)
    watch.install(_further_step if (life.protocol - PROTOCOL) % 2 else lambda: None)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stop.set).start())
    work.run(settings.read(life.environ), stop)


def _change(life: Life) -> None:
    """Let nothing take longer than it must, and reviews come from a drawer."""
    names.PROTOCOL = str(life.protocol)
    work.limits = lambda chosen: durable.Limits(
        reviews=chosen.reviews, reviews_per_repository=chosen.reviews_per_repository, debounce=0, look=0.1
    )
    carrying._LOOK = mending._LOOK = 0.02
    steps._LONGEST = 0.05
    # enough for each request of a step to fail once
    steps._PAUSES = (0.0,) * 40  # type: ignore[assignment]
    periods = ticks._periods
    # what CI did is told by deliveries alone: whether the first look comes before a review is done is chance
    ticks._periods = lambda chosen: {
        task: seconds for task, seconds in periods(chosen).items() if task is not upkeep.Task.SETTLE
    }
    wire.Wire = functools.partial(wire.Wire, timeout=life.timeout)  # type: ignore[assignment,misc]
    if not life.real:
        reviewing.Reviewer = canned.Reviewer  # type: ignore[assignment,misc]


def _further_step() -> None:
    steps.step("a further step", lambda: "")


def _end_with_parent() -> None:
    hangs_up = select.poll()
    hangs_up.register(sys.stdin.fileno(), 0)
    hangs_up.poll()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
