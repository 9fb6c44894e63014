"""The tests of a tree, as far as they can be seen without running anything."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.impact import classes, conventions, graph, summary

Node = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One test function as pytest would name it."""

    # the test module
    path: str
    # `test_name` or `Class::test_name`
    name: str
    # the function, and the classes that it runs in: the test is affected when one of them is
    nodes: tuple[Node, ...]


def tests(path: str, links: graph.Graph, rules: conventions.Conventions) -> list[Test]:
    """Return the tests of the test module `path` in the order of the module, inherited ones last in their class."""
    found: dict[str, Test] = {}
    for unit in links.files[path].units:
        if "." in unit.name:
            continue
        if unit.kind == "c":
            for test in _of_class(path, unit, (), links, rules):
                found.setdefault(test.name, test)
        elif unit.kind in "fv" and rules.is_test_function(unit.name):
            found.setdefault(unit.name, Test(path=path, name=unit.name, nodes=((path, unit.name),)))
    return list(found.values())


def _of_class(
    path: str, unit: summary.Unit, outer: tuple[Node, ...], links: graph.Graph, rules: conventions.Conventions
) -> Iterator[Test]:
    node = (path, unit.name)
    case = links.classes.is_test_case(node)
    if not case and not rules.is_test_class(unit.name.rpartition(".")[2]):
        return
    around = (*outer, node)
    for ancestor in links.classes.ancestors(node):
        for member in _members(ancestor, links.files[ancestor[0]]):
            last = member.name.rpartition(".")[2]
            if member.kind == "c" and ancestor == node:
                yield from _of_class(path, member, around, links, rules)
            elif member.kind != "c" and (rules.is_test_function(last) or case and last.startswith("test")):
                name = "::".join((*unit.name.split("."), last))
                yield Test(path=path, name=name, nodes=((ancestor[0], member.name), *around))


def _members(node: classes.Node, file: summary.Summary) -> Iterator[summary.Unit]:
    prefix = node[1] + "."
    return (unit for unit in file.units if unit.name.startswith(prefix) and "." not in unit.name[len(prefix) :])
