"""Projects' own tests under native pytest, test by test."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import errors
from gatekeeper.wiring.bench import native

PLUGIN = Path(__file__).resolve().parent / "plugin"
# pytest's exit codes of a run whose outcomes can be used: all passed, some failed, interrupted by collection errors
_USABLE = {0, 1, 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a test ended natively."""

    # passed, failed, error or skipped; uncollected for a module that cannot be imported
    how: str
    # the exception's first line, or why it was skipped
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """How a project's tests are run."""

    python: Path
    # paths of the tests, and the folders that have to be on the import path, relative to the tree
    tests: Sequence[str]
    importable: Sequence[str]
    # seconds for one test, and for the run
    test_seconds: int = 30
    seconds: int = 1800


def outcomes(suite: Suite, folder: Path) -> dict[str, Ended]:
    """Run the suite in the checked out tree `folder`; return test id or module path -> how it ended."""
    told = folder.parent / f"{folder.name}.outcomes"
    there = [path for path in suite.tests if (folder / path).exists()]
    if not there:
        return {}
    words = [
        str(suite.python),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "tell_outcomes",
        "-p",
        "no:randomly",
    ]
    words += [f"--timeout={suite.test_seconds}", "--continue-on-collection-errors", "--rootdir=.", *there]
    paths = [*(str(folder / part) for part in suite.importable), str(PLUGIN)]
    variables = native.variables(folder) | {"PYTHONPATH": os.pathsep.join(paths), "TELL_OUTCOMES": str(told)}
    try:
        done = subprocess.run(
            words, cwd=folder, env=variables, capture_output=True, text=True, timeout=suite.seconds, check=False
        )
    except subprocess.TimeoutExpired as problem:
        raise errors.BenchError(f"native pytest did not end within {suite.seconds} s") from problem
    if done.returncode not in _USABLE or not told.exists():
        last = (done.stderr or done.stdout).strip()[-1000:]
        raise errors.BenchError(f"native pytest ended with exit code {done.returncode}: {last}")
    return dict(map(_read, told.read_text().splitlines()))


def timed_outcomes(suite: Suite, folder: Path) -> tuple[dict[str, Ended], float]:
    """Return the same, with the run's wall-clock seconds."""
    start = time.perf_counter()
    return outcomes(suite, folder), time.perf_counter() - start


def _read(line: str) -> tuple[str, Ended]:
    told: Mapping[str, str] = json.loads(line)
    return told["id"], Ended(how=told["how"], why=told["why"])


def highest_python() -> str:
    """Return the newest Python from 3.11 on that is on PATH and works, else the one that runs this."""
    for minor in range(20, 10, -1):
        name = f"python3.{minor}"
        try:
            done = subprocess.run([name, "-c", "import venv"], capture_output=True, check=False)
        except FileNotFoundError:
            continue
        if done.returncode == 0:
            return name
    return sys.executable
