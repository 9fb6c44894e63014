"""The name of a test -> its function, and the classes that it runs in; and the tests of a module."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper import errors
from gatekeeper.impact import scope
from gatekeeper.simulation.program import needs, project, source


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A test function, found."""

    path: str
    # `Class::test`
    name: str
    node: scope.Function
    # what holds the function: itself, a member of a class, or a block around it
    unit: source.Unit
    # its class in the test's module, and those that it derives from, nearest first; empty for a function
    classes: tuple[source.Unit, ...] = ()
    # the classes around it, outermost first
    around: tuple[ast.ClassDef, ...] = ()
    # run by unittest's rules
    case: bool = False

    @property
    def block(self) -> source.Unit:
        """The statement of the test's module that the test is."""
        return self.classes[0] if self.classes else self.unit.block


class Locator:
    """Finds tests in one tree."""

    def __init__(self, tree: project.Project, resolver: needs.Resolver) -> None:
        self._tree = tree
        self._resolver = resolver

    def locate(self, path: str, name: str) -> Located | None:
        """Return the test, or None where the module has none of that name that can be seen."""
        *classes, last = name.split("::")
        if not classes:
            return self._function(path, last)
        owner = self._class(path, classes[0])
        return self._method(path, name, owner, classes[1:], last) if owner else None

    def tests(self, path: str) -> list[str]:
        """Return the names of the tests that pytest finds in the module, in order.

        Raises NotAnalysed where the module may make tests as it is imported.
        """
        module = self._tree.module(path)
        if module.error:
            raise errors.NotAnalysed(f"{path} {module.error}")
        if not self._tree.rules.is_test_file(path):
            raise errors.NotAnalysed("the examples in its docstrings are run as tests, which is not imagined")
        return list(dict.fromkeys(name for unit in module.units for name in self._names(path, unit)))

    def _names(self, path: str, unit: source.Unit) -> Iterator[str]:
        name = unit.names[0] if unit.names else ""
        match unit.sort:
            case source.Sort.FUNCTION if self._tree.rules.is_test_function(name):
                yield name
            case source.Sort.CLASS:
                yield from self._names_in_class(name, unit)
            case source.Sort.IMPORT:
                for item in unit.names:
                    for origin in self._resolver.symbols(path, item):
                        if origin.sort is source.Sort.CLASS:
                            yield from self._names_in_class(item, origin)
                        elif origin.sort is source.Sort.FUNCTION and self._tree.rules.is_test_function(item):
                            yield item
            case source.Sort.STATEMENT:
                yield from (item for item in unit.names if self._tree.rules.is_test_function(item))
            case _:
                pass

    def _names_in_class(self, name: str, unit: source.Unit) -> Iterator[str]:
        lineage = self._resolver.lineage(unit)
        case = self._is_case(lineage)
        if not case and not self._tree.rules.is_test_class(name):
            return
        for owner in lineage:
            for member in self._tree.module(owner.path).members.get(owner, ()):
                if member.sort is source.Sort.FUNCTION and self._is_test(member.names[0], case=case):
                    yield f"{name}::{member.names[0]}"

    def _is_test(self, name: str, *, case: bool) -> bool:
        return name.startswith("test") if case else self._tree.rules.is_test_function(name)

    def _function(self, path: str, name: str) -> Located | None:
        for unit in reversed([*self._resolver.symbols(path, name), *self._tree.module(path).binders.get(name, [])]):
            for node in (node for part in unit.nodes for node in _statements(part)):
                if isinstance(node, scope.Function) and node.name == name:
                    return Located(path=path, name=name, node=node, unit=unit)
        return None

    def _class(self, path: str, name: str) -> source.Unit | None:
        found = [*self._resolver.symbols(path, name), *self._tree.module(path).binders.get(name, [])]
        return next((unit for unit in reversed(found) if unit.sort is source.Sort.CLASS), None)

    def _method(self, path: str, name: str, owner: source.Unit, inner: list[str], last: str) -> Located | None:
        lineage = self._resolver.lineage(owner)
        (outermost,) = owner.nodes
        assert isinstance(outermost, ast.ClassDef)
        around = [outermost]
        for part in inner:
            found = next(
                (item for item in around[-1].body if isinstance(item, ast.ClassDef) and item.name == part), None
            )
            if found is None:
                return None
            around.append(found)
        if inner:
            unit = next(
                item for item in self._tree.module(path).members.get(owner, (owner,)) if around[1] in item.nodes
            )
            nodes = [(node, unit) for node in around[-1].body]
        else:
            members = [item for kin in lineage for item in self._tree.module(kin.path).members.get(kin, ())]
            nodes = [(node, item) for item in members for node in item.nodes]
        for node, unit in nodes:
            if isinstance(node, scope.Function) and node.name == last:
                return Located(
                    path=path,
                    name=name,
                    node=node,
                    unit=unit,
                    classes=tuple(lineage),
                    around=tuple(around),
                    case=self._is_case(lineage),
                )
        return None

    def _is_case(self, lineage: list[source.Unit]) -> bool:
        return any(base.rpartition(".")[2].endswith("TestCase") for base in outer_bases(lineage))


def outer_bases(lineage: list[source.Unit] | tuple[source.Unit, ...]) -> Iterator[str]:
    """Yield the bases of classes as they are written."""
    for unit in lineage:
        for node in unit.nodes:
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                yield scope.dotted(base.value if isinstance(base, ast.Subscript) else base)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement and those inside it that share its scope."""
    yield node
    if not isinstance(node, scope.Function | ast.ClassDef):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.ExceptHandler):
                yield from _statements(child)
