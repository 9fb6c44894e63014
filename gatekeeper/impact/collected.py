"""The tests of a tree, as far as they can be seen without running anything."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.impact import conventions, graph, summary

Node = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One test function as pytest would name it."""

    # `test_name` or `Class::test_name`
    name: str
    # the function, then the classes it runs in, innermost last: the test is affected when one of them is
    nodes: tuple[Node, ...]


def tests(path: str, links: graph.Graph, rules: conventions.Conventions) -> list[Test]:
    """Return the tests of the file `path` in the order of the file, inherited ones last in their class."""
    if not rules.is_test_file(path):
        return []
    found: dict[str, Test] = {}
    for unit in links.files[path].units:
        if "." in unit.name:
            continue
        if unit.kind == "c":
            for test in _of_class(path, unit, (), links, rules):
                found.setdefault(test.name, test)
        elif unit.kind in "fv" and rules.is_test_function(unit.name):
            found.setdefault(unit.name, Test(name=unit.name, nodes=((path, unit.name),)))
    return list(found.values())


def unseen(path: str, links: graph.Graph, rules: conventions.Conventions) -> tuple[Node, ...]:
    """Return the nodes of the file that may make or be tests without looking like it; empty where there are none."""
    file = links.files[path]
    found: list[Node] = []
    if rules.is_test_file(path):
        if file.error:
            found.append((path, ""))
        if "*" in file.words or "load_tests" in file.words or any(_is_open(path, unit, links) for unit in file.units):
            found += [(path, unit.name) for unit in file.units]
    if rules.doctest_modules and rules.is_collected(path) and links.names.unit(path, summary.DOCTESTS):
        found.append((path, summary.DOCTESTS))
    return tuple(found)


def surroundings(path: str, links: graph.Graph, rules: conventions.Conventions) -> tuple[Node, ...]:
    """Return what runs before any test of the file: its import, and that of each `conftest.py` around it."""
    found = [(path, "")]
    folder = path.rpartition("/")[0]
    while True:
        conftest = f"{folder}/conftest.py".lstrip("/")
        if conftest in links.files:
            found.append((conftest, ""))
        if not folder:
            return tuple(found)
        folder = folder.rpartition("/")[0]


def runs_for_all(node: Node, rules: conventions.Conventions) -> bool:
    """Whether pytest runs the node for every test, wherever it is: a hook, or a plugin's import."""
    path, name = node
    plugin = rules.is_plugin(path)
    return plugin and not name or name.startswith("pytest_") and (plugin or path.rpartition("/")[2] == "conftest.py")


def _is_open(path: str, unit: summary.Unit, links: graph.Graph) -> bool:
    """Whether the class may inherit tests from a class that is not in the tree."""
    return unit.kind == "c" and bool(unit.bases) and links.classes.is_called_from_outside((path, unit.name))


def _of_class(
    path: str, unit: summary.Unit, outer: tuple[Node, ...], links: graph.Graph, rules: conventions.Conventions
) -> Iterator[Test]:
    node = (path, unit.name)
    case = links.classes.is_test_case(node)
    if not case and not rules.is_test_class(unit.name.rpartition(".")[2]):
        return
    around = (*outer, node)
    for ancestor in links.classes.ancestors(node):
        for member in links.members(ancestor):
            last = member.name.rpartition(".")[2]
            if member.kind == "c" and ancestor == node:
                yield from _of_class(path, member, around, links, rules)
            elif member.kind != "c" and (rules.is_test_function(last) or case and last.startswith("test")):
                name = "::".join((*unit.name.split("."), last))
                yield Test(name=name, nodes=((ancestor[0], member.name), *around))
