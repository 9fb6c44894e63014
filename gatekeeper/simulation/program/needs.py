"""A unit -> what it may reach directly: other units, attributes of objects that are not known, and what is outside."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gatekeeper.impact import mentions, scope, scopes, summary
from gatekeeper.simulation.program import binding, project, source, spoken

_COMPUTED = "is reached under a name that is computed when it runs"
_UNRESOLVED = "its name could not be resolved"
_OUTSIDE = "is outside the tree"
ABSENT = "is not to be found in its module"
# modules through which a name is imported
_MOST_HANDS = 5
# classes whose methods nothing calls but what names them
_QUIET_WORDS = (
    "object ABC Protocol Generic NamedTuple TypedDict Enum IntEnum StrEnum Flag IntFlag dict list tuple set frozenset "
    "str int float complex bytes bytearray type property"
)
_QUIET = frozenset(_QUIET_WORDS.split())
# attributes that objects of builtin types have: a word of these says little of what it is looked up on
_COMMON = frozenset(name for kind in (dict, list, str, bytes, set, int, float, tuple) for name in dir(kind))


@dataclass(slots=True, kw_only=True)
class Needs:
    """What code mentions, resolved."""

    # in the order in which they were found
    units: dict[source.Unit, None] = field(default_factory=dict)
    # attributes of objects that are not known
    words: set[str] = field(default_factory=set)
    # starts of attributes whose names are computed
    starts: set[str] = field(default_factory=set)
    # global names that are looked up in the module
    roots: set[str] = field(default_factory=set)
    # what it lacks -> why
    missing: dict[str, str] = field(default_factory=dict)


class Resolver:
    """The needs of one tree's code, remembered."""

    def __init__(self, tree: project.Project) -> None:
        self._tree = tree
        self._needs: dict[tuple[source.Unit, str], Needs] = {}
        self._classes: dict[str, dict[str, list[source.Unit]]] = {}
        self._methods: dict[tuple[str, ...], dict[str, list[source.Unit]]] = {}

    def of(self, unit: source.Unit) -> Needs:
        """Return what the unit needs when it runs, or is made."""
        found = self._remembered(unit, "of", spoken.of_unit)
        if unit.sort is source.Sort.IMPORT and not found.missing:
            found.missing.update(self._unreadable(unit))
        return found

    def present(self, unit: source.Unit) -> Needs:
        """Return what must be there when the unit is made, which is when its module is imported."""
        return self._remembered(unit, "present", spoken.of_making)

    def run(self, unit: source.Unit) -> Needs:
        """Return what runs when the unit is made."""
        return self._remembered(unit, "run", spoken.of_running)

    def of_expressions(self, path: str, nodes: Iterable[ast.AST]) -> Needs:
        """Return what expressions need in the scope of the module `path`."""
        return self._resolved(path, frozenset(), mentions.of_nodes(list(nodes)).mentions)

    def symbols(self, path: str, dotted: str) -> Iterator[source.Unit]:
        """Yield the units of modules that bind what `dotted` stands for in the module `path`."""
        for target in sorted(self._tree.names.resolve(path, dotted)):
            if target.kind == "s":
                module = self._tree.module(target.path)
                yield from module.binders.get(target.name.partition(".")[0], ())

    def bases(self, unit: source.Unit) -> Iterator[source.Unit]:
        """Yield the classes of the tree that a class derives from directly."""
        for node in unit.nodes:
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                dotted = scope.dotted(base.value if isinstance(base, ast.Subscript) else base)
                found = self.symbols(unit.path, dotted) if dotted else iter(())
                yield from (item for item in found if item.sort is source.Sort.CLASS and item is not unit)

    def lineage(self, unit: source.Unit) -> list[source.Unit]:
        """Return the class and the classes of the tree that it derives from, nearest first."""
        waiting = [unit]
        for item in waiting:
            waiting += [base for base in self.bases(item) if base not in waiting]
        return waiting

    def is_called_from_outside(self, unit: source.Unit) -> bool:
        """Whether a class derives from one outside the tree that may call its methods."""
        for kin in self.lineage(unit):
            for node in kin.nodes:
                for base in node.bases if isinstance(node, ast.ClassDef) else ():
                    dotted = scope.dotted(base.value if isinstance(base, ast.Subscript) else base)
                    if not _is_quiet(dotted.rpartition(".")[2]) and not any(self.symbols(kin.path, dotted)):
                        return True
        return False

    def nearby(self, paths: tuple[str, ...]) -> Mapping[str, list[source.Unit]]:
        """Return methods by name, of classes that modules hold or import: those of the first module that has some."""
        if paths not in self._methods:
            merged: dict[str, list[source.Unit]] = {}
            for path in reversed(paths):
                merged.update(self._nearby(path))
            self._methods[paths] = {name: found for name, found in merged.items() if name not in _COMMON}
        return self._methods[paths]

    def _nearby(self, path: str) -> dict[str, list[source.Unit]]:
        if path not in self._classes:
            self._classes[path] = self._methods_nearby(path)
        return self._classes[path]

    def _methods_nearby(self, path: str) -> dict[str, list[source.Unit]]:
        found: dict[str, list[source.Unit]] = {}
        for name, binders in self._tree.module(path).binders.items():
            own = [unit for unit in binders if unit.sort is not source.Sort.IMPORT]
            for unit in own or self.symbols(path, name):
                for member in self._tree.module(unit.path).members.get(unit, ()):
                    if member.sort is source.Sort.FUNCTION:
                        found.setdefault(member.names[0], []).append(member)
        return found

    def _remembered(self, unit: source.Unit, what: str, find: Callable[[source.Unit], set[str]]) -> Needs:
        key = (unit, what)
        if key not in self._needs:
            resolved = self._resolved(unit.path, self._siblings(unit), self._mentioned(key, find))
            if _UNRESOLVED in resolved.missing.values():
                bound = binding.inside(unit.nodes)
                resolved.missing = {name: why for name, why in resolved.missing.items() if name not in bound}
            self._needs[key] = resolved
        return self._needs[key]

    def _mentioned(self, key: tuple[source.Unit, str], find: Callable[[source.Unit], set[str]]) -> set[str]:
        known = self._tree.shared.mentions
        if key not in known:
            try:
                known[key] = find(key[0])
            except RecursionError:
                # nested too deeply to be looked into, and to be followed by any model
                known[key] = set()
        return known[key]

    def _unreadable(self, unit: source.Unit) -> Iterator[tuple[str, str]]:
        """Yield the modules that an import statement names and that contribute nothing, with the reason."""
        for node in unit.nodes:
            if isinstance(node, ast.ImportFrom):
                item = summary.Import(node.level, node.module or "", "*", "*", "")
                paths = self._tree.names.imported(item, unit.path)
            else:
                named = (self._tree.names.named(unit.path, alias.name) for alias in getattr(node, "names", ()))
                paths = tuple(target.path for targets in named for target in sorted(targets) if target.kind == "m")
            for path in paths:
                if path.endswith(".py") and (error := self._tree.module(path).error):
                    yield path, error

    def _siblings(self, unit: source.Unit) -> frozenset[str]:
        """Return the names that the body of a member's class binds."""
        if unit.owner is None:
            return frozenset()
        members = self._tree.module(unit.path).members.get(unit.owner, ())
        return frozenset(name for member in members for name in member.names)

    def _resolved(self, path: str, siblings: frozenset[str], found: Iterable[str]) -> Needs:
        needs = Needs()
        for mention in sorted(found):
            self._mention(path, mention, needs)
        needs.words.update(siblings.intersection(needs.missing))
        needs.missing = {name: why for name, why in needs.missing.items() if name not in siblings}
        return needs

    def _mention(self, path: str, mention: str, needs: Needs) -> None:
        match mention[0]:
            case "." | "~" if mention[1:2] != "?":
                needs.words.add(mention[1:])
            case "?" | "~":
                needs.starts.update({mention.lstrip("~?")} - {""})
                if mention == "?":
                    needs.missing["attributes"] = _COMPUTED
            case "!" | "%" | "$" | "*":
                needs.missing[mention.strip("!%$*") or "modules"] = _COMPUTED
            case "'":
                self._add(self._tree.names.named(path, mention[1:]), needs)
            case "<":
                callee, _, inner = mention[1:].lstrip("@").partition("|")
                self._chain(path, callee, needs)
                self._mention(path, inner, needs)
            case _:
                self._chain(path, mention.lstrip("#>&:^@"), needs)

    def _chain(self, path: str, dotted: str, needs: Needs) -> None:
        """Add what the global name `a`, and `b` and `c` looked up from there, stand for in `a.b.c`."""
        words = dotted.split(".")
        needs.roots.add(words[0])
        module = self._tree.module(path)
        binders = module.binders.get(words[0], [])
        needs.units.update(dict.fromkeys((*binders, *(unit for unit, _ in self.handed_on(path, words[0])))))
        for length in range(1, len(words) + 1):
            targets = self._tree.names.resolve(path, ".".join(words[:length]))
            if self._add(targets, needs):
                needs.words.update(words[length:])
                return
            if scopes.OUTSIDE in targets:
                if binders:
                    needs.missing[_origin(binders, words[0])] = _OUTSIDE
                return
        if not binders and scopes.UNKNOWN in self._tree.names.resolve(path, words[0]):
            stars = self._stars_outside(path)
            needs.units.update(dict.fromkeys(stars))
            needs.missing.update(
                dict.fromkeys([_origin(stars, "*") if stars else words[0]], _OUTSIDE if stars else _UNRESOLVED)
            )
        needs.words.update(words[1:])
        needs.missing.update(dict.fromkeys(self._absent(path, words), ABSENT))

    def _absent(self, path: str, words: list[str]) -> Iterator[str]:
        """Yield what `b` in `a.b.c` is looked up for in a module of the tree that does not have it."""
        for length in range(1, len(words)):
            found = self._tree.names.resolve(path, ".".join(words[: length + 1]))
            held = self._tree.names.resolve(path, ".".join(words[:length]))
            if found == {scopes.UNKNOWN} and all(target.kind == "m" for target in held):
                yield from sorted(f"{target.path}::{words[length]}" for target in held if target.path.endswith(".py"))

    def _stars_outside(self, path: str) -> list[source.Unit]:
        """Return the imports of everything from modules outside the tree, which may bind any name."""
        found = []
        for unit in self._tree.module(path).binders.get("*", ()):
            items = [
                summary.Import(node.level, node.module or "", "*", "*", "")
                for node in unit.nodes
                if isinstance(node, ast.ImportFrom)
            ]
            if not any(self._tree.names.imported(item, path) for item in items):
                found.append(unit)
        return found

    def _add(self, targets: scopes.Targets, needs: Needs) -> bool:
        """Add the units that bind the symbols among `targets`; return whether there are symbols."""
        symbols = sorted(target for target in targets if target.kind == "s")
        for target in symbols:
            module = self._tree.module(target.path)
            name = target.name.partition(".")[0]
            needs.units.update(dict.fromkeys((*module.binders.get(name, ()), *module.fillers.get(name, ()))))
        return bool(symbols)

    def handed_on(self, path: str, name: str, depth: int = 0) -> Iterator[tuple[source.Unit, str]]:
        """Yield each import in another module of the tree that `name` is imported through, with its name there."""
        binders = self._tree.module(path).binders.get(name, ()) if depth < _MOST_HANDS else ()
        for wanted in (item for unit in binders for item in _imports_of(unit, name)):
            for origin in self._tree.names.imported(wanted, path):
                found = self._tree.module(origin).binders.get(wanted.name, ())
                yield from ((unit, wanted.name) for unit in found if unit.sort is source.Sort.IMPORT)
                yield from self.handed_on(origin, wanted.name, depth + 1)


def _imports_of(unit: source.Unit, name: str) -> Iterator[summary.Import]:
    """Yield the imports from modules by which statements bind `name`."""
    for node in unit.nodes if unit.sort is source.Sort.IMPORT else ():
        if isinstance(node, ast.ImportFrom):
            for item in node.names:
                if (item.asname or item.name) == name:
                    yield summary.Import(node.level, node.module or "", item.name, name, "")


def _is_quiet(base: str) -> bool:
    return base in _QUIET or base.endswith(("Error", "Exception", "Warning", "TestCase"))


def _origin(binders: Iterable[source.Unit], name: str) -> str:
    """Return the module that `name` is imported from."""
    for node in (node for unit in binders for part in unit.nodes for node in ast.walk(part)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for item in node.names:
                if (item.asname or item.name.partition(".")[0]) == name:
                    return f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else item.name
    return name
