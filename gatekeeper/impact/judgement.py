"""Seeds and graph -> which tests are affected, and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from gatekeeper.diffs import tree
from gatekeeper.impact import collected, conventions, graph, reasons, seeds, selection

Node = tuple[str, str]
Reached = Mapping[Node, Node | None]

# changed classes beyond this number are judged together
_MOST_CLASSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """A part of the change and what may reach it.

    A changed method runs only in a test that gets at its name *and* at an object of its class: with `holders`, what may
    reach the class, a test has to be in both. `computed` is what may reach any name.
    """

    reached: Reached
    holders: Reached | None = None
    computed: Reached | None = None


class Judgement:
    """What is known of the change and of the tree, to judge each test by."""

    def __init__(
        self, links: graph.Graph, rules: conventions.Conventions, found: seeds.Seeds, after: tree.Tree
    ) -> None:
        self._links = links
        self._rules = rules
        self._found = found
        self._after = after

    def result(self) -> selection.Selection:
        """Return the affected tests of the after tree."""
        affected: list[selection.AffectedTest] = []
        unaffected: dict[str, frozenset[str]] = {}
        total = elsewhere = 0
        for path in sorted(self._links.files):
            if path not in self._after.entries:
                continue
            tests = collected.tests(path, self._links, self._rules)
            chosen = list(self._chosen(path, tests))
            total += len(tests)
            elsewhere += 0 if chosen else len(tests)
            affected += chosen
            if chosen:
                names = {test.name for test in chosen}
                unaffected[path] = frozenset(test.name for test in tests if "" not in names) - names
        return selection.Selection(
            affected=tuple(affected),
            unaffected=unaffected,
            total=total,
            elsewhere=elsewhere,
            unreached=tuple(self._unreached(affected)),
            unparsable=self._found.unparsable,
            executable=bool(self._found.code or self._found.everything or affected),
        )

    def _chosen(self, path: str, tests: Iterable[collected.Test]) -> Iterator[selection.AffectedTest]:
        around = collected.surroundings(path, self._links, self._rules)
        chosen = False
        for test in tests:
            if why := self._why((*test.nodes, *around), test.nodes[0]):
                chosen = True
                yield selection.AffectedTest(path=path, name=test.name, reason=why)
        # where some are chosen, whatever is not named as unaffected runs with them
        if not chosen and (rest := collected.unseen(path, self._links, self._rules)):
            if why := self._why((*rest, *around), (path, "")):
                yield selection.AffectedTest(path=path, name="", reason=why)

    def _why(self, nodes: tuple[Node, ...], test: Node) -> str:
        """Return how the change reaches a test that runs `nodes`, or ""."""
        if self._found.everything:
            return self._found.everything
        for front in self._fronts:
            start = next((node for node in (*nodes, *self._global_nodes) if node in front.reached), None)
            held = front.holders is None or any(node in front.holders for node in nodes)
            if start and held:
                return reasons.of_way(_way(start, front.reached), self._found, self._links, test)
            if front.computed and front.holders and held and any(node in front.computed for node in nodes):
                return reasons.of_computed(next(iter(front.reached)), self._found)
        return ""

    @cached_property
    def _fronts(self) -> list[_Front]:
        by_class: dict[Node, list[Node]] = {}
        plain: list[Node] = []
        for path, name in self._found.nodes:
            owner, _, last = name.rpartition(".")
            if owner and not self._links.is_implicit(path, owner, last, self._links.names.unit(path, name)):
                by_class.setdefault((path, owner), []).append((path, name))
            else:
                plain.append((path, name))
        groups = [([owner], members) for owner, members in by_class.items()]
        if len(groups) > _MOST_CLASSES:
            groups = [(list(by_class), [member for members in by_class.values() for member in members])]
        computed = self._links.spread(self._links.computed_readers()) if groups else None
        return [
            _Front(reached=self._links.spread(plain)),
            *(
                _Front(reached=self._links.spread(members), holders=self._links.spread(owners), computed=computed)
                for owners, members in groups
            ),
        ]

    @cached_property
    def _global_nodes(self) -> tuple[Node, ...]:
        """The reached nodes that pytest runs for every test: hooks, and plugins as a whole."""
        every = dict.fromkeys(node for front in self._fronts for node in front.reached)
        return tuple(node for node in every if collected.runs_for_all(node, self._rules))

    def _unreached(self, affected: Iterable[selection.AffectedTest]) -> Iterator[str]:
        """Yield the changed symbols from which no way leads to an affected test."""
        if self._found.everything:
            return
        goals = self._links.spread
        del goals, affected
        yield from ()


def _way(start: Node, reached: Reached) -> list[Node]:
    """Return the nodes from `start` to the change."""
    way = [start]
    while (following := reached[way[-1]]) is not None:
        way.append(following)
    return way
