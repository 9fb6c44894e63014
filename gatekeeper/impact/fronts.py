"""The parts of a change, and what may reach each."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from gatekeeper.impact import graph

Node = tuple[str, str]
Reached = Mapping[Node, Node | None]

# changed classes beyond this number are judged together
_MOST_CLASSES = 4


class Front:
    """A part of the change and what may reach it.

    A changed method runs only in a test that gets at its name, or at any name, *and* at an object of its class. Where
    `owners`, the changed classes, are given, a test has to be reached on both ways.
    """

    def __init__(self, seeds: Iterable[Node], owners: Iterable[Node], links: graph.Graph) -> None:
        self.seeds = tuple(seeds)
        self._owners = tuple(owners)
        self._links = links

    @cached_property
    def reached(self) -> Reached:
        """What may reach the change by name, with the next node on the way."""
        return self._links.spread(self.seeds)

    @cached_property
    def _holders(self) -> Reached:
        return self._links.spread(self._owners)

    def start(self, nodes: Iterable[Node]) -> Node | None:
        """Return the first of `nodes`, which run in one test, from which a way leads to the change."""
        start = next((node for node in nodes if node in self.reached), None)
        if self._owners and not any(node in self._holders for node in nodes):
            return None
        return start

    def reads_any(self, nodes: Iterable[Node]) -> bool:
        """Whether a test that runs `nodes` may read the changed attributes under computed names."""
        if not self._owners or not self._links.computed_readers:
            return False
        return any(node in self._holders for node in nodes) and any(node in self._links.computing for node in nodes)

    def way(self, start: Node) -> list[Node]:
        """Return the nodes from `start` to the change."""
        way = [start]
        while (following := self.reached[way[-1]]) is not None:
            way.append(following)
        return way


def split(nodes: Iterable[Node], links: graph.Graph) -> list[Front]:
    """Return the fronts of a change that starts at `nodes`: one for each class with changed methods, one for the rest."""
    by_class: dict[Node, list[Node]] = {}
    plain: list[Node] = []
    for path, name in nodes:
        owner, _, last = name.rpartition(".")
        if owner and not links.is_implicit(path, owner, last, links.names.unit(path, name)):
            by_class.setdefault((path, owner), []).append((path, name))
        else:
            plain.append((path, name))
    groups = [([owner], members) for owner, members in by_class.items()]
    if len(groups) > _MOST_CLASSES:
        groups = [(list(by_class), [member for members in by_class.values() for member in members])]
    return [Front(plain, (), links), *(Front(members, owners, links) for owners, members in groups)]
