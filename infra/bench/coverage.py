"""Which share of well-known projects' tests the sandbox analyses: one row of a markdown table for each.

    infra/bench/coverage.py --project NAME=CLONE [--project NAME=CLONE]... [--modules N] [--python PYTHON]

CLONE is a git clone of the project NAME of projects.toml; nothing is written to it. A change to pyproject.toml, which
affects every test, is reviewed, and the tests are run under native pytest in a virtual environment with what the
project declares. Of the tests that pass natively, those that pass in the sandbox are analysed; the others are counted
by the reason, with a few of them named on standard error. With --modules N all but N evenly spaced test modules are
removed from both trees first.
"""

import argparse
import os
import re
import sys
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import natively
import pygit2
import trees

from gatekeeper import errors, settings
from gatekeeper.accuracy import scoring
from gatekeeper.simulation import prediction
from gatekeeper.wiring.bench import native, reviewing

PROJECTS = Path(__file__).resolve().parent / "projects.toml"
PATIENT = b"budget:\n  seconds: 7200\n"
EVERYTHING = b'\n[tool.gatekeeper-bench]\neverything = "is selected"\n'
_TEST_MODULE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
# causes that a row names
_NAMED = 5
# tests that are named for each cause
_EXAMPLES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One project's figures."""

    name: str
    passing: int
    analysed: int
    causes: Counter[str]
    # seconds of the native run and of the review
    native: float
    review: float

    def __str__(self) -> str:
        """Return the row of the table."""
        named = [f"{number:,} {cause}" for cause, number in self.causes.most_common(_NAMED)]
        rest = sum(self.causes.values()) - sum(number for _, number in self.causes.most_common(_NAMED))
        reasons = "; ".join([*named, *([f"{rest:,} other"] if rest else [])]).replace("|", "/")
        share = f"{self.analysed / self.passing:.1%}" if self.passing else "-"
        return f"| {self.name} | {self.passing:,} | {self.analysed:,} | {share} | {reasons} |"


def main() -> int:
    """Run; return 0 where every project could be measured."""
    options = _options()
    known = tomllib.loads(PROJECTS.read_text())
    failed = 0
    print("| project | pass natively | analysed | share | the others |\n|---|---:|---:|---:|---|", flush=True)
    for given in options.project:
        name, _, clone = given.partition("=")
        try:
            print(_measured(name, known[name], Path(clone), options), flush=True)
        except errors.BenchError as problem:
            failed += 1
            print(f"{name}: {problem}", file=sys.stderr)
    return int(failed > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", action="append", required=True, metavar="NAME=CLONE")
    parser.add_argument("--modules", type=int, help="keep so many test modules")
    parser.add_argument("--python", default=natively.highest_python(), help="the native Python (the newest on PATH)")
    return parser.parse_args()


def _measured(name: str, project: dict[str, Any], clone: Path, options: argparse.Namespace) -> Row:
    chosen = settings.read(os.environ)
    with tempfile.TemporaryDirectory(prefix="gatekeeper-coverage-") as scratch:
        folder = Path(scratch)
        opened = trees.clone(clone, folder / "clone.git")
        base, head, sampled = _change(opened, project, options.modules)
        tree = trees.checkout(folder / "clone.git", head, folder / "tree")
        python = native.environment(
            ["pytest", "pytest-timeout", *project["install"]], chosen.cache, python=options.python, folder=tree, of=head
        )
        suite = natively.Suite(python=python, tests=project["tests"], importable=project["importable"])
        ran, seconds = natively.timed_outcomes(suite, tree)
        reviewed = reviewing.Reviewer(chosen, folder / "records.sqlite").review(folder / "clone.git", base, head)
    passing = {test for test, ended in ran.items() if ended.how == "passed"}
    said = {one.test: one for one in reviewed.said}
    causes: dict[str, list[str]] = {}
    for test in sorted(passing):
        if cause := _cause(said.get(test)):
            causes.setdefault(cause, []).append(test)
    for cause, tests in causes.items():
        print(f"{name}: {len(tests)} {cause}: {', '.join(tests[:_EXAMPLES])}", file=sys.stderr, flush=True)
    notes = [part for part in (sampled, project.get("note")) if part]
    return Row(
        name=f"{name} {project['rev']}" + (f" ({'; '.join(notes)})" if notes else ""),
        passing=len(passing),
        analysed=len(passing) - sum(map(len, causes.values())),
        causes=Counter({cause: len(tests) for cause, tests in causes.items()}),
        native=seconds,
        review=reviewed.seconds,
    )


def _change(opened: pygit2.Repository, project: dict[str, Any], modules: int | None) -> tuple[str, str, str]:
    """Commit the tree that is sampled, and a change to it that affects every test; return both and what was sampled."""
    index = trees.index_of(opened, project["rev"])
    tests = [
        entry.path
        for entry in index
        if _TEST_MODULE.search(entry.path) and any(trees.under(entry.path, folder) for folder in project["tests"])
    ]
    kept = set(_spread(tests, modules))
    for path in tests:
        if path not in kept:
            index.remove(path)
    trees.put(opened, index, {".github/gatekeeper.yml": PATIENT})
    base = trees.commit(opened, index, project["rev"], "Sample")
    configured = opened[index["pyproject.toml"].id].peel(pygit2.Blob).data
    trees.put(opened, index, {"pyproject.toml": configured + EVERYTHING})
    head = trees.commit(opened, index, base, "Change what affects every test")
    return base, head, f"{len(kept)} of {len(tests)} modules" if len(kept) < len(tests) else ""


def _spread(tests: list[str], modules: int | None) -> list[str]:
    number = len(tests) if modules is None else min(modules, len(tests))
    return [tests[place * len(tests) // number] for place in range(number)]


def _cause(said: scoring.Said | None) -> str | None:
    """Return why a test that passes natively is not analysed; None where it is."""
    if said is None:
        return "not collected"
    if said.outcome is prediction.Outcome.PASS:
        return None
    why = re.sub(r"\d+", "N", said.why.partition("\n")[0])[:100]
    if said.already_failing:
        return f"fail in the sandbox: {why.partition(':')[0]}"
    return f"{'predicted to fail: ' if said.would_fail else ''}{why}"


if __name__ == "__main__":
    sys.exit(main())
