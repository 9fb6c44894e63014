"""Changed symbols -> everything that may reach them, by walking mentions backwards.

A node is (path, name): a unit of a file, a name that a file imports, or "" for importing the file. Of the module as an
object, (path, `*`) stands for reading any of its names, and (path, `**`) for having it at all.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property

from gatekeeper.impact import classes, conventions, importers, keepers, layout, references, scopes, summary, uses

Node = tuple[str, str]
Reached = Mapping[Node, Node | None]

# called by the interpreter or the standard library on objects that it is handed, without a mention anywhere
_PROTOCOLS_WORDS = (
    "read readline readlines readinto write writelines close flush seek tell keys items values get send throw "
    "acquire release fileno isatty encode decode getvalue run emit format default"
)
_PROTOCOLS = frozenset(_PROTOCOLS_WORDS.split())
# functions of a module that any import from it and any attribute of it may call
_MODULE_HOOKS = frozenset({"__getattr__", "__dir__"})

# stands for other processes that a test starts
_PROCESS = ("", "$")
# what making an object of a class may run
_CREATION_WORDS = (
    "__init__ __new__ __post_init__ __attrs_post_init__ __attrs_pre_init__ __init_subclass__ __set_name__ __prepare__ "
    "__class_getitem__ __setattr__ __getattribute__ __getattr__ __set__"
)
_CREATION = frozenset(_CREATION_WORDS.split())


class Graph:
    """Who may reach whom in one tree."""

    def __init__(
        self, files: Mapping[str, summary.Summary], where: layout.Layout, rules: conventions.Conventions
    ) -> None:
        self.files = files
        self.names = scopes.Scopes(files, where)
        self.uses = uses.Uses(files)
        self.classes = classes.Classes(files, self.uses.index, self.names)
        self._layout = where
        self._rules = rules
        self.test_files = frozenset(filter(rules.is_test_file, files))
        self._support = self.test_files | frozenset(filter(rules.is_test_support, files.keys() - self.test_files))
        self._importers = importers.Importers(files, self.names, where)
        self._keepers = keepers.Keepers(self.names, self._support)
        self._references = references.References(
            self.names, self.classes, rules, self._support, self.test_files, self.uses.index
        )

    def spread(self, seeds: Iterable[Node]) -> dict[Node, Node | None]:
        """Return every node that may reach a seed, with the next node on the way to it (None for a seed)."""
        reached: dict[Node, Node | None] = dict.fromkeys(seeds)
        # (how many files to look into, order of arrival, node)
        waiting = [(0, number, node) for number, node in enumerate(reached)]
        while waiting:
            _, _, node = heapq.heappop(waiting)
            if node[1] and (node[0], "") in reached:
                # whoever gets at anything in the file has imported it, and is reached through that
                continue
            for source in self._sources(node, reached):
                if source not in reached:
                    reached[source] = node
                    heapq.heappush(waiting, (self._cost(source), len(reached), source))
        return reached

    def _cost(self, node: Node) -> int:
        """Return how many files have to be looked into. Imports cost nothing, and make others superfluous."""
        last = node[1].removesuffix(summary.LATER).rpartition(".")[2]
        return len(self.uses.index.get(last, ())) if last else 0

    def leads_to(self, seed: Node, goals: AbstractSet[Node], dead: set[Node]) -> bool:
        """Whether one of `goals` may reach `seed`; adds to `dead`, from which none is reached, where none does."""
        seen = {seed}
        waiting = [seed]
        while waiting:
            for source in self._sources(waiting.pop(), {}):
                if source in goals:
                    return True
                if source not in seen and source not in dead:
                    seen.add(source)
                    waiting.append(source)
        dead |= seen
        return False

    @cached_property
    def computing(self) -> Reached:
        """What may read attributes under computed names of objects that are not known."""
        return self.spread(self.uses.computed_readers)

    def by_name(self, node: Node) -> Iterator[Node]:
        """Yield the units that mention the name of a module's symbol on an object that may be the module."""
        for file in self.uses.index.get(node[1], ()):
            for index, base, _ in self.uses.of(file, node[1]):
                if self._references.may_hold(file, base):
                    yield file, self.uses.unit(file, index).name

    def importers_of_name(self, path: str, name: str) -> list[Node]:
        """Return what runs `from module import name` for the module `path`."""
        return [(file, item.unit) for file, item in self._importers.of_name(path, name)]

    def is_implicit(self, node: Node) -> bool:
        """Whether the member of a class may be reached wherever an object of the class is."""
        symbol = references.Symbol.of(node)
        unit = self.names.unit(*node)
        if symbol.last in _PROTOCOLS or (symbol.last.startswith("_") and symbol.last.endswith("_")):
            return True
        if unit is None or unit.kind == "v" or self._rules.is_fixture_method(symbol.last):
            return True
        owner = (symbol.path, symbol.owner)
        if symbol.path in self._support:
            family = self.classes.family(owner)
            return not any(map(self._runs_tests, family)) or any(map(self._hands_on_objects, family))
        return self.classes.is_called_from_outside(owner)

    def _runs_tests(self, node: Node) -> bool:
        """Whether pytest or unittest makes the objects of the class."""
        return self._rules.is_test_class(node[1].rpartition(".")[2]) or self.classes.is_test_case(node)

    def _hands_on_objects(self, node: Node) -> bool:
        """Whether a method of the class gives its object to something else, which may call any other."""
        start = f"{node[1]}."
        return any("s" in unit.flags and unit.name.startswith(start) for unit in self.files[node[0]].units)

    def _sources(self, node: Node, reached: Reached) -> Iterator[Node]:
        """Yield what may reach `node`, leaving out files whose import is reached."""
        path, name = node
        if node == _PROCESS:
            yield from (user for user, _ in self.uses.signed["$"] if user[0] in self._support)
        elif name == "":
            yield from self._importers.running(path)
            yield from self._opening(path)
            yield _PROCESS
        elif name == "*":
            whole = (user for user, handed in self._having(path, reached) if handed or user in self.uses.readers)
            yield from whole
            yield from (user for user in self._opening(path) if user in self.uses.readers)
            yield from (user for user, _ in self.uses.signed["*"] if user[0] == path)
            if path not in self.test_files:
                yield _PROCESS
        elif name == "**":
            yield from (user for user, _ in self._having(path, reached))
            yield from self._opening(path)
        elif name == summary.OPAQUE:
            yield from self._importers.running(path)
        elif name == summary.DOCTESTS:
            yield from self._doctesting()
        else:
            symbol = references.Symbol.of(node)
            yield from self._mentioning(symbol, reached)
            yield from self._member_sources(symbol) if symbol.owner else self._global_sources(symbol)

    def _mentioning(self, symbol: references.Symbol, reached: Reached) -> Iterator[Node]:
        unit = self.names.unit(symbol.path, symbol.name)
        for word in {symbol.last, unit.fixture} - {""} if unit else {symbol.last}:
            for file in self.uses.index.get(word, ()):
                if (file, "") not in reached:
                    yield from self._mentioning_in(file, word, symbol)
        if unit and unit.kind == "c":
            yield from self._registering((symbol.path, symbol.name))

    def _registering(self, node: Node) -> Iterator[Node]:
        """Yield what may list the class with others that derive from the same."""
        bases = self.classes.registering(node)
        if node[0] not in self._support:
            yield from bases
        elif bases and not self._runs_tests(node):
            # a class of tests is listed only where its module is imported
            yield node[0], ""

    def _mentioning_in(self, file: str, word: str, symbol: references.Symbol) -> Iterator[Node]:
        units = self.files[file].units
        for index, base, _ in self.uses.of(file, word):
            unit = units[max(index, 0)]
            if self._references.refers(file, unit, base, symbol):
                if index >= 0:
                    # a class that derives from it, or a name that it is bound to, runs as little of it
                    yield file, unit.name + summary.LATER if symbol.later and unit.kind in "cv" else unit.name
                elif not self._is_test(symbol):
                    yield from self._keepers.of(file, self.uses.keeper(file, ~index))

    def _is_test(self, symbol: references.Symbol) -> bool:
        """Whether only a test's runner gets at the symbol by its name or by what decorates it."""
        return symbol.path in self._support and self._rules.is_test_function(symbol.last)

    def _member_sources(self, symbol: references.Symbol) -> Iterator[Node]:
        unit = self.names.unit(symbol.path, symbol.name)
        if not self._is_test(symbol):
            yield from self._computing(symbol)
        if (unit and "a" in unit.flags) or self.is_implicit((symbol.path, symbol.name)):
            created = symbol.last in _CREATION or unit is None or unit.kind == "v" or symbol.path in self._support
            yield symbol.path, symbol.owner if created else symbol.owner + summary.LATER

    def _global_sources(self, symbol: references.Symbol) -> Iterator[Node]:
        path, name = symbol.path, symbol.name
        unit = self.names.unit(path, name)
        if name in _MODULE_HOOKS or (unit and "a" in unit.flags):
            yield path, ""
        later = summary.LATER if symbol.later else ""
        yield from ((file, item.alias + later) for file, item in self._importers.of_name(path, name) if _binds(item))
        yield from ((file, name + later) for file in self._importers.starring(path))
        yield path, "*"

    def _computing(self, symbol: references.Symbol) -> Iterator[Node]:
        """Yield the units that may build the member's name: `getattr(self, "visit_" + kind)`."""
        outside = symbol.path not in self._support
        for form, readers in self._readers.items():
            start = form.lstrip("~?")
            if not symbol.last.startswith(start):
                continue
            if form[0] == "~":
                owner = (symbol.path, symbol.owner)
                yield from (node for node in readers if self.classes.related(owner, _own_class(node)))
            elif start:
                yield from (node for node in readers if outside or node[0] in self._support)

    @cached_property
    def _readers(self) -> dict[str, list[Node]]:
        """The units that compute the names of attributes, by how."""
        found: dict[str, list[Node]] = {}
        for node, form in self.uses.signed["?"]:
            found.setdefault(form, []).append(node)
        return found

    def _having(self, path: str, reached: Reached) -> Iterator[tuple[Node, bool]]:
        """Yield the units that mention the module `path` as an object, and whether they hand it to a call."""
        own = _module_name(path)
        named = ((file, own) for file in self.uses.index.get(own, ()))
        for file, word in dict.fromkeys((*self._importers.holding(path), *named)):
            for index, base, ends in self.uses.of(file, word) if (file, "") not in reached else ():
                base = base.rpartition("|")[2]  # noqa: PLW2901 - whether it is handed on or not
                if ends and base[:1] not in {".", "~", "@", "^"} and self._is_module(file, base, word, path):
                    yield (file, self.uses.unit(file, index).name), base[:1] == "#"

    def _doctesting(self) -> Iterator[Node]:
        """Yield the units that run the examples of modules."""
        for word in ("testmod", "DocTestSuite", "DocTestFinder"):
            for file in self.uses.index.get(word, ()):
                for index, _, _ in self.uses.of(file, word):
                    yield file, self.uses.unit(file, index).name

    def _is_module(self, file: str, base: str, word: str, path: str) -> bool:
        base = base.lstrip("#")
        dotted = f"{base}.{word}" if base else word
        found = self.names.named(file, dotted[1:]) if base[:1] == "'" else self.names.resolve(file, dotted)
        return scopes.Target("m", path) in found

    def _opening(self, path: str) -> Iterator[Node]:
        """Yield the units that may get at the module `path` without its name in a mention."""
        yield from self._openers.get(path, ())
        own = _module_name(path)
        folder = path.rpartition("/")[0]
        while True:
            yield from (node for node, last in self._explorers.get(folder, ()) if last in {"", own})
            if not folder:
                return
            folder = folder.rpartition("/")[0]

    @cached_property
    def _explorers(self) -> dict[str, list[tuple[Node, str]]]:
        """Folder -> the units in it that import what they find below it, and the name it must have, or ""."""
        found: dict[str, list[tuple[Node, str]]] = {}
        for node, form in self.uses.signed["%"]:
            found.setdefault(node[0].rpartition("/")[0], []).append((node, form[1:]))
        return found

    @cached_property
    def _openers(self) -> dict[str, list[Node]]:
        """File -> the units that import it by a computed call."""
        found: dict[str, list[Node]] = {}
        for node, form in self.uses.signed["!"]:
            dotted = form[1:].lstrip(".")
            level = len(form) - 1 - len(dotted)
            where = self._layout
            for path in where.relative(level, dotted, node[0]) if level else where.modules(dotted, node[0]):
                found.setdefault(path, []).append(node)
        return found


def _module_name(path: str) -> str:
    """Return the last word of the name by which the file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]


def _own_class(node: Node) -> Node:
    return node[0], node[1].rpartition(".")[0]


def _binds(item: summary.Import) -> bool:
    """Whether code that runs finds the name that is imported."""
    return item.unit != summary.CHECKERS
