"""Keep the standard library's and pytest's code in memory, so that an import reads no file.

A fresh interpreter would otherwise find, read and compile each module again: about a second for a pytest session
against a seventh of it.
"""

import importlib.machinery
import importlib.metadata
import marshal
import os
import sys

LEFT_OUT = {
    "__pycache__", "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "_pyrepl",
    "pydoc_data", "curses", "msilib", "__phello__",
}  # fmt: skip

# distribution name -> its metadata
DISTRIBUTIONS: dict[str, str] = {}
# module name -> (marshalled code, is it a package, its file, its source)
CODE: dict[str, tuple[bytes, bool, str, bytes]] = {}


def take(roots) -> int:
    """Freeze every module under the folders `roots` and serve it from memory; return how many there are."""
    for root in roots:
        if root and os.path.isdir(root):
            _take(root)
    sys.meta_path.insert(len(sys.meta_path) - 1, Finder)
    return len(CODE)


def _take(root: str) -> None:
    for folder, folders, files in os.walk(root):
        for name in folders:
            if name.endswith(".dist-info"):
                with open(f"{folder}/{name}/METADATA", encoding="utf-8") as file:
                    DISTRIBUTIONS[name.partition("-")[0].lower()] = file.read()
        folders[:] = [name for name in folders if name not in LEFT_OUT and not name.endswith("-info")]
        for file in files:
            if file.endswith(".py"):
                _take_file(root, os.path.join(folder, file))


def _take_file(root: str, path: str) -> None:
    parts = path[len(root) :].strip("/").removesuffix(".py").split("/")
    package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if package else parts)
    if not name or name in CODE or name == "app":
        return
    with open(path, "rb") as file:
        source = file.read()
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return
    CODE[name] = (marshal.dumps(code), package, path, source)


class Loader:
    """Loads one frozen module."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec):
        return None

    def exec_module(self, module) -> None:
        exec(self.get_code(self.name), module.__dict__)

    def is_package(self, name: str) -> bool:
        return CODE[name][1]

    def get_code(self, name: str):
        return marshal.loads(CODE[name][0])

    def get_source(self, name: str) -> str:
        return CODE[name][3].decode()

    def get_data(self, path: str) -> bytes:
        raise FileNotFoundError(path)

    def get_filename(self, name: str) -> str:
        return CODE[name][2]


class Distribution(importlib.metadata.Distribution):
    """A frozen distribution."""

    def __init__(self, metadata: str) -> None:
        self.text = metadata

    def read_text(self, filename):
        """Return the only file that was kept."""
        return self.text if filename == "METADATA" else None

    def locate_file(self, path):
        """There are no files."""
        raise FileNotFoundError(path)


class Finder:
    """Finds frozen modules and distributions; stands before the file system's finder."""

    @staticmethod
    def find_distributions(context=None):
        """Yield the frozen distributions that `context` asks for."""
        wanted = context and context.name and context.name.lower().replace("-", "_")
        return [Distribution(text) for name, text in DISTRIBUTIONS.items() if not wanted or name == wanted]

    @staticmethod
    def find_spec(name: str, path=None, target=None):
        """Return the spec of a frozen module, or None."""
        entry = CODE.get(name)
        if entry is None:
            return None
        spec = importlib.machinery.ModuleSpec(name, Loader(name), origin=entry[2], is_package=entry[1])
        spec.has_location = True
        if entry[1]:
            spec.submodule_search_locations = [os.path.dirname(entry[2])]
        return spec

    @staticmethod
    def invalidate_caches() -> None:
        """Nothing is cached."""
