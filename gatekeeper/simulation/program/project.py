"""One tree as far as programs need it: files are read when they are first reached."""

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property, partial

from gatekeeper.diffs import tree
from gatekeeper.impact import conventions, layout, scopes, summaries, summary
from gatekeeper.simulation.program import source

# symlinks and submodules are no sources; a file that is not there reads as one without statements
_NO_SOURCE = "is no source file, or too large to be read"


class Shared:
    """What both trees of a change have in common: files by path and content, and what their units mention."""

    def __init__(self) -> None:
        self.modules: dict[tuple[str, str], source.Module] = {}
        self.mentions: dict[tuple[source.Unit, str], set[str]] = {}


class Project:
    """The modules of a tree, and what the names in them stand for."""

    def __init__(self, files: tree.Tree, shared: Shared) -> None:
        self.shared = shared
        self._files = files
        self._modules: dict[str, source.Module] = {}

    def module(self, path: str) -> source.Module:
        """Return the file taken apart; one that is not there, or no source, contributes nothing."""
        if path not in self._modules:
            self._modules[path] = self._module(path)
        return self._modules[path]

    def _module(self, path: str) -> source.Module:
        entry = self._files.entries.get(path)
        if entry is None or not summaries.is_source(path, entry):
            return source.Module(path=path, error=None if entry is None else _NO_SOURCE)
        key = (path, entry.blob)
        if key not in self.shared.modules:
            self.shared.modules[key] = source.read(path, self._files.read(path))
        return self.shared.modules[key]

    def has(self, path: str) -> bool:
        """Whether the tree has the file."""
        return path in self._files.entries

    @cached_property
    def rules(self) -> conventions.Conventions:
        """What is a test here; plugins that modules other than the root's `conftest.py` name are not known."""
        return conventions.read(partial(tree.content, self._files), self._plugins())

    @cached_property
    def names(self) -> scopes.Scopes:
        """What global names stand for."""
        return scopes.Scopes(_Summaries(self._files, self), self._layout)

    @cached_property
    def plugin_paths(self) -> tuple[str, ...]:
        """The files of plugins that pytest loads for the whole run."""
        return tuple(path for name in self.rules.plugins for path in self._layout.modules(name, "conftest.py"))

    def conftests(self, path: str) -> Iterator[str]:
        """Yield each `conftest.py` around the file, the nearest first."""
        folder = path.rpartition("/")[0]
        while True:
            conftest = f"{folder}/conftest.py".lstrip("/")
            if self.has(conftest):
                yield conftest
            if not folder:
                return
            folder = folder.rpartition("/")[0]

    @cached_property
    def _layout(self) -> layout.Layout:
        sources = [path for path in self._files.entries if path.endswith(".py")]
        return layout.Layout(sources, self.rules.python_path)

    def _plugins(self) -> Iterator[str]:
        for unit in self.module("conftest.py").binders.get("pytest_plugins", ()):
            for node in (node for part in unit.nodes for node in ast.walk(part)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


class _Summaries(Mapping[str, summary.Summary]):
    """The summaries of a tree's sources, each made when it is first asked for."""

    def __init__(self, files: tree.Tree, project: Project) -> None:
        self._files = files
        self._project = project

    def __getitem__(self, path: str) -> summary.Summary:
        if path not in self._files.entries:
            raise KeyError(path)
        return self._project.module(path).known

    def __iter__(self) -> Iterator[str]:
        return iter(self._files.entries)

    def __len__(self) -> int:
        return len(self._files.entries)


class Trees:
    """Both sides of a change; kept for all groups of a review, so that each file is read once."""

    def __init__(self, before: tree.Tree, after: tree.Tree) -> None:
        shared = Shared()
        self.before = Project(before, shared)
        self.after = Project(after, shared)
        # files of the tree before that are others after it, or none
        self.changed = tuple(path for path, entry in before.entries.items() if after.entries.get(path) != entry)
        self._twins: dict[tuple[source.Module, source.Module], dict[source.Unit, source.Unit]] = {}

    def twin(self, unit: source.Unit, here: Project, there: Project) -> source.Unit | None:
        """Return the unit of `there` that is at the same path with the same text, in the class of the same name."""
        mine, other = here.module(unit.path), there.module(unit.path)
        if mine is other:
            return unit
        if (mine, other) not in self._twins:
            known = dict(_numbered(other))
            self._twins[mine, other] = {item: known[key] for key, item in _numbered(mine) if key in known}
        return self._twins[mine, other].get(unit)


def _numbered(module: source.Module) -> Iterator[tuple[tuple[object, ...], source.Unit]]:
    """Yield each unit with what it has in common with its twin: class, text, and how many like it come before."""
    seen: dict[tuple[object, ...], int] = {}
    for unit in module.every:
        key = (unit.sort, unit.owner.name if unit.owner else "", tuple(text for _, text in unit.runs))
        seen[key] = seen.get(key, 0) + 1
        yield (*key, seen[key]), unit
