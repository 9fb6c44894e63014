"""A package's own tests under native pytest, in a virtual environment of their own."""

import fcntl
import hashlib
import importlib.metadata
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gatekeeper import errors

# seconds for one run of a suite
PATIENCE = 1800
# pytest's exit codes of a run that came to its end: all passed, some failed
_FINISHED = {0, 1}


def guest_pytest() -> str:
    """Return the requirement of pytest in the version that the sandbox has."""
    return f"pytest=={importlib.metadata.version('pytest')}"


def environment(
    requirements: Sequence[str], cache: Path, *, python: str = sys.executable, folder: Path | None = None, of: str = ""
) -> Path:
    """Return the Python of a virtual environment with `requirements`, made once. Raises BenchError.

    `folder`: where relative paths among the requirements start; `of` then says what is in it, since the environment is
    found again by that and the requirements.
    """
    name = hashlib.sha256("\n".join([python, of, *requirements]).encode()).hexdigest()[:16]
    kept = cache / "bench" / "environments" / name
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "complete").exists():
            _make(kept / "venv", requirements, python, folder or kept)
            (kept / "complete").touch()
    return kept / "venv" / "bin" / "python"


def _make(made: Path, wanted: Sequence[str], python: str, folder: Path) -> None:
    # without pip, which Debian's Python lacks the means to put there; ours installs into it
    _run([python, "-m", "venv", "--clear", "--without-pip", str(made)], folder, "a virtual environment cannot be made")
    pip = [sys.executable, "-m", "pip", "--python", str(made / "bin" / "python"), "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--no-input", *wanted]
    _run(pip, folder, f"{' '.join(wanted)} cannot be installed")


def _run(words: Sequence[str], folder: Path, failing: str) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = [line for line in done.stderr.splitlines() if line.lower().startswith("error:")]
        raise errors.BenchError(f"{failing}: {told[-1] if told else _last(done)}")


def suite(python: Path, folder: Path, tests: Sequence[str], importable: str) -> float:
    """Return the wall-clock seconds of one run of `tests` in `folder`. Raises BenchError where it does not finish.

    `importable`: the folder in `folder` that has to be on the import path.
    """
    words = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    environment = variables(folder / importable)
    start = time.perf_counter()
    try:
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as problem:
        raise errors.BenchError(f"native pytest did not end within {PATIENCE} s") from problem
    seconds = time.perf_counter() - start
    if done.returncode not in _FINISHED:
        raise errors.BenchError(f"native pytest ended with exit code {done.returncode}: {_last(done)}")
    return seconds


def _last(done: subprocess.CompletedProcess[str]) -> str:
    return ((done.stderr or done.stdout).strip().splitlines() or ["nothing was said"])[-1]


def variables(importable: Path) -> dict[str, str]:
    """Return the environment of a native run: nobody's options for pytest, hashes that repeat."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
    return kept | {"PYTHONHASHSEED": "0", "PYTHONPATH": str(importable)}
