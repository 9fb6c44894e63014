"""Pytest's marks on tests, classes and modules, as they are written."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatekeeper import errors
from gatekeeper.impact import scope
from gatekeeper.simulation.program import constants, source, values

_UNITTEST = {"skip": "skip", "skipIf": "skipif", "skipUnless": "skipif", "expectedFailure": "xfail"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One mark."""

    # `parametrize`, `skip`, ...
    name: str
    # of the file it is written in
    path: str
    arguments: tuple[ast.expr, ...] = ()
    keywords: tuple[tuple[str, ast.expr], ...] = ()

    def given(self, number: int, name: str) -> ast.expr | None:
        """Return an argument by its position or name."""
        if number < len(self.arguments):
            return self.arguments[number]
        return dict(self.keywords).get(name)


class Marks:
    """The marks of one tree."""

    def __init__(self, known: values.Values) -> None:
        self._values = known

    def of(self, path: str, node: scope.Function | ast.ClassDef) -> list[Mark]:
        """Return the marks of a definition, the nearest first; of a class, with those that its body assigns."""
        found = [mark for item in reversed(node.decorator_list) if (mark := self.read(path, item))]
        return found + (list(self.assigned(path, node.body)) if isinstance(node, ast.ClassDef) else [])

    def assigned(self, path: str, body: Sequence[ast.stmt]) -> Iterator[Mark]:
        """Yield the marks of every `pytestmark = ...` in the body of a module or class."""
        for node in body:
            match node:
                case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                    items = self._values.elements(self._values.at(path, value))
                    for item in items if items is not None else [self._values.at(path, value)]:
                        if mark := self.read(item.path, item.node):
                            yield mark

    def of_module(self, module: source.Module) -> list[Mark]:
        """Return the marks of every test of a module."""
        return list(self.assigned(module.path, [node for unit in module.units for node in unit.nodes]))

    def read(self, path: str, node: ast.expr) -> Mark | None:
        """Return the mark that an expression makes; None: it makes none that is known."""
        call = node if isinstance(node, ast.Call) else None
        target = call.func if call else node
        name = _name(target)
        if not name:
            meant = self._values.assigned(self._values.at(path, target))
            if meant.node is not target:
                return self._renamed(path, meant, call)
            return None
        arguments = tuple(call.args) if call else ()
        keywords = tuple((item.arg or "**", item.value) for item in call.keywords) if call else ()
        return Mark(name=name, path=path, arguments=arguments, keywords=keywords)

    def _renamed(self, path: str, meant: values.Value, call: ast.Call | None) -> Mark | None:
        """Return the mark of a name that stands for one: `needs_x = pytest.mark.skipif(...)`."""
        if call is None:
            return self.read(meant.path, meant.node)
        name = _name(meant.node)
        keywords = tuple((item.arg or "**", item.value) for item in call.keywords)
        return Mark(name=name, path=path, arguments=tuple(call.args), keywords=keywords) if name else None


def _name(node: ast.expr) -> str:
    path = scope.dotted(node)
    before, _, last = path.rpartition(".")
    if before == "mark" or before.endswith(".mark"):
        return last
    return _UNITTEST.get(last, "") if before in {"", "unittest"} else ""


def refuse(found: Sequence[Mark]) -> None:
    """Raise NotAnalysed where the marks keep the test from running, or from being expected to pass."""
    for mark in found:
        condition = mark.given(0, "condition")
        match mark.name:
            case "skip":
                raise errors.NotAnalysed("skipped")
            case "skipif" if not _is_false(condition):
                raise errors.NotAnalysed("skipped under a condition that is known only when it runs")
            case "xfail" if not _is_false(condition):
                raise errors.NotAnalysed("expected to fail")


def _is_false(condition: ast.expr | None) -> bool:
    return condition is not None and constants.of(condition) is False
