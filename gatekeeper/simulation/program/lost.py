"""What a change takes away from a test before it can begin: what something imports, gone or no longer Python.

A program has no trace of it, so that a model which sees the rest would take it to be there.
"""

import ast
from collections import deque
from collections.abc import Iterator, Mapping

from gatekeeper.impact import summary
from gatekeeper.simulation.program import needs, project, source

# modules that one test's import is followed to
_MOST = 1_000
# names in a module that may stand for any other
_ANY = frozenset({"*", "__getattr__"})


class Lost:
    """What was there before the change and cannot be imported after it."""

    def __init__(self, trees: project.Trees) -> None:
        """Read what changed between the trees."""
        self._before, self._after = trees.before, trees.after
        changed = [path for path in trees.changed if path.endswith(".py")]
        self._gone = frozenset(path for path in changed if not self._after.has(path))
        self._broken = {path: error for path in changed if (error := self._after.module(path).error)}
        self._names = {
            path: names
            for path in changed
            if path not in self._gone | self._broken.keys()
            and (names := self._before.module(path).binders.keys() - self._after.module(path).binders.keys())
        }

    def why(self, test: str) -> str | None:
        """Return why the module of a test, by its path, cannot be imported after the change; None where it can."""
        if not self._gone and not self._broken and not self._names:
            return None
        waiting = deque([test, *self._after.conftests(test)])
        known = set(waiting)
        while waiting:
            path = waiting.popleft()
            if path in self._broken:
                return f"{path}, which its import runs, {self._broken[path]}"
            for item in _imports(self._after.module(path)):
                if gone := self._removed(item, path):
                    return f"{path} imports {gone}, which was removed"
                found = [other for other in self._followed(item, path) if other not in known]
                if len(known) < _MOST:
                    known.update(found)
                    waiting.extend(found)
        return None

    def missed(self, missing: Mapping[str, str]) -> str | None:
        """Return why a test that lacks so much after the change, by what and why, cannot be shown; None if it can."""
        for what, why in missing.items():
            path, _, name = what.partition("::")
            if why == needs.ABSENT and name in self._names.get(path, ()) and not self._any_name(path):
                return f"{what}, which it may use, was removed"
        return None

    def _any_name(self, path: str) -> bool:
        return bool(_ANY & self._after.module(path).binders.keys())

    def _removed(self, item: summary.Import, path: str) -> str | None:
        """Return what an import named before the change, a file or a name in one, where it names nothing after it."""
        modules = self._before.names.imported(item, path)
        if not self._after.names.imported(item, path):
            return next((module for module in modules if module in self._gone), None)
        gone = [file for module in modules for file in _inside(self._before, module, item) if file in self._gone]
        gone += [f"{module}::{item.name}" for module in modules if item.name in self._names.get(module, ())]
        return gone[0] if gone and not self._binds(item, path) else None

    def _binds(self, item: summary.Import, path: str) -> bool:
        """Whether the module that is imported from has the name after the change."""
        return any(
            _inside(self._after, module, item) or {item.name, *_ANY} & self._after.module(module).binders.keys()
            for module in self._after.names.imported(item, path)
        )

    def _followed(self, item: summary.Import, path: str) -> Iterator[str]:
        """Yield the files that an import runs, those of the packages around them included."""
        for module in self._after.names.imported(item, path):
            for found in (module, *_inside(self._after, module, item)):
                if found.endswith(".py"):
                    yield found
                    yield from self._packages(found)

    def _packages(self, path: str) -> Iterator[str]:
        folder = path.rpartition("/")[0]
        while folder:
            if self._after.has(f"{folder}/__init__.py"):
                yield f"{folder}/__init__.py"
            folder = folder.rpartition("/")[0]


def _imports(module: source.Module) -> Iterator[summary.Import]:
    """Yield the imports that every import of the module makes; those in functions, conditions and tries may not be."""
    for node in (node for unit in module.units if unit.sort is source.Sort.IMPORT for node in unit.nodes):
        if isinstance(node, ast.ImportFrom):
            yield from (summary.Import(node.level, node.module or "", item.name, "", "") for item in node.names)
        elif isinstance(node, ast.Import):
            yield from (summary.Import(0, item.name, "", "", "") for item in node.names)


def _inside(tree: project.Project, module: str, item: summary.Import) -> tuple[str, ...]:
    """Return the files that are the imported name inside the package `module`."""
    return tree.names.submodules(module, item.name) if item.name not in {"", "*"} else ()
