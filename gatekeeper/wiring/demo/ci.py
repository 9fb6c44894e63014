"""The sample's CI: its whole suite under native pytest, in a process of its own, ended when its time is over."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper.outcomes import job

NAME, WORKFLOW = "tests", "ci"
# how the machines of this CI differ from the sandbox
REGION = "se"
# seconds between two looks whether the job has ended or is to end
_TICK = 0.05
# pytest's exit codes of a run that came to its end: all passed, some failed, interrupted by errors of collection
_ENDINGS = {0: job.Conclusion.SUCCESS, 1: job.Conclusion.FAILURE, 2: job.Conclusion.FAILURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One attempt of the job."""

    # counted from 1
    attempt: int
    conclusion: job.Conclusion
    started: datetime
    completed: datetime
    # JUnit's XML; None where the job was ended before it was written
    report: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be tested, and how."""

    unpack: Callable[[Path], None]
    # seconds after which it is ended
    limit: float
    # whether somebody cancels the first attempt at once
    cancelled: bool = False
    # whether an earlier job left its lock in the folder that jobs share: a failure is tried a second time
    left_over: bool = False


def run(wanted: Job, kept: Path, stopped: Callable[[], bool]) -> list[Ran]:
    """Run the job, or read what it did when it was run before: the folder `kept` remembers.

    Nothing is returned, nor remembered, once `stopped`.
    """
    if not (kept / "attempts.json").exists():
        ran = list(_attempts(wanted, stopped))
        if stopped():
            return []
        kept.mkdir(parents=True, exist_ok=True)
        _remember(kept, ran)
    return _remembered(kept)


def _attempts(wanted: Job, stopped: Callable[[], bool]) -> Iterator[Ran]:
    with tempfile.TemporaryDirectory(prefix="gatekeeper-demo-") as name:
        folder = Path(name)
        # what all attempts share
        spool = folder / "spool"
        spool.mkdir()
        (folder / "tmp").mkdir()
        if wanted.left_over:
            (spool / "lock").touch()
        for attempt in (1, 2) if wanted.left_over else (1,):
            checkout = folder / f"attempt-{attempt}"
            wanted.unpack(checkout)
            yield _attempt(checkout, attempt, 0 if wanted.cancelled else wanted.limit, _variables(folder), stopped)


def _attempt(
    folder: Path, attempt: int, limit: float, variables: Mapping[str, str], stopped: Callable[[], bool]
) -> Ran:
    report = folder / "junit.xml"
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    started = datetime.now(UTC)
    process = subprocess.Popen(
        words, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    )
    code = _code(process, limit, stopped)
    if code is None:
        conclusion = job.Conclusion.TIMED_OUT if limit else job.Conclusion.CANCELLED
    else:
        conclusion = _ENDINGS.get(code, job.Conclusion.ERROR)
    return Ran(
        attempt=attempt,
        conclusion=conclusion,
        started=started,
        completed=datetime.now(UTC),
        report=report.read_bytes() if code is not None and report.exists() else None,
    )


def _code(process: "subprocess.Popen[bytes]", limit: float, stopped: Callable[[], bool]) -> int | None:
    """Return the exit code, or None where the process had to be ended."""
    end = time.monotonic() + limit
    try:
        while process.poll() is None:
            if stopped() or time.monotonic() >= end:
                return None
            # ends early with the process
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_TICK)
        return process.returncode
    finally:
        # its children too, whether it has ended or not
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _variables(folder: Path) -> dict[str, str]:
    """Return the environment of the job: nobody's options for pytest, no plugins, what this CI's machines say."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON", "LARDER_"))}
    own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    machine = {"CI": "true", "LARDER_REGION": REGION, "LARDER_SPOOL": str(folder / "spool")}
    return kept | own | machine | {"TMPDIR": str(folder / "tmp")}


def _remember(kept: Path, ran: list[Ran]) -> None:
    for one in ran:
        if one.report is not None:
            _report(kept, one.attempt).write_bytes(one.report)
    told = [
        {
            "attempt": one.attempt,
            "conclusion": one.conclusion,
            "started": one.started.isoformat(),
            "completed": one.completed.isoformat(),
            "report": one.report is not None,
        }
        for one in ran
    ]
    # complete or not there at all
    (kept / "attempts.part").write_text(json.dumps(told, indent=2) + "\n")
    (kept / "attempts.part").replace(kept / "attempts.json")


def _remembered(kept: Path) -> list[Ran]:
    return [
        Ran(
            attempt=one["attempt"],
            conclusion=job.Conclusion(one["conclusion"]),
            started=datetime.fromisoformat(one["started"]),
            completed=datetime.fromisoformat(one["completed"]),
            report=_report(kept, one["attempt"]).read_bytes() if one["report"] else None,
        )
        for one in json.loads((kept / "attempts.json").read_text())
    ]


def _report(kept: Path, attempt: int) -> Path:
    return kept / f"junit-{attempt}.xml"
