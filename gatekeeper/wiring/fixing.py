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

from gatekeeper import errors
from gatekeeper.diffs import diff
from gatekeeper.diffs import tree as trees
from gatekeeper.git import edits, materialise, objects
from gatekeeper.git import trees as git_trees
from gatekeeper.impact import conventions, selection
from gatekeeper.repair import candidate, proposal, trial, undo
from gatekeeper.sandbox import engine, workspace
from gatekeeper.simulation import engine as engines
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict


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


def fixes(broken: Broken, seconds: float = trial.SECONDS) -> tuple[candidate.FixCandidate, ...]:
    """Return the fixes that hold when they are tried, best first; what is not done within `seconds` is not there.

    Raises SandboxError where they cannot be tried.
    """
    faults = _faults(broken)
    if not faults:
        return ()
    proposals = undo.propose(
        faults, broken.change, broken.before, broken.after, broken.head, _conventions(broken.after).is_test_support
    )
    judged = trial.Judged(tests=broken.tests, said=broken.said, faults=faults)
    with contextlib.closing(_Sandbox(broken=broken, name=broken.sandbox.name)) as executor:
        return trial.try_out(proposals, judged, executor, time.monotonic, broken.cancelled, seconds)


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
    """Return a workspace like that one, its files linked to it, with the content of one file replaced.

    Raises SandboxError where the disk refuses. A file that was left out of the sandbox stays so.
    """
    folder = Path(tempfile.mkdtemp(dir=like.folder.parent, prefix="fix-"))
    try:
        for part in ("tree", "metadata"):
            shutil.copytree(like.folder / part, folder / part, symlinks=True, copy_function=_linked)
        _replace(folder / "tree" / path, content)
    except OSError as problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise errors.SandboxError(
            f"cannot write the files of a fix to {folder}: {problem.strerror}: free some space, or set TMPDIR"
        ) from problem
    with contextlib.suppress(OSError):
        # what of it cannot be copied is compiled again
        shutil.copytree(like.folder / "bytecode", folder / "bytecode", symlinks=True)
    return replace(like, folder=folder)


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
