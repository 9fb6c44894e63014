"""Seeds and graph -> which tests are affected, and why."""

import itertools
from collections.abc import Iterable, Iterator
from functools import cached_property

from gatekeeper.diffs import tree
from gatekeeper.impact import collected, conventions, fronts, graph, reasons, seeds, selection

Node = tuple[str, str]


class Judgement:
    """What is known of the change and of the tree, to judge each test by."""

    def __init__(
        self, links: graph.Graph, rules: conventions.Conventions, found: seeds.Seeds, after: tree.Tree
    ) -> None:
        self._links = links
        self._rules = rules
        self._collection = collected.Collection(links, rules)
        self._found = found
        self._after = after
        # nodes on the ways from affected tests to the change
        self._used: set[Node] = set()

    def result(self) -> selection.Selection:
        """Return the affected tests of the after tree."""
        affected: list[selection.AffectedTest] = []
        unaffected: dict[str, frozenset[str]] = {}
        total = elsewhere = 0
        for path in sorted(self._links.files):
            if path not in self._after.entries:
                continue
            tests = self._collection.tests(path)
            seen = len(tests) or bool(self._collection.unseen(path))
            chosen = list(self._chosen(path, tests))
            total += seen
            elsewhere += 0 if chosen else seen
            if chosen:
                affected += chosen
                names = {test.name for test in chosen}
                unaffected[path] = frozenset(test.name for test in tests if "" not in names) - names
        return selection.Selection(
            affected=tuple(affected),
            unaffected=unaffected,
            total=total,
            elsewhere=elsewhere,
            unreached=tuple(sorted(self._unreached())),
            unparsable=self._found.unparsable,
            executable=bool(self._code or self._found.everything or affected),
        )

    def _chosen(self, path: str, tests: Iterable[collected.Test]) -> Iterator[selection.AffectedTest]:
        around = (*self._collection.surroundings(path), *self._global_nodes)
        module = self._why(around) if tests else ""
        chosen = False
        for test in tests:
            if why := (module if module and not self._is_reached(test) else self._why((*test.nodes, *around))):
                chosen = True
                yield selection.AffectedTest(path=path, name=test.name, reason=why)
        # where some are chosen, whatever is not named as unaffected runs with them
        rest = () if chosen else self._collection.unseen(path)
        if rest and (why := self._why((*around, *rest))):
            yield selection.AffectedTest(path=path, name="", reason=why)

    def _is_reached(self, test: collected.Test) -> bool:
        return any(node in front.reached for front in self._fronts for node in test.nodes)

    def _why(self, nodes: tuple[Node, ...]) -> str:
        """Return how the change reaches a test that runs `nodes`, the test or its module first, or ""."""
        if self._found.everything:
            return self._found.everything
        for front in self._fronts:
            if start := front.start(nodes):
                self._used.update(itertools.takewhile(lambda node: node not in self._used, front.way(start)))
                return reasons.of_way(front.way(start), front.end(start), self._found, self._links, nodes[0])
            if front.reads_any(nodes):
                self._used.update(front.seeds)
                return reasons.of_computed(front.seeds[0], self._found)
        return ""

    @cached_property
    def _code(self) -> set[Node]:
        """The changed code that some test should reach: a test that was removed need not be."""
        return {node for node in self._found.code if not self._is_removed_test(*node)}

    def _is_removed_test(self, path: str, name: str) -> bool:
        if not self._rules.is_test_file(path) or self._found.nodes.get((path, name)) != "was removed":
            return False
        first, _, last = name.rpartition(".")
        return not name or self._rules.is_test_function(last) or self._rules.is_test_class(first or last)

    @cached_property
    def _fronts(self) -> list[fronts.Front]:
        return [] if self._found.everything else fronts.split(self._found.nodes, self._links)

    @cached_property
    def _global_nodes(self) -> tuple[Node, ...]:
        """The reached nodes that pytest runs for every test: hooks, and plugins as a whole."""
        every = dict.fromkeys(node for front in self._fronts for node in front.reached)
        return tuple(node for node in every if self._collection.runs_for_all(node))

    def _unreached(self) -> Iterator[str]:
        """Yield the changed symbols from which no way leads to an affected test."""
        dead: set[Node] = set()
        for front in self._fronts:
            reaches_some = not self._used.isdisjoint(front.seeds)
            for path, name in front.seeds:
                if (path, name) not in self._code or (path, name) in self._used or (path, "") in self._used:
                    continue
                if not reaches_some or not self._links.leads_to((path, name), self._used, dead):
                    yield f"{path}::{name}" if name else path
