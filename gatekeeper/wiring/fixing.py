"""Fixes for what a review found: proposed, then tried in the sandbox before anybody sees them."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

from gatekeeper import errors, offers
from gatekeeper.diffs import diff
from gatekeeper.diffs import tree as trees
from gatekeeper.git import edits, materialise, objects
from gatekeeper.git import trees as git_trees
from gatekeeper.impact import conventions, selection
from gatekeeper.repair import cause, departure, mending, proposal, trial, units
from gatekeeper.sandbox import engine, workspace
from gatekeeper.simulation import engine as engines
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict
from gatekeeper.wiring import versions

# seconds for the traces of runs before the change, and of how many faults they are
TRACING, TRACED = 5.0, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A review as far as it has come when fixes are looked for."""

    objects: objects.Objects
    before: git_trees.GitTree
    after: git_trees.GitTree
    head: git_trees.GitTree
    # before .. after, without what the configuration ignores
    change: diff.Diff
    tests: selection.Selection
    said: Sequence[prediction.Prediction]
    policy: verdict.Policy
    # what ran the tests, which runs them again
    sandbox: engine.SandboxEngine
    cancelled: Callable[[], bool]


def search(broken: Broken, seconds: float = trial.SECONDS, searching: float = mending.SEARCHING) -> offers.Offers:
    """Return what of the change each failure is due to, and the fixes that hold when they are tried, best first.

    What is not done within `seconds` is not there; `searching` is the part of them in which nothing is tried on all
    tests yet. Raises SandboxError where nothing can be tried.
    """
    faults = _faults(broken)
    if not faults:
        return offers.Offers()
    of = units.Change(
        diff=broken.change,
        before=broken.before,
        after=broken.after,
        head=broken.head,
        is_test=_conventions(broken.after).is_test_support,
    )
    with contextlib.closing(_Sandbox(broken=broken, name=broken.sandbox.name)) as executor:
        found = mending.Mending(
            judged=trial.Judged(tests=broken.tests, said=broken.said, faults=faults),
            of=of,
            screen=executor.screen(),
            executor=executor,
            now=time.monotonic,
            cancelled=broken.cancelled,
            seconds=seconds,
            searching=searching,
        ).search()
    departures = list(_departures(broken, faults))
    return offers.Offers(causes=tuple(_causes(faults, found, departures)), fixes=found.fixes)


def _causes(
    faults: Sequence[proposal.Fault], found: mending.Found, departures: Sequence[cause.Departure]
) -> Iterator[cause.Cause]:
    """Yield what each fault is due to, as far as it was looked at."""
    tests = {fault.fingerprint: fault.tests for fault in faults}
    for one in found.culprits:
        yield cause.Cause(
            fingerprint=one.fingerprint,
            test=one.test,
            lines=tuple(
                cause.Lines(path=unit.path, start=unit.start, end=unit.end, old=unit.old) for unit in one.lines
            ),
            exact=one.exact,
            why=one.why,
            departure=next((departed for departed in departures if departed.test in tests[one.fingerprint]), None),
        )


def _departures(broken: Broken, faults: Sequence[proposal.Fault]) -> Iterator[cause.Departure]:
    """Yield for each fault where the trace of its test departs from the one before the change."""
    traces = {said.test: said.trace for said in broken.said if said.trace is not None and not said.imagined}
    chosen = [next((test for test in fault.tests if test in traces), None) for fault in faults]
    there = [test for test in chosen[:TRACED] if test and test.partition("::")[0] in broken.before.entries]
    sandbox = replace(broken.sandbox, spaces=_Before(like=broken.sandbox.spaces))
    before = sandbox.trace(there, broken.before, TRACING, broken.cancelled)
    for test in there:
        if test in before and (found := departure.find(before[test], traces[test], broken.change)):
            yield found


def _faults(broken: Broken) -> tuple[proposal.Fault, ...]:
    traced = {said.test: said.traceback for said in broken.said}
    return tuple(
        proposal.Fault(
            fingerprint=found.fingerprint,
            at=found.at,
            frames=tuple(dict.fromkeys(frame for test in found.tests for frame in reversed(traced[test]))),
            tests=found.tests,
        )
        for found in findings.find(broken.said, broken.tests, broken.policy)
    )


def _conventions(tree: trees.Tree) -> conventions.Conventions:
    return conventions.read(partial(trees.content, tree), ())


