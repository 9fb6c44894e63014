"""Where the modules of a tree are: dotted names -> paths, as Python and pytest would find them, or more."""

import sys
from collections.abc import Iterable, Sequence

# folders that projects put on the import path
_ROOTS = frozenset({"", "src", "lib", "python"})


class Layout:
    """The Python files of a tree by module name. A name may stand for several files; all of them count."""

    def __init__(self, paths: Iterable[str], extra_roots: Sequence[str] = ()) -> None:
        self.paths = frozenset(paths)
        self._roots = _ROOTS | set(extra_roots)
        # top-level name -> folders that hold it
        self._tops: dict[str, set[str]] = {}
        self._folders: set[str] = {""}
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}
        for path in self.paths:
            folder, _, file = path.rpartition("/")
            self._tops.setdefault(file.removesuffix(".py").removesuffix(".pyi"), set()).add(folder)
            while folder not in self._folders:
                self._folders.add(folder)
                folder, _, name = folder.rpartition("/")
                self._tops.setdefault(name, set()).add(folder)

    def is_folder(self, path: str) -> bool:
        """Whether `path` is a folder with Python files somewhere in it: a package, or part of a namespace."""
        return path in self._folders

    def modules(self, name: str, importer: str) -> tuple[str, ...]:
        """Return the files and folders that the absolute dotted `name` may stand for in the file `importer`."""
        key = (name, importer.rpartition("/")[0])
        if key not in self._found:
            parts = name.split(".")
            candidates = [_join(root, *parts) for root in self._import_roots(parts[0], key[1])]
            self._found[key] = tuple(found for item in candidates for found in self.at(item))
        return self._found[key]

    def relative(self, level: int, name: str, importer: str) -> tuple[str, ...]:
        """Return the files and folders that a relative import with `level` dots may stand for."""
        folders = importer.split("/")[:-1]
        if level - 1 > len(folders):
            return ()
        folders = folders[: len(folders) - (level - 1)]
        return self.at(_join(*folders, *(name.split(".") if name else ())))

    def at(self, location: str) -> tuple[str, ...]:
        """Return the files that are the module at `location` (a path without suffix), or the folder where there is none."""
        files = [item for item in (f"{location}.py", _join(location, "__init__.py")) if item in self.paths]
        if not files and location in self._folders:
            return (location,)
        return tuple(files)

    def package_files(self, path: str) -> tuple[str, ...]:
        """Return the `__init__.py` files that importing the file or folder `path` runs first."""
        found: list[str] = []
        folder = path.rpartition("/")[0] if path.endswith(".py") else path
        while folder:
            init = f"{folder}/__init__.py"
            if init in self.paths:
                found.append(init)
            elif f"{folder}" not in self._folders:
                break
            folder = folder.rpartition("/")[0]
        return tuple(item for item in found if item != path)

    def _import_roots(self, top: str, folder: str) -> list[str]:
        """Return the folders from which `top` may be imported by a file in `folder`."""
        holders = self._tops.get(top, set())
        if not holders:
            return []
        likely = [item for item in holders if item in self._roots or _is_within(folder, item)]
        if likely or top in sys.stdlib_module_names:
            return likely
        # put on the path by something that is not seen
        return sorted(holders)


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _is_within(folder: str, ancestor: str) -> bool:
    return not ancestor or folder == ancestor or folder.startswith(ancestor + "/")
