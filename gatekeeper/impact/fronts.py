"""The parts of a change, and what may reach each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gatekeeper.impact import graph

Node = tuple[str, str]
Reached = Mapping[Node, Node | None]

# changed classes beyond this number are judged together
_MOST_CLASSES = 4


class Hit(NamedTuple):
    """What some nodes have to do with a front."""

    # one of them from which a way leads to the change
    start: Node | None
    # one of them gets at an object of the changed class
    held: bool
    # one of them reads attributes under computed names
    computed: bool

    def __or__(self, other: tuple[object, ...]) -> "Hit":
        """Return what both together have to do with it, preferring this one's start."""
        assert isinstance(other, Hit)
        return Hit(self.start or other.start, self.held or other.held, self.computed or other.computed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A part of the change and what may reach it.

    A changed method runs only in a test that gets at its name, or at any name, *and* at an object of its class: with
    `holders`, what may reach the class, a test has to be in both. `computed` is what may reach any name.
    """

    seeds: tuple[Node, ...]
    reached: Reached
    holders: Reached | None = None
    computed: Reached | None = None

    def hit(self, nodes: Iterable[Node]) -> Hit:
        """Return what `nodes` have to do with this part of the change."""
        start = next((node for node in nodes if node in self.reached), None)
        if self.holders is None:
            return Hit(start, held=True, computed=False)
        held = any(node in self.holders for node in nodes)
        return Hit(start, held, any(node in (self.computed or ()) for node in nodes))

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
    computed = links.spread(links.computed_readers()) if groups else None
    return [
        Front(seeds=tuple(plain), reached=links.spread(plain)),
        *(
            Front(
                seeds=tuple(members),
                reached=links.spread(members),
                holders=links.spread(owners),
                computed=computed,
            )
            for owners, members in groups
        ),
    ]
