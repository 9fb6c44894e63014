"""Names in the modules of a tree -> what they stand for, as far as that can be known without running anything."""

import builtins
from collections.abc import Mapping
from typing import NamedTuple

from gatekeeper.impact import layout, summary


class Target(NamedTuple):
    """What a dotted name stands for."""

    # m module · s symbol of a module (`name` qualified) · x outside the tree · ? not known
    kind: str
    # of the module or the symbol's module; a folder for a namespace package
    path: str = ""
    name: str = ""


OUTSIDE = Target("x")
UNKNOWN = Target("?")
_BUILTINS = frozenset(dir(builtins))

Targets = frozenset[Target]


class Scopes:
    """The global names of every module, resolved on demand and remembered."""

    def __init__(self, files: Mapping[str, summary.Summary], where: layout.Layout) -> None:
        self._files = files
        self._layout = where
        self._units: dict[str, dict[str, summary.Unit]] = {}
        self._bindings: dict[str, dict[str, list[summary.Import]]] = {}
        self._resolved: dict[tuple[str, str], Targets] = {}

    def unit(self, path: str, name: str) -> summary.Unit | None:
        """Return the unit `name` of the file `path`, or None."""
        if path not in self._units:
            file = self._files.get(path)
            self._units[path] = {unit.name: unit for unit in file.units} if file else {}
        return self._units[path].get(name)

    def imported(self, item: summary.Import, importer: str) -> tuple[str, ...]:
        """Return the files and folders that the module part of an import may be."""
        if item.level:
            return self._layout.relative(item.level, item.module, importer)
        return self._layout.modules(item.module, importer)

    def submodules(self, module: str, name: str) -> tuple[str, ...]:
        """Return the files that are `name` inside the package `module` (its `__init__.py` or folder)."""
        if module.endswith("/__init__.py") or module == "__init__.py":
            module = module.removesuffix("__init__.py").removesuffix("/")
        elif module.endswith(".py"):
            return ()
        return self._layout.at(f"{module}/{name}" if module else name)

    def resolve(self, path: str, dotted: str) -> Targets:
        """Return what `dotted` stands for in the module `path`."""
        key = (path, dotted)
        found = self._resolved.get(key)
        if found is None:
            # while it is being found out, a circle of imports says nothing
            self._resolved[key] = frozenset({UNKNOWN})
            base, _, last = dotted.rpartition(".")
            found = self._attribute(self.resolve(path, base), last) if base else self._root(path, last)
            self._resolved[key] = found
        return found

    def named(self, path: str, dotted: str) -> Targets:
        """Return what the constant string `dotted` may name by an absolute path, seen from `path`."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            if modules := self._layout.modules(".".join(parts[:length]), path):
                targets: Targets = frozenset(Target("m", item) for item in modules)
                for name in parts[length:]:
                    targets = self._attribute(targets, name)
                return targets
        return frozenset({OUTSIDE})

    def _root(self, path: str, name: str) -> Targets:
        found: set[Target] = set()
        if self.unit(path, name):
            found.add(Target("s", path, name))
        for item in self._bound(path).get(name, ()):
            found |= self._import_targets(item, path)
        if not found:
            found |= self._starred(path, name)
        if not found and path.endswith("__init__.py"):
            # importing a submodule anywhere binds it in its package
            found.update(Target("m", item) for item in self.submodules(path, name))
        if not found:
            found.add(OUTSIDE if name in _BUILTINS else UNKNOWN)
        return frozenset(found)

    def _bound(self, path: str) -> dict[str, list[summary.Import]]:
        if path not in self._bindings:
            bindings: dict[str, list[summary.Import]] = {}
            file = self._files.get(path)
            for item in file.imports if file else ():
                bindings.setdefault(item.alias or item.module.partition(".")[0], []).append(item)
            self._bindings[path] = bindings
        return self._bindings[path]

    def _import_targets(self, item: summary.Import, path: str) -> set[Target]:
        if not item.name and not item.alias:
            # `import a.b` binds `a`
            modules = self._layout.modules(item.module.partition(".")[0], path)
        else:
            modules = self.imported(item, path)
        targets = frozenset(Target("m", module) for module in modules)
        if item.name:
            targets = self._attribute(targets, item.name)
        return set(targets) or {OUTSIDE}

    def _starred(self, path: str, name: str) -> set[Target]:
        found: set[Target] = set()
        for item in self._bound(path).get("*", ()):
            modules = self.imported(item, path)
            if not modules:
                found.add(UNKNOWN)
            for module in modules:
                found |= self.resolve(module, name) - {UNKNOWN, OUTSIDE}
        return found

    def _attribute(self, targets: Targets, name: str) -> Targets:
        found: set[Target] = set()
        for target in targets:
            if target.kind == "m":
                found |= self._module_attribute(target.path, name)
            elif target.kind == "s":
                qualified = f"{target.name}.{name}"
                unit = self.unit(target.path, qualified)
                found.add(Target("s", target.path, qualified) if unit and unit.kind == "c" else UNKNOWN)
            else:
                found.add(target)
        return frozenset(found)

    def _module_attribute(self, path: str, name: str) -> set[Target]:
        found = {Target("m", item) for item in self.submodules(path, name)}
        return found | (set(self.resolve(path, name)) - {OUTSIDE} if path.endswith(".py") else set())
