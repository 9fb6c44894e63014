"""Changed symbols -> everything that may reach them, by walking mentions backwards.

A node is (path, name): a unit of a file, a name that a file imports, or "" for importing the file. Two more stand for
sets: (path, `*`), the module as an object whose names may all be read, and (path, `Class.?`), all methods of a class.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property

from gatekeeper.impact import classes, conventions, layout, scopes, summary

Node = tuple[str, str]

# called by the interpreter or the standard library on objects that it is handed, without a mention anywhere
_PROTOCOLS = frozenset(
    [
        "read",
        "readline",
        "readlines",
        "readinto",
        "write",
        "writelines",
        "close",
        "flush",
        "seek",
        "tell",
        "keys",
        "items",
        "values",
        "get",
        "send",
        "throw",
        "acquire",
        "release",
        "fileno",
        "isatty",
        "encode",
        "decode",
        "getvalue",
        "run",
        "emit",
        "format",
        "default",
    ]
)
_CREATION = frozenset({"__init_subclass__", "__set_name__", "__new__", "__prepare__", "__mro_entries__"})
# functions of a module that any import from it and any attribute of it may call
_MODULE_HOOKS = frozenset({"__getattr__", "__dir__"})

# stands for other processes that a test starts
_PROCESS = ("", "$")

# (index of the unit, or ~index of what is kept; what the word is looked up on, whether the mention ends with the word)
_Use = tuple[int, str, int]

# files that an import takes everything from, that it binds as modules, and that it runs
_Imported = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


class Graph:
    """Who may reach whom in one tree."""

    def __init__(
        self, files: Mapping[str, summary.Summary], where: layout.Layout, rules: conventions.Conventions
    ) -> None:
        self.files = files
        self.names = scopes.Scopes(files, where)
        self._layout = where
        self._rules = rules
        self.index = _index(files)
        self._support = frozenset(path for path in files if rules.is_test_support(path))
        self.classes = classes.Classes(files, self.index, self.names)
        self._details: dict[str, summary.Details] = {}
        self._members: dict[str, dict[str, list[summary.Unit]]] = {}
        self._imports: dict[tuple[int, str, str, str | tuple[str, ...]], _Imported] = {}
        self._importers: dict[str, list[Node]] = {}
        self._starring: dict[str, list[str]] = {}
        self._holders: dict[str, list[tuple[str, str]]] = {}
        for path, file in files.items():
            for item in file.imports:
                self._add_import(path, item)

    def spread(self, seeds: Iterable[Node]) -> dict[Node, Node | None]:
        """Return every node that may reach a seed, with the next node on the way to it (None for a seed)."""
        reached: dict[Node, Node | None] = dict.fromkeys(seeds)
        waiting = deque(reached)
        while waiting:
            node = waiting.popleft()
            if node[1] and (node[0], "") in reached:
                # whoever gets at anything in the file has imported it, and is reached through that
                continue
            for source in self._sources(node, reached):
                if source not in reached:
                    reached[source] = node
                    # imports first: they make the rest of a file superfluous
                    waiting.append(source) if source[1] else waiting.appendleft(source)
        return reached

    def leads_to(self, seed: Node, goals: Set[Node], dead: set[Node]) -> bool:
        """Whether one of `goals` may reach `seed`; adds to `dead`, from which none is reached, where none does."""
        reached: dict[Node, Node | None] = {seed: None}
        waiting = [seed]
        while waiting:
            node = waiting.pop()
            for source in self._sources(node, {}):
                if source in goals:
                    return True
                if source not in reached and source not in dead:
                    reached[source] = node
                    waiting.append(source)
        dead |= reached.keys()
        return False

    @cached_property
    def computed_readers(self) -> list[Node]:
        """The units that read attributes under computed names of objects that are not known."""
        return [node for node, form in self._signed["?"] if form == "?"]

    @cached_property
    def computing(self) -> dict[Node, Node | None]:
        """What may reach a computed reader."""
        return self.spread(self.computed_readers)

    def members(self, owner: Node) -> list[summary.Unit]:
        """Return the units directly inside the class `owner`."""
        path, name = owner
        if path not in self._members:
            members: dict[str, list[summary.Unit]] = {}
            for unit in self.files[path].units:
                members.setdefault(unit.name.rpartition(".")[0], []).append(unit)
            self._members[path] = members
        return self._members[path].get(name, [])

    def importers_of_name(self, path: str, name: str) -> list[Node]:
        """Return what runs `from module import name` for the module `path`."""
        return [
            (file, item.unit)
            for file in self.index.get(name, ())
            for item in self.files[file].imports
            if item.name == name and path in self.names.imported(item, file)
        ]

    def _add_import(self, path: str, item: summary.Import) -> None:
        where = path.rpartition("/")[0] if item.level else self._layout.roots(item.module, path)
        key = (item.level, item.module, item.name, where)
        if key not in self._imports:
            self._imports[key] = self._imported(path, item)
        starred, held, run = self._imports[key]
        for module in starred:
            self._starring.setdefault(module, []).append(path)
        bound = item.alias or item.module.rpartition(".")[2]
        for module in held:
            self._holders.setdefault(module, []).append((path, bound))
        if item.unit == summary.CHECKERS:
            return
        node = (path, "" if item.unit == summary.PLUGINS else item.unit)
        for module in run:
            if module != path:
                self._importers.setdefault(module, []).append(node)

    def _imported(self, path: str, item: summary.Import) -> _Imported:
        modules = self.names.imported(item, path)
        inner = (
            tuple(sub for module in modules for sub in self.names.submodules(module, item.name)) if item.name else ()
        )
        run = dict.fromkeys((*modules, *inner))
        run.update(dict.fromkeys(init for module in (*modules, *inner) for init in self._layout.package_files(module)))
        return modules if item.name == "*" else (), inner if item.name else modules, tuple(run)

    def _sources(self, node: Node, reached: Mapping[Node, Node | None]) -> Iterator[Node]:
        """Yield what may reach `node`, leaving out files whose import is reached."""
        path, name = node
        if node == _PROCESS:
            yield from (user for user, _ in self._signed["$"] if user[0] in self._support)
        elif name == "":
            yield from self._importers.get(path, ())
            yield from self._opening(path)
        elif name == "*":
            yield from self._whole_module(path, reached)
            yield from self._opening(path)
        else:
            yield from self._symbol_sources(path, name, reached)

    def _symbol_sources(self, path: str, name: str, reached: Mapping[Node, Node | None]) -> Iterator[Node]:
        owner, _, last = name.rpartition(".")
        unit = self.names.unit(path, name)
        words = {last, unit.fixture} - {""} if unit else {last}
        for word in words:
            for file in self.index.get(word, ()):
                if (file, "") not in reached:
                    yield from self._mentioning(file, word, node=(path, name), owner=owner)
        if unit and unit.kind == "c":
            yield from self.classes.registering((path, name))
        if owner:
            if not (path in self._support and self._rules.is_test_function(last)):
                # only a test's runner finds it by its name
                yield from self._computed(path, owner, last)
            if (unit and "a" in unit.flags) or self.is_implicit(path, owner, last, unit):
                yield path, owner
        else:
            if name in _MODULE_HOOKS or (unit and "a" in unit.flags):
                yield path, ""
            yield from ((file, name) for file in self._starring.get(path, ()))
            yield path, "*"

    def _mentioning(self, file: str, word: str, node: Node, owner: str) -> Iterator[Node]:
        path, name = node
        units = self.files[file].units
        for index, base, _ in self._uses_of(file, word):
            if self._refers(file, units[max(index, 0)], base, path, name, owner):
                if index >= 0:
                    yield file, units[index].name
                else:
                    yield from self._keepers(file, self._details[file].keepers[~index])
        if not owner:
            for item in self.files[file].imports:
                if item.name == name and path in self.names.imported(item, file):
                    yield file, item.alias

    def _refers(self, file: str, unit: summary.Unit, base: str, path: str, name: str, owner: str) -> bool:
        """Whether a word that `unit` of `file` looks up on `base` may be the symbol `name` of `path`."""
        if base == "":
            return file == path and owner in {"", unit.name}
        if base == "@":
            # a class hands its fixtures on to classes of other modules
            return bool(owner) or self._rules.sees_fixture(file, path)
        if base[0] == "^":
            return self._creates(file, base[1:], path, name, owner)
        if base == ".":
            fixture = file in self._support and self._rules.sees_fixture(file, path)
            return bool(owner) or fixture
        if base == "~":
            mine = unit.name.rpartition(".")[0]
            return bool(owner) and self.classes.related((path, owner), (file, mine))
        targets = self.names.named(file, base[1:]) if base[0] == "'" else self.names.resolve(file, base)
        return any(self._holds(target, path, owner) for target in targets)

    def _holds(self, target: scopes.Target, path: str, owner: str) -> bool:
        if target.kind == "m":
            return not owner and target.path == path
        if target.kind == "x" or not owner:
            return False
        unit = self.names.unit(target.path, target.name) if target.kind == "s" else None
        if unit and unit.kind == "c":
            return self.classes.related((path, owner), (target.path, target.name))
        return True

    def _creates(self, file: str, base: str, path: str, name: str, owner: str) -> bool:
        """Whether deriving a class from `base` runs the symbol: a hook of the base, or its metaclass."""
        targets = {(item.path, item.name) for item in self.names.resolve(file, base) if item.kind == "s"}
        if owner:
            hook = name.rpartition(".")[2] in _CREATION
            return hook and any(self.classes.related((path, owner), target) for target in targets)
        unit = self.names.unit(path, name)
        return (path, name) in targets and unit is not None and "k" in unit.flags

    def is_implicit(self, path: str, owner: str, last: str, unit: summary.Unit | None) -> bool:
        """Whether the member may be reached wherever an object of the class is."""
        if (last.startswith("_") and last.endswith("_")) or last in _PROTOCOLS or self._rules.is_fixture_method(last):
            return True
        if unit is None or unit.kind == "v":
            return True
        return path not in self._support and self.classes.is_called_from_outside((path, owner))

    def _computed(self, path: str, owner: str, last: str) -> Iterator[Node]:
        """Yield the units that may build the member's name: `getattr(self, "visit_" + kind)`."""
        for (file, name), form in self._signed["?"]:
            start = form.lstrip("~?")
            if last.startswith(start) and (start or form[0] == "~"):
                mine = name.rpartition(".")[0]
                if form[0] == "?" or self.classes.related((path, owner), (file, mine)):
                    yield file, name

    def _whole_module(self, path: str, reached: Mapping[Node, Node | None]) -> Iterator[Node]:
        """Yield the units that mention the module `path` as an object."""
        own = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
        named = ((file, own) for file in self.index.get(own, ()))
        for file, word in dict.fromkeys((*self._holders.get(path, ()), *named)):
            for index, base, ends in self._uses_of(file, word) if (file, "") not in reached else ():
                if ends and base[:1] not in {".", "~", "@", "^"} and self._is_module(file, base, word, path):
                    yield file, self.files[file].units[max(index, 0)].name

    def _opening(self, path: str) -> Iterator[Node]:
        """Yield the units that may get at the module `path` without its name in a mention."""
        yield from self._openers.get(path, ())
        for node, _ in self._signed["%"]:
            if path.startswith(node[0].rpartition("/")[0]):
                yield node
        yield _PROCESS

    def _is_module(self, file: str, base: str, word: str, path: str) -> bool:
        dotted = f"{base}.{word}" if base else word
        found = self.names.named(file, dotted[1:]) if base[:1] == "'" else self.names.resolve(file, dotted)
        return scopes.Target("m", path) in found

    @cached_property
    def _openers(self) -> dict[str, list[Node]]:
        """File -> the units that import it by a computed call, or read all of its names."""
        found: dict[str, list[Node]] = {}
        for node, _ in self._signed["*"]:
            found.setdefault(node[0], []).append(node)
        for node, form in self._signed["!"]:
            dotted = form[1:].lstrip(".")
            level = len(form) - 1 - len(dotted)
            where = self._layout
            for path in where.relative(level, dotted, node[0]) if level else where.modules(dotted, node[0]):
                found.setdefault(path, []).append(node)
        return found

    @cached_property
    def _signed(self) -> dict[str, list[tuple[Node, str]]]:
        """The mentions without a name, by their sign: who holds them, and the whole mention."""
        return {
            sign: [
                ((file, self.files[file].units[index].name), form)
                for file in self.index.get(sign, ())
                for index, form, _ in self._uses_of(file, sign)
                if index >= 0
            ]
            for sign in "!*%$?"
        }

    def _keepers(self, file: str, keeper: str) -> Iterator[Node]:
        """Yield what reaches a symbol that `keeper` was given (`=`: assigned) when `file` was imported."""
        for target in self._keeper_targets(file, keeper.lstrip("=")):
            if target.kind == "s" and keeper[:1] == "=":
                yield target.path, target.name
            elif target.kind == "s":
                yield from self._keeping_symbol(file, target)
            elif file not in self._support:
                yield file, ""

    def _keeper_targets(self, file: str, keeper: str) -> scopes.Targets:
        """Return the symbol of the tree that `keeper`, or the longest start of it, stands for."""
        while keeper:
            targets = self.names.resolve(file, keeper)
            if any(target.kind == "s" for target in targets):
                return targets
            keeper = keeper.rpartition(".")[0]
        return frozenset({scopes.UNKNOWN})

    def _keeping_symbol(self, file: str, target: scopes.Target) -> Iterator[Node]:
        unit = self.names.unit(target.path, target.name)
        assert unit is not None
        if unit.kind == "v":
            yield target.path, target.name
            return
        made = (self.names.unit(target.path, f"{target.name}.{name}") for name in ("__init__", "__call__", "__new__"))
        if "r" in unit.flags or any(item and "r" in item.flags for item in made):
            yield file, ""

    def _uses_of(self, path: str, word: str) -> Iterator[_Use]:
        """Return an iterator over the mentions of `word` in the file."""
        opened = self._details.get(path)
        if opened is None:
            opened = self._details[path] = self.files[path].opened()
        values = iter(opened.uses.get(word, ()))
        return zip(values, values, values)  # type: ignore[arg-type]  # noqa: B905 - in threes


def _index(files: Mapping[str, summary.Summary]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for path, file in files.items():
        for word in file.words:
            index.setdefault(word, []).append(path)
    return index
