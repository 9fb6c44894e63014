"""Where the modules of a tree are: dotted names -> paths, as Python and pytest would find them, or more."""

import sys
from collections.abc import Iterable, Mapping, Sequence

# folders that projects put on the import path
_ROOTS = frozenset({"", "src", "lib", "python"})
# symlinks that are followed on the way to one module
_MOST_LINKS = 8


class Layout:
    """The Python files of a tree by module name. A name may stand for several files; all of them count."""

    def __init__(
        self, paths: Iterable[str], extra_roots: Sequence[str] = (), links: Mapping[str, str] | None = None
    ) -> None:
        self.paths = frozenset(paths)
        self._roots = _ROOTS | set(extra_roots)
        # folder that is a symlink -> the folder it leads to
        self._links = links or {}
        # top-level name -> folders that hold it
        self._tops: dict[str, set[str]] = {}
        self._folders: set[str] = {""}
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        self._likely: dict[tuple[str, str], tuple[str, ...]] = {}
        for path in self.paths:
            folder, _, file = path.rpartition("/")
            self._tops.setdefault(file.removesuffix(".py"), set()).add(folder)
            self._add_folder(folder)
        for link in self._links:
            self._tops.setdefault(link.rpartition("/")[2], set()).add(link.rpartition("/")[0])

    def _add_folder(self, folder: str) -> None:
        while folder not in self._folders:
            self._folders.add(folder)
            folder, _, name = folder.rpartition("/")
            self._tops.setdefault(name, set()).add(folder)

    def modules(self, name: str, importer: str) -> tuple[str, ...]:
        """Return the files and folders that the absolute dotted `name` may stand for in the file `importer`."""
        roots = self.roots(name, importer)
        key = (name, roots)
        if key not in self._found:
            location = name.replace(".", "/")
            self._found[key] = tuple(found for root in roots for found in self.at(_join(root, location)))
        return self._found[key]

    def roots(self, name: str, importer: str) -> tuple[str, ...]:
        """Return the folders from which the file `importer` may import the top-level package of `name`."""
        key = (name.partition(".")[0], importer.rpartition("/")[0])
        if key not in self._likely:
            self._likely[key] = self._import_roots(*key)
        return self._likely[key]

    def relative(self, level: int, name: str, importer: str) -> tuple[str, ...]:
        """Return the files and folders that a relative import with `level` dots may stand for."""
        folders = importer.split("/")[:-1]
        if level - 1 > len(folders):
            return ()
        folders = folders[: len(folders) - (level - 1)]
        return self.at(_join(*folders, *(name.split(".") if name else ())))

    def at(self, location: str) -> tuple[str, ...]:
        """Return the files that are the module at `location`, a path without suffix, or the folder without any."""
        for _ in range(_MOST_LINKS):
            files = [item for item in (f"{location}.py", _join(location, "__init__.py")) if item in self.paths]
            if files:
                return tuple(files)
            if location in self._folders:
                return (location,)
            followed = self._followed(location)
            if followed is None:
                break
            location = followed
        return ()

    def package_files(self, path: str) -> tuple[str, ...]:
        """Return the `__init__.py` files that importing the file or folder `path` runs first."""
        found: list[str] = []
        folder = path.rpartition("/")[0] if path.endswith(".py") else path
        while folder:
            init = f"{folder}/__init__.py"
            if init in self.paths and init != path:
                found.append(init)
            folder = folder.rpartition("/")[0]
        return tuple(found)

    def _followed(self, location: str) -> str | None:
        for link, target in self._links.items():
            if _is_within(location, link):
                return _join(target, location[len(link) + 1 :])
        return None

    def _import_roots(self, top: str, folder: str) -> tuple[str, ...]:
        holders = self._tops.get(top, set())
        likely = sorted(item for item in holders if item in self._roots or _is_within(folder, item))
        if likely or top in sys.stdlib_module_names:
            return tuple(likely)
        # put on the path by something that is not seen
        return tuple(sorted(holders))


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _is_within(folder: str, ancestor: str) -> bool:
    return not ancestor or folder == ancestor or folder.startswith(ancestor + "/")
