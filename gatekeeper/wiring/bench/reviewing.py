"""`gatekeeper review --json` as a process of its own: what a user would see, and how long it takes them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper import errors, settings
from gatekeeper.accuracy import scoring
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict
from gatekeeper.wiring.bench import spending

GATEKEEPER = (sys.executable, "-m", "gatekeeper.cli")
# seconds: beyond what a review allows itself, so that only a program that hangs reaches it
PATIENCE = 1800
# exit codes of a review that came to a verdict
_VERDICTS = {0, 1, 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One review, as its JSON says and as the clock on the wall says."""

    # wall-clock seconds from the start of the process to its end
    seconds: float
    conclusion: verdict.Conclusion
    reason: str
    # tests selected, of those in the repository
    selected: int
    of: int
    said: tuple[scoring.Said, ...]
    # stage -> seconds
    timings: Mapping[str, float]
    spending: spending.Spending


class Reviewer:
    """Reviews with one environment and one database."""

    def __init__(self, chosen: settings.Settings, records: Path, engine: str | None = None) -> None:
        """Keep the records of all reviews in the SQLite file `records`; `engine` predicts, or the one configured."""
        self._engine = ("--engine", engine) if engine else ()
        own = {"GATEKEEPER_CACHE": str(chosen.cache), "GATEKEEPER_DATABASE": f"sqlite:///{records}"}
        self.environment = dict(os.environ) | own

    def review(self, repository: Path, base: str, head: str) -> Reviewed:
        """Review a pull request. Raises BenchError where no verdict comes."""
        words = [*GATEKEEPER, "review", "--repo", str(repository), "--base", base, "--head", head, "--json"]
        words += self._engine
        done, seconds = self.timed(words)
        try:
            told = json.loads(done.stdout)
        except ValueError:
            told = None
        if done.returncode not in _VERDICTS or told is None:
            said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise errors.BenchError(f"the review ended with exit code {done.returncode}: {said[0]}")
        return read(told, seconds)

    def timed(self, words: Sequence[str]) -> tuple[subprocess.CompletedProcess[str], float]:
        """Run a command; return what it said and its wall-clock seconds. Raises BenchError where it does not end."""
        start = time.perf_counter()
        try:
            done = subprocess.run(
                words, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired as problem:
            raise errors.BenchError(f"{' '.join(words[:4])} did not end within {PATIENCE} s") from problem
        return done, time.perf_counter() - start


def read(told: Mapping[str, Any], seconds: float) -> Reviewed:
    """Return a review from its JSON."""
    return Reviewed(
        seconds=seconds,
        conclusion=verdict.Conclusion(told["verdict"]),
        reason=told["reason"],
        selected=told["selected"],
        of=told["of"],
        said=tuple(map(_said, told["tests"])),
        timings=told["timings"],
        spending=spending.read(told["tests"]),
    )


def _said(test: Mapping[str, Any]) -> scoring.Said:
    outcome = prediction.Outcome(test["outcome"])
    return scoring.Said(
        test=test["id"],
        outcome=outcome,
        would_fail=test["would_fail"],
        already_failing=test["already_failing"],
        why=(test["exception"] if outcome.broken else None) or test["reason"],
    )
