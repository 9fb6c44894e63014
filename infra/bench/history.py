"""Real commits of a project, reviewed forward and reverted, against what its tests really do.

    infra/bench/history.py CLONE --src PACKAGE --tests TESTS [--commits 20] [--python PYTHON] [--requirement REQ]...

CLONE is a git clone of a pure-Python project; nothing is written to it. The newest commits that change both the package
and its tests are taken, but for merges and those that change nothing executable. Each is reviewed forward (its parent
against it) and reverted (it against its parent's files with its own tests, so that tests of what was added fail).
The tests of all three trees run under native pytest; a test is broken that passed before and does not pass after, or
that is new and does not pass. Printed are precision, recall and each difference, with the exceptions of both sides.
"""

import argparse
import ast
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import natively
import trees
from natively import Ended

from gatekeeper import errors, settings
from gatekeeper.accuracy import labels, scoring
from gatekeeper.report.visible import visible
from gatekeeper.wiring.bench import native, reviewing

_LABELS = {"failed": labels.Label.FAILED, "error": labels.Label.ERROR, "skipped": labels.Label.SKIPPED}
Results = Mapping[str, Ended]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Two commits to compare."""

    name: str
    base: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One change, reviewed and run natively."""

    change: Change
    review: reviewing.Reviewed
    before: Results
    after: Results
    scored: scoring.Scored


def main() -> int:
    """Run; return 0 where every change could be reviewed."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="gatekeeper-history-") as folder:
        history = _History(options, Path(folder))
        done = list(history.run())
    _show(done)
    for problem in history.problems:
        print(f"FAILED: {visible(problem)}")
    return int(bool(history.problems))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--src", required=True, help="the package's folder")
    parser.add_argument("--tests", required=True, help="the folder of its tests")
    parser.add_argument("--commits", type=int, default=20, help="how many commits (20)")
    parser.add_argument("--rev", default="HEAD", help="the newest commit (HEAD)")
    parser.add_argument("--pick", choices=["both", "code"], default="both", help="what commits change (both)")
    parser.add_argument("--python", default=natively.highest_python(), help="the native Python (the newest on PATH)")
    parser.add_argument("--requirement", action="append", default=[], help="what the tests import beside pytest")
    return parser.parse_args()


class _History:
    """The changes of one project, one after the other."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.problems: list[str] = []
        self._options, self._folder = options, folder
        self._repository = folder / "clone.git"
        self._git = trees.clone(options.clone, self._repository)
        self._ran: dict[str, Results] = {}
        chosen = settings.read(os.environ)
        self._reviewer = reviewing.Reviewer(chosen, folder / "records.sqlite")
        requirements = [native.guest_pytest(), "pytest-timeout", *options.requirement]
        self._suite = natively.Suite(
            python=native.environment(requirements, chosen.cache, python=options.python),
            tests=[options.tests],
            importable=[str(PurePosixPath(options.src).parent)],
        )

    def run(self) -> Iterator[Reviewed]:
        """Yield each change once it was reviewed and run."""
        for commit in self._picked():
            for change in self._changes(commit):
                print(visible(change.name), file=sys.stderr)
                try:
                    yield self._reviewed(change)
                except errors.BenchError as problem:
                    self.problems.append(f"{change.name}: {problem}")

    def _picked(self) -> list[str]:
        """Return the newest commits that change something executable, oldest last."""
        words = ["log", "--no-merges", "--format=%H", self._options.rev, "--", self._options.src]
        picked: list[str] = []
        for commit in trees.git(self._repository, *words).split():
            if len(picked) == self._options.commits:
                break
            if self._wanted(commit):
                picked.append(commit)
        return picked

    def _wanted(self, commit: str) -> bool:
        parents = trees.git(self._repository, "log", "-1", "--format=%P", commit).split()
        if len(parents) != 1:
            return False
        words = ["diff-tree", "-r", "--no-renames", "--name-only", "-z", parents[0], commit]
        changed = [path for path in trees.git(self._repository, *words).split("\0") if path.endswith(".py")]
        tests = [path for path in changed if trees.under(path, self._options.tests)]
        code = [path for path in changed if trees.under(path, self._options.src) and path not in tests]
        if self._options.pick == "both" and not tests:
            return False
        return any(self._meaning(parents[0], path) != self._meaning(commit, path) for path in code)

    def _meaning(self, commit: str, path: str) -> str:
        """Return what a file says to the interpreter: nothing of comments, layout and docstrings."""
        try:
            parsed = ast.parse(trees.git(self._repository, "show", f"{commit}:{path}"))
        except (errors.BenchError, SyntaxError, ValueError):
            return ""
        for node in ast.walk(parsed):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
                node.body[0] = ast.Pass()
        return ast.dump(parsed)

    def _changes(self, commit: str) -> list[Change]:
        parent = trees.git(self._repository, "rev-parse", f"{commit}^")
        short = trees.git(self._repository, "log", "-1", "--format=%h %s", commit)
        return [
            Change(name=f"forward  {short}", base=parent, head=commit),
            Change(
                name=f"reverted {short}",
                base=commit,
                head=trees.reverted(self._git, commit, parent, self._options.tests),
            ),
        ]

    def _reviewed(self, change: Change) -> Reviewed:
        review = self._reviewer.review(self._repository, change.base, change.head)
        before, after = self._natively(change.base), self._natively(change.head)
        scored = scoring.score(_truth(before, after), review.said, review.conclusion)
        return Reviewed(change=change, review=review, before=before, after=after, scored=scored)

    def _natively(self, commit: str) -> Results:
        if commit not in self._ran:
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                tree = trees.checkout(self._repository, commit, Path(folder) / "tree")
                self._ran[commit] = natively.outcomes(self._suite, tree)
        return self._ran[commit]


