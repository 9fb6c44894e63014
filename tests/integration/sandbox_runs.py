"""Runs of the real engine on trees held in memory."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gatekeeper.diffs import tree
from gatekeeper.git import materialise
from gatekeeper.impact import selection
from gatekeeper.sandbox import engine, process, session, workspace
from gatekeeper.simulation import engine as engines
from gatekeeper.simulation import prediction, trace
from gatekeeper.simulation.program import program as programs
from tests.fakes import memory_tree

LIMITS = session.Limits(fuel=60 * session.BILLION, memory=512 << 20, seconds=30, disk=256 << 20)
Files = Mapping[str, str | bytes]


def closed(source: str, call: str) -> str:
    """Return the closed program that evaluates the expression `call` after `source`."""
    return f"{source.rstrip()}\n\n\n{programs.ENTRY_LINE}    return {call}\n"


class FolderSpaces:
    """Workspaces without requirements."""

    def __init__(self, folder: Path, before: tree.Tree) -> None:
        self._folder = folder
        sources = b"".join(before.read(path) for path in before.entries)
        self._imported = frozenset({"numpy"} if b"import numpy" in sources else ())
        self._made: dict[str, workspace.Workspace] = {}

    def after(self, content: tree.Tree) -> workspace.Workspace:
        return self._space("after", content)

    def before(self, content: tree.Tree) -> workspace.Workspace:
        return self._space("before", content)

    def _space(self, name: str, content: tree.Tree) -> workspace.Workspace:
        if name not in self._made:
            folder = self._folder / name
            for part in ("tree", "metadata", "bytecode"):
                (folder / part).mkdir(parents=True)
            materialise.write(content, folder / "tree", size_limit=10 << 20)
            self._made[name] = workspace.Workspace(
                folder=folder,
                paths=("/repo",),
                arguments=(),
                site=None,
                own=frozenset(path.partition("/")[0].removesuffix(".py") for path in content.entries),
                imported_before=self._imported,
                unavailable={"numpy": "numpy has no pure-Python wheel"},
            )
        return self._made[name]


class Run:
    """Predicts every test of the second tree against the first."""

    def __init__(self, workers: Sequence[process.Process]) -> None:
        self._workers = workers
        self._left: list[str] = []

    def __call__(self, before: Files, after: Files, **limits: float) -> dict[str, prediction.Prediction]:
        trees = memory_tree.MemoryTree(before), memory_tree.MemoryTree(after)
        modules = [path for path in trees[1].entries if path.rpartition("/")[2].startswith("test_")]
        affected = tuple(selection.AffectedTest(path=path, name="", reason="selected") for path in modules)
        chosen = selection.Selection(affected=affected, unaffected={}, total=len(modules), unparsable={})
        with tempfile.TemporaryDirectory() as folder:
            sandbox = engine.SandboxEngine(
                workers=self._workers, limits=_limits(limits), spaces=FolderSpaces(Path(folder), trees[0])
            )
            said = list(sandbox.predict(chosen, *trees, engines.Budget(), lambda: False))
            self._left = [path.name for path in Path(folder).glob("*/run-*")]
        return {one.test: one for one in said}

    def trace(self, files: Files, test: str) -> trace.Trace:
        """Return the trace of one test of the tree."""
        tree_ = memory_tree.MemoryTree(files)
        with tempfile.TemporaryDirectory() as folder:
            sandbox = engine.SandboxEngine(
                workers=self._workers, limits=LIMITS, spaces=FolderSpaces(Path(folder), tree_)
            )
            return sandbox.trace([test], tree_, 60, lambda: False)[test]

    def left_behind(self) -> list[str]:
        """Return what the last run left in its workspaces beside the trees themselves."""
        return self._left


def _limits(given: Mapping[str, float]) -> session.Limits:
    """Return LIMITS with `fuel` in billions, `seconds` and `disk` in MiB where they are given."""
    limits = LIMITS
    if "fuel" in given:
        limits = replace(limits, fuel=int(given["fuel"] * session.BILLION))
    if "seconds" in given:
        limits = replace(limits, seconds=given["seconds"])
    if "disk" in given:
        limits = replace(limits, disk=int(given["disk"]) << 20)
    return limits
