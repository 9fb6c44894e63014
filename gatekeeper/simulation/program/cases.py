"""A test function -> the combinations of parameters that pytest runs it with, and the fixtures it is set up with."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gatekeeper import errors
from gatekeeper.impact import scope
from gatekeeper.simulation.program import constants, fixtures, ids, located, marks, needs, project, values

# combinations of one function; a test with more is seldom worth imagining
_MOST = 500
# decorators that draw what a test is given
_DRAWING = frozenset({"given"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One combination of parameters."""

    # without brackets; "" where the test has no parameters
    id: str = ""
    # argument -> its value
    direct: Mapping[str, values.Value] = field(default_factory=dict)
    # fixture -> its `request.param`
    indirect: Mapping[str, values.Value] = field(default_factory=dict)
    # its own marks
    refusing: tuple[marks.Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How pytest runs a test function."""

    test: located.Located
    cases: tuple[Case, ...]
    # nearest definer first
    visible: Sequence[Mapping[str, fixtures.Fixture]]
    # names of fixtures and parameters in the order of their setup
    order: tuple[str, ...]
    # what the test function requests, in order
    requested: tuple[str, ...]


class _Set(NamedTuple):
    """One set of values of one `parametrize`."""

    id: str | None
    values: tuple[values.Value, ...]
    refusing: tuple[marks.Mark, ...]


class Planner:
    """Plans the tests of one tree."""

    def __init__(self, tree: project.Project, resolver: needs.Resolver) -> None:
        self._tree = tree
        self._values = values.Values(tree, resolver)
        self._marks = marks.Marks(self._values)
        self._ids = ids.Ids(self._values, resolver)
        self._fixtures = fixtures.Fixtures(tree, resolver, self._values)

    def plan(self, test: located.Located) -> Plan:
        """Return how the test is run. Raises NotAnalysed where that cannot be told, or is not to be imagined."""
        _refuse(test)
        found = self._marks_of(test)
        marks.refuse(found)
        requested = [] if test.case else fixtures.arguments(test.node, method=bool(test.classes))
        used = [
            name for mark in found if mark.name == "usefixtures" for name in self._names(mark, list(mark.arguments))
        ]
        parametrized = [mark for mark in found if mark.name == "parametrize"]
        names = [self._arguments(mark) for mark in parametrized]
        visible = self._fixtures.visible(test.path, test.classes)
        direct = frozenset(
            name
            for mark, own in zip(parametrized, names, strict=True)
            for name in own
            if name not in self._indirect(mark, own)
        )
        order = self._fixtures.closure(visible, [*used, *requested], direct)
        given = {name for own in names for name in own}
        cases = [Case()]
        for name in order:
            chain = [] if name in given else fixtures.definitions(visible, name)
            fixture = fixtures.parametrized(chain)
            if fixture and fixture.params is not None:
                sets = self._sets([name], fixture.unit.path, fixture.params, fixture.ids, single=True)
                cases = _product(cases, [name], sets, {name})
        for mark, own in zip(parametrized, names, strict=True):
            cases = _product(cases, own, self._sets_of(mark, own), self._indirect(mark, own))
        return Plan(test=test, cases=tuple(cases), visible=visible, order=tuple(order), requested=tuple(requested))

    def _marks_of(self, test: located.Located) -> list[marks.Mark]:
        """Return the marks of a test, the nearest first."""
        found = self._marks.of(test.unit.path, test.node)
        for node in reversed(test.around):
            found += self._marks.of(test.path, node)
        for unit in test.classes[1:]:
            found += [
                mark
                for node in unit.nodes
                if isinstance(node, ast.ClassDef)
                for mark in self._marks.of(unit.path, node)
            ]
        return found + self._marks.of_module(self._tree.module(test.path))

    def _names(self, mark: marks.Mark, nodes: Sequence[ast.expr]) -> list[str]:
        found = [constants.of(self._values.assigned(self._values.at(mark.path, node)).node) for node in nodes]
        if not all(isinstance(name, str) for name in found):
            raise errors.NotAnalysed(f"`{mark.name}` gets a name that is known only when it runs")
        return [str(name) for name in found]

    def _arguments(self, mark: marks.Mark) -> list[str]:
        node = mark.given(0, "argnames")
        if node is None:
            raise errors.NotAnalysed("`parametrize` names no argument")
        value = self._values.assigned(self._values.at(mark.path, node))
        if isinstance(text := constants.of(value.node), str):
            return [name.strip() for name in text.split(",") if name.strip()]
        found = self._values.elements(value)
        return self._names(mark, [item.node for item in found or [value]])

    def _indirect(self, mark: marks.Mark, names: list[str]) -> set[str]:
        node = dict(mark.keywords).get("indirect")
        if node is None or constants.of(node) is False:
            return set()
        return set(names) if constants.of(node) is True else set(self._names(mark, getattr(node, "elts", [node])))

    def _sets_of(self, mark: marks.Mark, names: list[str]) -> list[_Set]:
        node = mark.given(1, "argvalues")
        if node is None:
            raise errors.NotAnalysed("`parametrize` has no values")
        first = mark.given(0, "argnames")
        text = constants.of(first) if first is not None else None
        single = len(names) == 1 and isinstance(text, str) and not text.rstrip().endswith(",")
        return self._sets(names, mark.path, node, mark.given(3, "ids"), single=single)

    def _sets(self, names: list[str], path: str, node: ast.expr, made: ast.expr | None, *, single: bool) -> list[_Set]:
        """Return the sets of values of one parametrisation, each with its id."""
        elements = self._values.elements(self._values.at(path, node))
        if elements is None:
            raise errors.NotAnalysed("its parameters are computed when its module is imported")
        if not elements:
            raise errors.NotAnalysed("skipped: its list of parameters is empty")
        sets = [self._set(names, item, single=single) for item in elements]
        function, given = self._given_ids(path, made)
        chosen = [
            item.id
            if item.id is not None
            else given[index]
            if index < len(given) and given[index] is not None
            else "-".join(
                self._ids.of(value, name, index, function) for name, value in zip(names, item.values, strict=True)
            )
            for index, item in enumerate(sets)
        ]
        return [
            item._replace(id=name) for item, name in zip(sets, ids.unique([str(name) for name in chosen]), strict=True)
        ]

    def _set(self, names: list[str], element: values.Value, *, single: bool) -> _Set:
        match element.node:
            case ast.Call(func=func, args=args, keywords=keywords) if scope.dotted(func).rpartition(".")[2] == "param":
                inside = tuple(self._values.at(element.path, item) for item in args)
                named = {item.arg: item.value for item in keywords}
                own = self._param_marks(element.path, named.get("marks"))
                name = constants.of(named["id"]) if "id" in named else None
                if not isinstance(name, str | None):
                    raise errors.NotAnalysed("the id of a parameter is known only when its module is imported")
                chosen = None if name is None else ids.escaped(name)
            case _:
                parts = [element] if single else self._values.parts(self._values.assigned(element), len(names))
                inside, own, chosen = tuple(parts or ()), (), None
        if len(inside) != len(names):
            raise errors.NotAnalysed("its parameters are computed when its module is imported")
        return _Set(id=chosen, values=inside, refusing=own)

    def _param_marks(self, path: str, node: ast.expr | None) -> tuple[marks.Mark, ...]:
        if node is None:
            return ()
        nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        return tuple(mark for item in nodes if (mark := self._marks.read(path, item)))

    def _given_ids(self, path: str, node: ast.expr | None) -> tuple[str, list[str | None]]:
        """Return the function that makes ids (`str` or `repr`), or the list of ids, as far as they are given."""
        if node is None or constants.of(node) is None:
            return "", []
        if isinstance(node, ast.Name) and node.id in {"str", "repr"}:
            return node.id, []
        found = self._values.elements(self._values.at(path, node))
        if found is None:
            raise errors.NotAnalysed("the ids of its parameters are made when its module is imported")
        return "", [None if constants.of(item.node) is None else self._ids.given(item) for item in found]


def _refuse(test: located.Located) -> None:
    if isinstance(test.node, ast.AsyncFunctionDef):
        raise errors.NotAnalysed("asynchronous: an event loop is not imagined")
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in fixtures.own_nodes(test.node)):
        raise errors.NotAnalysed("a test that yields is not run")
    for item in test.node.decorator_list:
        name = scope.dotted(item.func if isinstance(item, ast.Call) else item)
        if name.rpartition(".")[2] in _DRAWING:
            raise errors.NotAnalysed("what it is given is drawn when it runs")
    if any("Async" in base for base in located.outer_bases(test.classes)):
        raise errors.NotAnalysed("asynchronous: an event loop is not imagined")


def _product(cases: list[Case], names: list[str], sets: list[_Set], indirect: set[str]) -> list[Case]:
    """Return each case with each set of values."""
    if len(cases) * len(sets) > _MOST:
        raise errors.NotAnalysed(f"it has more than {_MOST} combinations of parameters")
    found: list[Case] = []
    for case in cases:
        for item in sets:
            given = dict(zip(names, item.values, strict=True))
            found.append(
                Case(
                    id="-".join(part for part in (case.id, item.id or "") if part or case.direct or case.indirect),
                    direct={**case.direct, **{name: value for name, value in given.items() if name not in indirect}},
                    indirect={**case.indirect, **{name: value for name, value in given.items() if name in indirect}},
                    refusing=(*case.refusing, *item.refusing),
                )
            )
    return found
