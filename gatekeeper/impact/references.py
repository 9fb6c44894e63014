"""Whether a mention may be a certain symbol, by what its word is looked up on."""

from collections.abc import Mapping
from typing import NamedTuple

from gatekeeper.impact import classes, conventions, scopes, summary

Node = tuple[str, str]

_ANNOTATION_READERS = frozenset({"get_type_hints", "__annotations__", "get_annotations"})
_CREATION = frozenset({"__init_subclass__", "__set_name__", "__new__", "__prepare__", "__mro_entries__"})


class Symbol(NamedTuple):
    """A named thing of a module, taken apart."""

    path: str
    # qualified within the module
    name: str
    # the class it is a member of, or ""
    owner: str
    last: str
    # only reached through what it returns, or through its objects: not by a call whose value is kept
    later: bool

    @classmethod
    def of(cls, node: Node) -> "Symbol":
        """Return the symbol that a node stands for."""
        name = node[1].removesuffix(summary.LATER)
        owner, _, last = name.rpartition(".")
        return cls(node[0], name, owner, last, name != node[1])


class References:
    """What the mentions of a tree may refer to."""

    def __init__(
        self,
        names: scopes.Scopes,
        relations: classes.Classes,
        rules: conventions.Conventions,
        support: frozenset[str],
        test_files: frozenset[str],
        index: Mapping[str, list[str]],
    ) -> None:
        self._names = names
        self._classes = relations
        self._rules = rules
        self._support = support
        self._test_files = test_files
        self._reads_annotations = not _ANNOTATION_READERS.isdisjoint(index)

    def refers(self, file: str, unit: summary.Unit, base: str, symbol: Symbol) -> bool:
        """Whether a word that `unit` of `file` looks up on `base` (see `summary.uses_of`) may be `symbol`."""
        plain = self._plain(file, unit, base, symbol)
        return plain is not None and self._is_on(file, unit, plain, symbol)

    def _plain(self, file: str, unit: summary.Unit, base: str, symbol: Symbol) -> str | None:
        """Return `base` without the signs that say in which circumstances the word counts; None: it does not."""
        if base[:1] == ":":
            return base[1:] if self._reads_annotations else None
        if base[:1] == ">":
            return None if symbol.later and not unit.name else base[1:]
        if base[:1] == "<":
            callee, _, handed = base[1:].partition("|")
            return self._plain(file, unit, handed, symbol) if self._may_call(file, callee) else None
        return base

    def _is_on(self, file: str, unit: summary.Unit, base: str, symbol: Symbol) -> bool:
        member = bool(symbol.owner)
        match base[:1]:
            case "":
                found = file == symbol.path and symbol.owner in {"", unit.name}
            case "@":
                # a class hands its fixtures on to classes of other modules
                serves = file in self._support or self._rules.is_plugin(file)
                found = serves and (member or self._rules.sees_fixture(file, symbol.path))
            case "^":
                found = self._creates(file, base[1:], symbol)
            case "#":
                # what is handed on is mentioned as well
                found = False
            case ".":
                found = self._may_be_on_anything(file, symbol) or self._may_request(file, symbol)
            case "~":
                mine = (file, unit.name.rpartition(".")[0])
                found = member and self._classes.related((symbol.path, symbol.owner), mine)
            case sign:
                targets = self._names.named(file, base[1:]) if sign == "'" else self._names.resolve(file, base)
                found = any(self._holds(file, target, symbol) for target in targets)
        return found

    def _may_be_on_anything(self, file: str, symbol: Symbol) -> bool:
        """Whether `file` may read the member from an object it knows nothing of.

        Objects of a class that serves tests get into other code only from tests that mention the class, and those of
        a test's own class from that test.
        """
        if not symbol.owner or symbol.path not in self._support:
            return bool(symbol.owner)
        return file == symbol.path if symbol.path in self._test_files else file in self._support

    def may_hold(self, file: str, base: str) -> bool:
        """Whether `base`, on which a word is looked up in `file`, may be any module that something has as an object."""
        if base[:1] in {"", "<", ">", ":", "@", "^", "#", "~", "'"}:
            return False
        return base == "." or any(target.kind in "?s" for target in self._names.resolve(file, base))

    def _may_request(self, file: str, symbol: Symbol) -> bool:
        """Whether a constant string in `file` may name the symbol as a fixture."""
        return file in self._support and self._rules.sees_fixture(file, symbol.path)

    def _holds(self, file: str, target: scopes.Target, symbol: Symbol) -> bool:
        """Whether the symbol may be an attribute of `target`."""
        if target.kind == "m":
            return not symbol.owner and target.path == symbol.path
        if target.kind == "x" or not symbol.owner:
            return False
        unit = self._names.unit(target.path, target.name) if target.kind == "s" else None
        if unit and unit.kind == "c":
            return self._classes.related((symbol.path, symbol.owner), (target.path, target.name))
        return self._may_be_on_anything(file, symbol)

    def _may_call(self, file: str, callee: str) -> bool:
        """Whether what `callee` stands for in `file` may call what it is given."""
        targets = self._names.resolve(file, callee.removeprefix("@"))
        if callee[:1] == "@":
            # a decorator that hands the function on makes a wrapper of it
            units = (self._names.unit(item.path, item.name) for item in targets if item.kind == "s")
            return any(unit and "C" in unit.flags for unit in units)
        return any(item.kind != "s" or self._calls_arguments((item.path, item.name)) for item in targets)

    def _calls_arguments(self, node: Node) -> bool:
        unit = self._names.unit(*node)
        if unit and unit.kind == "f":
            return bool({"c", "C"} & set(unit.flags))
        if not unit or unit.kind != "c" or self._classes.is_called_from_outside(node):
            return True
        run = [node, *((path, f"{name}.{maker}") for path, name in self._classes.ancestors(node) for maker in _MAKERS)]
        return any(unit and {"c", "C", "k"} & set(unit.flags) for unit in (self._names.unit(*item) for item in run))

    def _creates(self, file: str, base: str, symbol: Symbol) -> bool:
        """Whether deriving a class from `base` runs the symbol: a hook of the base, or its metaclass."""
        targets = {(item.path, item.name) for item in self._names.resolve(file, base) if item.kind == "s"}
        if symbol.owner:
            owner = (symbol.path, symbol.owner)
            return symbol.last in _CREATION and any(self._classes.related(owner, target) for target in targets)
        unit = self._names.unit(symbol.path, symbol.name)
        return (symbol.path, symbol.name) in targets and unit is not None and "k" in unit.flags


_MAKERS = ("__new__", "__init__")
