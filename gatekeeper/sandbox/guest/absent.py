"""Stand-ins for modules that cannot be had, so that a conftest or test module that imports one can be imported.

Whatever is taken from such a module is a class: it can be named in an annotation, an `except` or a list of bases. Using
it for anything raises, and the test that did is unknown. Installed only on a second try, when the import has failed:
a library that does without the module must see that it is not there.
"""

import importlib.abc
import importlib.machinery
import sys
import types

import limits


class Kind(type):
    """The type of everything taken from an absent module."""

    def __getattr__(cls, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return make(f"{cls.__qualname__}.{name}")

    def __call__(cls, *_args, **_kwargs):
        raise limits.Absent(f"needs {cls.__qualname__}, which the sandbox lacks", name=cls.__qualname__)

    def __getitem__(cls, _item):
        return cls

    def __iter__(cls):
        raise limits.Absent(f"needs {cls.__qualname__}, which the sandbox lacks", name=cls.__qualname__)


def make(name: str) -> Kind:
    """Return a stand-in for the object with that dotted name."""
    return Kind(name.rpartition(".")[2], (Exception,), {"__qualname__": name, "__module__": name.partition(".")[0]})


class Module(types.ModuleType):
    """A module that has every name."""

    def __getattr__(self, name: str):
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return make(f"{self.__name__}.{name}")


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the absent modules and everything below them."""

    def __init__(self, names: list[str]) -> None:
        self.names = tuple(names)

    def find_spec(self, name, path=None, target=None):
        """Return a spec for an absent module, None for any other."""
        if not any(name == absent or name.startswith(f"{absent}.") for absent in self.names):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        """Return the stand-in."""
        return Module(spec.name)

    def exec_module(self, module) -> None:
        """There is nothing to run."""


def install(names: list[str]) -> None:
    """Make the modules importable."""
    if names:
        sys.meta_path.insert(0, Finder(names))