@dataclass(slots=True, kw_only=True)
class _Sandbox:
    """Runs tests of the after tree with one file changed; implements `trial.Executor`."""

    broken: Broken
    name: str
    _spaces: dict[str, "_PatchedSpaces"] = field(default_factory=dict)
    _copies: list[workspace.Workspace] = field(default_factory=list)

    def screen(self) -> versions.Versions:
        """Return what tries many versions on few tests."""
        broken, sandbox = self.broken, self.broken.sandbox
        return versions.Versions(
            workers=sandbox.workers,
            limits=sandbox.limits,
            space=self._copy,
            changed=broken.change.changed_lines,
            # a hang burns all that it may
            fuel={one.test: one.cost.fuel for one in broken.said if one.outcome is not prediction.Outcome.HANG},
            over=lambda: "cancelled" if broken.cancelled() else None,
            now=time.monotonic,
        )

    def _copy(self) -> workspace.Workspace:
        self._copies.append(_copied(self.broken.sandbox.spaces.after(self.broken.after)))
        return self._copies[-1]

    def edited(self, path: str, content: bytes) -> trees.Tree:
        broken = self.broken
        patched = edits.edited(broken.objects, broken.after, path, content)
        self._spaces[patched.id] = _PatchedSpaces(like=broken.sandbox.spaces, judged=broken.after, path=path)
        return patched

    def run(self, patched: trees.Tree, tests: selection.Selection, seconds: float) -> Iterator[prediction.Prediction]:
        sandbox = replace(self.broken.sandbox, spaces=self._spaces[patched.id], changed={})
        budget = engines.Budget(seconds=seconds)
        said = sandbox.predict(tests, self.broken.before, patched, budget, self.broken.cancelled)
        with contextlib.closing(cast("Generator[prediction.Prediction]", said)):
            yield from said

    def close(self) -> None:
        """Remove what was written."""
        for spaces in self._spaces.values():
            spaces.close()
        for space in self._copies:
            shutil.rmtree(space.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """The workspaces of a review, the one before in the place of the one after: to trace what was."""

    like: workspace.Spaces

    def after(self, tree: trees.Tree) -> workspace.Workspace:
        return self.like.before(tree)

    def before(self, tree: trees.Tree) -> workspace.Workspace:
        return self.like.before(tree)


@dataclass(slots=True, kw_only=True)
class _PatchedSpaces:
    """The workspaces of a review, with one file of the judged tree replaced."""

    like: workspace.Spaces
    judged: trees.Tree
    path: str
    _made: workspace.Workspace | None = None

    def after(self, tree: trees.Tree) -> workspace.Workspace:
        if self._made is None:
            self._made = _patched(self.like.after(self.judged), self.path, tree.read(self.path))
        return self._made

    def before(self, tree: trees.Tree) -> workspace.Workspace:
        return self.like.before(tree)

    def close(self) -> None:
        """Remove what was written."""
        if self._made is not None:
            shutil.rmtree(self._made.folder, ignore_errors=True)


def _patched(like: workspace.Workspace, path: str, content: bytes) -> workspace.Workspace:
    """Return a workspace like that one with the content of one file replaced. Raises SandboxError.

    A file that was left out of the sandbox stays so.
    """
    made = _copied(like)
    try:
        _replace(made.folder / "tree" / path, content)
    except OSError as problem:
        shutil.rmtree(made.folder, ignore_errors=True)
        raise _full(made.folder, problem) from problem
    return made


def _copied(like: workspace.Workspace) -> workspace.Workspace:
    """Return a workspace like that one, its files linked to it. Raises SandboxError where the disk refuses."""
    folder = Path(tempfile.mkdtemp(dir=like.folder.parent, prefix="fix-"))
    try:
        for part in ("tree", "metadata"):
            shutil.copytree(like.folder / part, folder / part, symlinks=True, copy_function=_linked)
    except OSError as problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise _full(folder, problem) from problem
    with contextlib.suppress(OSError):
        # what of it cannot be copied is compiled again
        shutil.copytree(like.folder / "bytecode", folder / "bytecode", symlinks=True)
    return replace(like, folder=folder)


def _full(folder: Path, problem: OSError) -> errors.SandboxError:
    return errors.SandboxError(
        f"cannot write the files of a fix to {folder}: {problem.strerror}: free some space, or set TMPDIR"
    )


def _linked(source: str, target: str) -> str:
    """Make `target` a hard link, or a copy where the file system does not."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _replace(file: Path, content: bytes) -> None:
    if not file.is_file() or file.is_symlink():
        return
    file.unlink()
    file.write_bytes(content)
    # another time than the judged file's, whose bytecode must not be taken for this one's
    os.utime(file, (materialise.MTIME + 1, materialise.MTIME + 1))
    file.chmod(0o444)
