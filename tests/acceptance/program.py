"""The program as a user runs it: a process of its own, with a cache, records and a home that are given to it."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.git_project import Project

COMMAND = (sys.executable, "-m", "gatekeeper.cli")

SUMS = """\
def add(a, b):
    return a + b


def double(a):
    return add(a, a)


def lonely():
    return 1
"""
LIBRARY: Mapping[str, str] = {
    "README.md": "A small library.\n",
    "pack/__init__.py": "",
    "pack/sums.py": SUMS,
    "tests/test_sums.py": """\
import pytest
from pack import sums


@pytest.mark.parametrize("n", [1, 2])
def test_add(n):
    assert sums.add(n, 1) == n + 1


def test_double():
    assert sums.double(2) == 4
""",
    "tests/test_other.py": "def test_other():\n    assert True\n",
}
# changes of `add` after which the library's tests pass, and fail
SOUND = {"pack/sums.py": SUMS.replace("a + b", "b + a")}
WRONG = {"pack/sums.py": SUMS.replace("a + b", "a - b")}
OF_SUMS = ["tests/test_sums.py::test_add[1]", "tests/test_sums.py::test_add[2]", "tests/test_sums.py::test_double"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """What `--json` printed: exactly one object."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def outcomes(self) -> dict[str, str]:
        """Test -> outcome, of what `--json` printed."""
        return {test["id"]: test["outcome"] for test in self.result["tests"]}

    def explains(self, code: int, *words: str) -> bool:
        """Whether this ended with `code`, printed nothing as a result, and explained itself with all of `words`."""
        return self.code == code and not self.out and all(word in self.err for word in words)


class Program:
    """Runs the program with records and temporary files in `folder`."""

    def __init__(self, folder: Path, cache: Path) -> None:
        folder.mkdir()
        self.folder, self.temporary, self.records = folder, folder / "tmp", folder / "records.sqlite"
        self.temporary.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(self.temporary),
            "GATEKEEPER_CACHE": str(cache),
            "GATEKEEPER_DATABASE": f"sqlite:///{self.records}",
            "GATEKEEPER_OFFLINE": "1",
            "GATEKEEPER_FUEL": "5",
        }

    def run(
        self,
        *words: str | Path,
        cwd: Path | None = None,
        by: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run one command to its end, in `cwd` and with more of an environment where they are given.

        `by` are words in front of the command's own.
        """
        done = subprocess.run(
            [*by, *COMMAND, *map(str, words)],
            cwd=cwd or self.folder,
            env={**self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert not list(self.temporary.iterdir())
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def review(self, project: Project, *words: str, **environment: str) -> Ended:
        """Review the branch `work` for `main`."""
        return self.run(*review_words(project), *words, environment=environment)

    def recorded(self) -> list[str]:
        """Return the verdicts that are recorded, oldest first; nothing else may be."""
        if not self.records.exists():
            return []
        with closing(sqlite3.connect(self.records)) as connection:
            verdicts = [row[0] for row in connection.execute("SELECT conclusion FROM reviews ORDER BY started")]
            if not verdicts:
                for table in ("repositories", "predictions", "traces", "findings"):
                    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        return verdicts


def review_words(project: Project) -> list[str]:
    """Return the words of the command that reviews the branch `work` for `main`."""
    return ["review", "--repo", str(project.folder), "--base", "main", "--head", "work"]


def propose(
    project: Project, change: Mapping[str, str | bytes | None], base: Mapping[str, str | bytes] = LIBRARY
) -> None:
    """Commit `base` to the branch `main`, and `change` on top of it to the branch `work`."""
    project.commit(base)
    project.branch("work")
    project.commit(change)
