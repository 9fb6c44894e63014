"""What keeps the functions and classes that it is given while modules are imported: registries, and what fills them."""

from collections.abc import Iterator

from gatekeeper.impact import scopes

Node = tuple[str, str]


class Keepers:
    """The keepers of a tree."""

    def __init__(self, names: scopes.Scopes, support: frozenset[str]) -> None:
        self._names = names
        # files that serve tests, where decorators from outside keep nothing
        self._support = support

    def of(self, file: str, keeper: str) -> Iterator[Node]:
        """Yield what reaches a symbol that `keeper` was given (`=`: assigned) when `file` was imported."""
        for target in self._targets(file, keeper.lstrip("=")):
            if target.kind == "s" and keeper[:1] == "=":
                yield target.path, target.name
            elif target.kind == "s":
                yield from self._of_symbol(file, target)
            elif file not in self._support:
                yield file, ""

    def _targets(self, file: str, keeper: str) -> scopes.Targets:
        """Return the symbol of the tree that `keeper`, or the longest start of it, stands for."""
        while keeper:
            targets = self._names.resolve(file, keeper)
            if any(target.kind == "s" for target in targets):
                return targets
            keeper = keeper.rpartition(".")[0]
        return frozenset({scopes.UNKNOWN})

    def _of_symbol(self, file: str, target: scopes.Target) -> Iterator[Node]:
        unit = self._names.unit(target.path, target.name)
        assert unit is not None
        if unit.kind == "v":
            yield target.path, target.name
            return
        made = (self._names.unit(target.path, f"{target.name}.{name}") for name in ("__init__", "__call__", "__new__"))
        if "r" in unit.flags or any(item and "r" in item.flags for item in made):
            yield file, ""