def _truth(before: Results, after: Results) -> labels.Truth:
    """Return which tests the change breaks, new ones that do not pass among them."""
    passing = frozenset(test for test, ended in before.items() if ended.how == "passed")
    changed = {
        test: _LABELS[ended.how]
        for test, ended in after.items()
        if ended.how in _LABELS and (test in passing or test not in before)
    }
    gone = {path for path, ended in after.items() if ended.how == "uncollected"}
    changed |= {test: labels.Label.MISSING for test in passing - after.keys() if test.partition("::")[0] in gone}
    return labels.Truth(changed=changed, passing=passing)


def _show(done: Sequence[Reviewed]) -> None:
    tally = scoring.total(one.scored for one in done)
    tests, changes = tally.tests, tally.changes
    print(
        f"\n{len(done)} changes: {changes.true_positives + changes.false_negatives} break something, "
        f"{changes.true_positives} of them found; {changes.false_positives} false alarms among the others, "
        f"{tally.undecided} of them undecided"
    )
    print(
        f"per test: precision {_rate(tests.precision)}, recall {_rate(tests.recall)}, {tests.false_positives} false "
        f"alarms, {tests.false_negatives} misses, {tests.true_positives} found, abstention "
        f"{_rate(tally.honest_abstention)}"
    )
    for one in done:
        _show_change(one)


def _show_change(one: Reviewed) -> None:
    broken = sum(label.broken for label in _truth(one.before, one.after).changed.values())
    alarms, misses = one.scored.false_alarms, one.scored.misses
    print(
        f"\n{visible(one.change.name)}\n  {one.review.conclusion}, {one.review.seconds:.1f} s, "
        f"{one.review.selected} of {one.review.of} selected, {broken} broken, {len(alarms)} false alarms, "
        f"{len(misses)} misses",
    )
    for kind, mistakes in (("false alarm", alarms), ("miss", misses)):
        for mistake in mistakes:
            print(f"  {kind}: {visible(mistake.test)}")
            print(f"    said:   {visible(_said(mistake.said))}")
            for side, ran in (("before", one.before), ("after", one.after)):
                print(f"    {side}: {visible(_native(mistake.test, ran))}")


def _said(said: scoring.Said | None) -> str:
    if said is None:
        return "nothing, not selected"
    return f"{'already ' if said.already_failing else ''}{said.outcome}: {said.why}"


def _native(test: str, ran: Results) -> str:
    ended = ran.get(test) or ran.get(test.partition("::")[0])
    return f"{ended.how} {ended.why}" if ended else "not there"


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.4f}"


if __name__ == "__main__":
    sys.exit(main())
