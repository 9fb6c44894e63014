"""Pytest's fixtures as they can be seen without running anything: who defines them, and what a test gets set up with.

The order is that of `getfixtureclosure` in `_pytest/fixtures.py` of pytest 9.2.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.impact import scope
from gatekeeper.simulation.program import constants, needs, project, source, values

# widest first, as they are set up
_SCOPES = ("session", "package", "module", "class", "function")
# the scopes in which xunit's functions run: module, class, function
XUNIT_RANKS = (2, 3, 4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixture:
    """One definition."""

    name: str
    unit: source.Unit
    node: scope.Function
    # `session`, `package`, `module`, `class`, `function`; "" where it is computed
    scope: str
    autouse: bool
    params: ast.expr | None
    ids: ast.expr | None

    @property
    def requested(self) -> list[str]:
        """Names of the fixtures that it requests, in order."""
        return arguments(self.node, method=self.unit.owner is not None)

    @property
    def is_generator(self) -> bool:
        """Whether it yields its value, and tears down after."""
        return any(isinstance(node, ast.Yield) for node in own_nodes(self.node))

    @property
    def reads_only_param(self) -> bool:
        """Whether all that it asks of `request` is `request.param`."""
        uses = sum(isinstance(node, ast.Name) and node.id == "request" for node in ast.walk(self.node))
        reads = sum(_is_param(node) for node in ast.walk(self.node))
        return uses == reads

    @property
    def rank(self) -> int:
        """Place among scopes, widest first."""
        return _SCOPES.index(self.scope) if self.scope in _SCOPES else len(_SCOPES) - 1


def _is_param(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="request"), attr="param"):
            return True
        case _:
            return False


def own_nodes(node: scope.Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body without those of functions inside it."""
    waiting: list[ast.AST] = [*node.body]
    while waiting:
        item = waiting.pop()
        yield item
        if not isinstance(item, scope.Function | ast.Lambda):
            waiting += ast.iter_child_nodes(item)


def arguments(node: scope.Function, *, method: bool) -> list[str]:
    """Return the names that pytest fills in: arguments without a default, less `self` and what `patch` gives."""
    positional = [*node.args.posonlyargs, *node.args.args]
    required = positional[: len(positional) - len(node.args.defaults)]
    named = [item for item, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if default is None]
    static = any(scope.dotted(item) == "staticmethod" for item in node.decorator_list)
    given = int(method and not static) + _mocks(node)
    return [item.arg for item in (*required[given:], *named)]


def _mocks(node: scope.Function) -> int:
    """Return how many arguments the decorators of `unittest.mock` fill in."""
    count = 0
    for item in node.decorator_list:
        path = scope.dotted(item.func) if isinstance(item, ast.Call) else ""
        last = path.removesuffix(".object").rpartition(".")[2]
        if isinstance(item, ast.Call) and last == "patch":
            place = 2 if path.endswith(".object") else 1
            named = {keyword.arg for keyword in item.keywords}
            count += len(item.args) <= place and "new" not in named
    return count


class Fixtures:
    """The fixtures of one tree."""

    def __init__(self, tree: project.Project, resolver: needs.Resolver, known: values.Values) -> None:
        self._tree = tree
        self._resolver = resolver
        self._values = known
        self._found: dict[str, dict[str, Fixture]] = {}

    def visible(self, path: str, classes: Sequence[source.Unit]) -> list[Mapping[str, Fixture]]:
        """Return the fixtures by name that a test of the module may request: the nearest definer's first."""
        # a method that is overridden is none of the class's attributes
        members: dict[str, source.Unit] = {}
        for owner in classes:
            for unit in self._tree.module(owner.path).members.get(owner, ()):
                for name in unit.names:
                    members.setdefault(name, unit)
        own = {item.name: item for unit in members.values() if (item := self._read(unit))}
        files = [path, *self._tree.conftests(path), *self._tree.plugin_paths]
        return [own, *(self._of_module(item) for item in dict.fromkeys(files))]

    def closure(
        self, visible: Sequence[Mapping[str, Fixture]], first: Sequence[str], fixed: frozenset[str]
    ) -> list[str]:
        """Return the names that are set up, in order: those used by all, then `first`, each with what it requests.

        `fixed` are names whose values the test's parameters give.
        """
        every = [name for definer in reversed(visible) for name, item in definer.items() if item.autouse]
        found: list[str] = []
        depths: dict[str, int] = {}

        def visit(name: str) -> None:
            depth = depths.get(name, 0)
            if name in found and not depth:
                return
            if name not in found:
                found.append(name)
            chain = [] if name in fixed else definitions(visible, name)
            if depth < len(chain):
                depths[name] = depth + 1
                for item in chain[depth].requested:
                    visit(item)
                depths[name] = depth

        for name in dict.fromkeys((*every, *first)):
            visit(name)
        return sorted(found, key=lambda name: _rank(visible, name, fixed))

    def _of_module(self, path: str) -> dict[str, Fixture]:
        if path not in self._found:
            found = [item for unit in self._tree.module(path).units if (item := self._read(unit))]
            fixtures = {item.name: item for item in found}
            for name, binders in self._tree.module(path).binders.items():
                imported = any(unit.sort is source.Sort.IMPORT for unit in binders)
                for unit in self._resolver.symbols(path, name) if imported else ():
                    if item := self._read(unit):
                        fixtures.setdefault(item.name, item)
            self._found[path] = fixtures
        return self._found[path]

    def _read(self, unit: source.Unit) -> Fixture | None:
        match unit.nodes:
            case (ast.FunctionDef() | ast.AsyncFunctionDef() as node,):
                for decorator in node.decorator_list:
                    call = decorator if isinstance(decorator, ast.Call) else None
                    if scope.dotted(call.func if call else decorator).rpartition(".")[2] in {
                        "fixture",
                        "yield_fixture",
                    }:
                        return self._made(unit, node, call)
        return None

    def _made(self, unit: source.Unit, node: scope.Function, call: ast.Call | None) -> Fixture:
        given = {item.arg: item.value for item in call.keywords} if call else {}
        name = constants.of(given["name"]) if "name" in given else node.name
        width = constants.of(given["scope"]) if "scope" in given else "function"
        return Fixture(
            name=name if isinstance(name, str) else node.name,
            unit=unit,
            node=node,
            scope=width if isinstance(width, str) else "",
            autouse="autouse" in given and constants.of(given["autouse"]) is not False,
            params=given.get("params"),
            ids=given.get("ids"),
        )


def definitions(visible: Sequence[Mapping[str, Fixture]], name: str) -> list[Fixture]:
    """Return the definitions of a fixture, the one that is requested first, then what it overrides."""
    return list(dict.fromkeys(definer[name] for definer in visible if name in definer))


def parametrized(chain: Sequence[Fixture]) -> Fixture | None:
    """Return the definition whose `params` a test runs with: the first, or one that it is built on."""
    for fixture in chain:
        if fixture.params is not None:
            return fixture
        if fixture.name not in fixture.requested:
            break
    return None


def _rank(visible: Sequence[Mapping[str, Fixture]], name: str, fixed: frozenset[str]) -> int:
    found = [] if name in fixed else definitions(visible, name)
    return found[0].rank if found else len(_SCOPES) - 1
