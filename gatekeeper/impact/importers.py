"""Which files import which: the import statements of a tree, backwards."""

from collections.abc import Iterator, Mapping, Sequence

from gatekeeper.impact import layout, scopes, summary

Node = tuple[str, str]

# files that an import takes everything from, that it binds as modules, and that it runs
_Imported = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

# level, module and name of an import, and where it is looked up from
_Key = tuple[int, str, str, str | tuple[str, ...]]


class Importers:
    """The importers of every file."""

    def __init__(self, files: Mapping[str, summary.Summary], names: scopes.Scopes, where: layout.Layout) -> None:
        self._names = names
        self._layout = where
        self._imports: dict[_Key, _Imported] = {}
        # by kind of import: who has one; by file: the kinds that run it
        self._users: dict[_Key, list[Node]] = {}
        self._kinds: dict[str, list[_Key]] = {}
        self._starring: dict[str, list[str]] = {}
        self._holding: dict[str, list[tuple[str, str]]] = {}
        self._by_name: dict[str, list[tuple[str, summary.Import]]] = {}
        for path, file in files.items():
            for item in file.imports:
                self._add(path, item)

    def running(self, path: str) -> Iterator[Node]:
        """Yield the units that run the file by importing it or something below it; "" for a module's own import."""
        for kind in self._kinds.get(path, ()):
            yield from (user for user in self._users.get(kind, ()) if user[0] != path)

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
            for module in self._imports[key][2]:
                self._kinds.setdefault(module, []).append(key)
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
        self._users.setdefault(key, []).append((path, "" if item.unit == summary.PLUGINS else item.unit))

    def _imported(self, path: str, item: summary.Import) -> _Imported:
        modules = self._names.imported(item, path)
        inner: tuple[str, ...] = ()
        if item.name:
            inner = tuple(sub for module in modules for sub in self._names.submodules(module, item.name))
        run = dict.fromkeys((*modules, *inner))
        run.update(dict.fromkeys(init for module in (*modules, *inner) for init in self._layout.package_files(module)))
        return modules if item.name == "*" else (), inner if item.name else modules, tuple(run)
