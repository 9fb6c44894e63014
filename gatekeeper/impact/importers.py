"""Which files import which: the import statements of a tree, backwards."""

from collections.abc import Mapping, Sequence

from gatekeeper.impact import layout, scopes, summary

Node = tuple[str, str]

# files that an import takes everything from, that it binds as modules, and that it runs
_Imported = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


class Importers:
    """The importers of every file."""

    def __init__(self, files: Mapping[str, summary.Summary], names: scopes.Scopes, where: layout.Layout) -> None:
        self._names = names
        self._layout = where
        self._imports: dict[tuple[int, str, str, str | tuple[str, ...]], _Imported] = {}
        self._running: dict[str, list[Node]] = {}
        self._starring: dict[str, list[str]] = {}
        self._holding: dict[str, list[tuple[str, str]]] = {}
        self._by_name: dict[str, list[tuple[str, summary.Import]]] = {}
        for path, file in files.items():
            for item in file.imports:
                self._add(path, item)

    def running(self, path: str) -> Sequence[Node]:
        """Return the units that run the file by importing it or something below it; "" for a module's own import."""
        return self._running.get(path, ())

    def starring(self, path: str) -> Sequence[str]:
        """Return the files that import everything from the file."""
        return self._starring.get(path, ())

    def holding(self, path: str) -> Sequence[tuple[str, str]]:
        """Return each file that binds the file as a module, with the last word of the name."""
        return self._holding.get(path, ())

    def of_name(self, path: str, name: str) -> list[tuple[str, summary.Import]]:
        """Return each file that imports `name` from the file, with the statement."""
        return [(file, item) for file, item in self._by_name.get(name, ()) if path in self._names.imported(item, file)]

    def _add(self, path: str, item: summary.Import) -> None:
        where = path.rpartition("/")[0] if item.level else self._layout.roots(item.module, path)
        key = (item.level, item.module, item.name, where)
        if key not in self._imports:
            self._imports[key] = self._imported(path, item)
        starred, held, run = self._imports[key]
        if item.name and run:
            self._by_name.setdefault(item.name, []).append((path, item))
        for module in starred:
            self._starring.setdefault(module, []).append(path)
        bound = item.alias or item.module.rpartition(".")[2]
        for module in held:
            self._holding.setdefault(module, []).append((path, bound))
        if item.unit == summary.CHECKERS:
            return
        node = (path, "" if item.unit == summary.PLUGINS else item.unit)
        for module in run:
            if module != path:
                self._running.setdefault(module, []).append(node)

    def _imported(self, path: str, item: summary.Import) -> _Imported:
        modules = self._names.imported(item, path)
        inner: tuple[str, ...] = ()
        if item.name:
            inner = tuple(sub for module in modules for sub in self._names.submodules(module, item.name))
        run = dict.fromkeys((*modules, *inner))
        run.update(dict.fromkeys(init for module in (*modules, *inner) for init in self._layout.package_files(module)))
        return modules if item.name == "*" else (), inner if item.name else modules, tuple(run)
