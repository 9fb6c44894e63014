"""The tests of a tree, as far as they can be seen without running anything."""

from collections.abc import Iterator
from typing import NamedTuple

from gatekeeper.impact import conventions, graph, summary

Node = tuple[str, str]

# words of a module that makes tests as it runs
_MAKERS = frozenset({"*", "globals", "load_tests"})


class Test(NamedTuple):
    """One test function as pytest would name it. A named tuple, as there may be many thousands."""

    # `test_name` or `Class::test_name`
    name: str
    # the function, then the classes it runs in, innermost last: the test is affected when one of them is
    nodes: tuple[Node, ...]


class Collection:
    """What pytest would collect from each file."""

    def __init__(self, links: graph.Graph, rules: conventions.Conventions) -> None:
        self._links = links
        self._rules = rules
        # class -> its members that may be tests or hold some
        self._members: dict[Node, list[summary.Unit]] = {}
        # file -> class -> its members
        self._by_class: dict[str, dict[str, list[summary.Unit]]] = {}

    def tests(self, path: str) -> list[Test]:
        """Return the tests of the file `path` in the order of the file, inherited ones last in their class."""
        if path not in self._links.test_files:
            return []
        found: dict[str, Test] = {}
        for unit in self._links.files[path].units:
            if "." in unit.name or unit.name.endswith(summary.LATER):
                continue
            if unit.kind == "c":
                for test in self._of_class(path, unit, ()):
                    found.setdefault(test.name, test)
            elif unit.kind in "fv" and self._rules.is_test_function(unit.name):
                found.setdefault(unit.name, Test(name=unit.name, nodes=((path, unit.name),)))
        return list(found.values())

    def unseen(self, path: str) -> tuple[Node, ...]:
        """Return the nodes of the file that may make or be tests without looking like it."""
        file = self._links.files[path]
        found: list[Node] = []
        if path in self._links.test_files:
            if file.error:
                found += [(path, ""), (path, summary.OPAQUE)]
            if not _MAKERS.isdisjoint(file.words) or any(self._is_open(path, unit) for unit in file.units):
                found += [(path, unit.name) for unit in file.units]
        examples = self._links.names.unit(path, summary.DOCTESTS)
        if examples and self._rules.doctest_modules and self._rules.is_collected(path):
            found.append((path, examples.name))
        return tuple(found)

    def surroundings(self, path: str) -> tuple[Node, ...]:
        """Return what runs before any test of the file: its import, and that of each `conftest.py` around it."""
        found = [(path, "")]
        folder = path.rpartition("/")[0]
        while True:
            conftest = f"{folder}/conftest.py".lstrip("/")
            if conftest in self._links.files:
                found.append((conftest, ""))
            if not folder:
                return tuple(found)
            folder = folder.rpartition("/")[0]

    def runs_for_all(self, node: Node) -> bool:
        """Whether pytest runs the node for every test, wherever it is: a hook, or a plugin's import."""
        path, name = node
        if name and (not name.startswith("pytest_") or name == "pytest_plugins"):
            return False
        plugin = self._rules.is_plugin(path)
        return plugin or (bool(name) and path.rpartition("/")[2] == "conftest.py")

    def _is_open(self, path: str, unit: summary.Unit) -> bool:
        """Whether the class may inherit tests from a class that is not in the tree."""
        return unit.kind == "c" and bool(unit.bases) and self._links.classes.is_called_from_outside((path, unit.name))

    def _of_class(self, path: str, unit: summary.Unit, outer: tuple[Node, ...]) -> Iterator[Test]:
        node = (path, unit.name)
        case = self._links.classes.is_test_case(node)
        if not case and not self._rules.is_test_class(unit.name.rpartition(".")[2]):
            return
        around = (*outer, node)
        for ancestor in self._links.classes.ancestors(node):
            for member in self._candidates(ancestor):
                last = member.name.rpartition(".")[2]
                if member.kind == "c" and ancestor == node:
                    yield from self._of_class(path, member, around)
                elif member.kind != "c" and ((case and last.startswith("test")) or self._rules.is_test_function(last)):
                    name = "::".join((*unit.name.split("."), last))
                    yield Test(name=name, nodes=((ancestor[0], member.name), *around))

    def _candidates(self, owner: Node) -> list[summary.Unit]:
        if owner not in self._members:
            self._members[owner] = [unit for unit in self._direct(owner) if self._is_candidate(unit)]
        return self._members[owner]

    def _direct(self, owner: Node) -> Iterator[summary.Unit]:
        """Yield the units directly inside the class."""
        path, name = owner
        if path not in self._by_class:
            self._by_class[path] = {}
            for unit in self._links.files[path].units:
                self._by_class[path].setdefault(unit.name.rpartition(".")[0], []).append(unit)
        yield from self._by_class[path].get(name, ())

    def _is_candidate(self, unit: summary.Unit) -> bool:
        last = unit.name.rpartition(".")[2]
        if last.endswith(summary.LATER):
            return False
        return unit.kind == "c" or last.startswith("test") or self._rules.is_test_function(last)
