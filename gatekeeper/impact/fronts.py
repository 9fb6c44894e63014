"""The parts of a change, and what may reach each."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from gatekeeper.impact import graph, summary

Node = tuple[str, str]
Reached = Mapping[Node, Node | None]

# changed classes beyond this number are judged together
_MOST_CLASSES = 4
# where more units than this read attributes under computed names, every test is taken to reach one of them
_MOST_READERS = 100


class Front:
    """A part of the change and what may reach it.

    A changed method runs only in a test that gets at its name, or at any name, *and* at an object of its class. Where
    `owners`, the changed classes, are given, a test has to be reached on both ways.
    """

    def __init__(self, seeds: Iterable[Node], owners: Iterable[Node], links: graph.Graph) -> None:
        self.seeds = tuple(seeds)
        self._owners = tuple(owners)
        self._links = links
        self._ends: dict[Node, Node] = {}

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
        """Whether a test that runs `nodes` may read something that reaches the change in a way that is not seen.

        It has to get at an object with such an attribute, and at code that reads an attribute of that name, or of any,
        from objects that are not known.
        """
        if not any(node in self._around for node in nodes):
            return False
        if len(self._links.uses.computed_readers) > _MOST_READERS:
            return True
        return any(node in self._links.computing or node in self._named for node in nodes)

    @cached_property
    def _around(self) -> Reached:
        """What gets at an object with an attribute that reaches the change: a class's, or a module."""
        return self._links.spread({(path, name.rpartition(".")[0] or "**") for path, name in self._symbols})

    @cached_property
    def _named(self) -> Reached:
        """What reads an attribute of an unknown object with the name of a module's symbol that reaches the change."""
        return self._links.spread(
            {user for node in self._symbols if "." not in node[1] for user in self._links.by_name(node)}
        )

    @cached_property
    def _symbols(self) -> list[Node]:
        """The symbols that reach the change, but for those of files that nothing can import without reaching it."""
        return [
            (path, name)
            for path, name in self.reached
            if name.removesuffix(summary.LATER).replace(".", "").isidentifier() and (path, "") not in self.reached
        ]

    def way(self, start: Node) -> Iterator[Node]:
        """Yield the nodes from `start` to the change."""
        node: Node | None = start
        while node is not None:
            yield node
            node = self.reached[node]

    def end(self, start: Node) -> Node:
        """Return where the way from `start` ends: the node that changed."""
        passed: list[Node] = []
        for node in self.way(start):
            passed.append(node)
            if node in self._ends:
                break
        end = self._ends.get(passed[-1], passed[-1])
        self._ends.update(dict.fromkeys(passed, end))
        return end


def split(nodes: Iterable[Node], links: graph.Graph) -> list[Front]:
    """Return a front for each class with changed methods among the changed `nodes`, and one for the rest."""
    by_class: dict[Node, list[Node]] = {}
    plain: list[Node] = []
    for path, name in nodes:
        owner = name.rpartition(".")[0]
        if owner and not links.is_implicit((path, name)):
            by_class.setdefault((path, owner), []).append((path, name))
        else:
            plain.append((path, name))
    groups = [([owner], members) for owner, members in by_class.items()]
    if len(groups) > _MOST_CLASSES:
        groups = [(list(by_class), [member for members in by_class.values() for member in members])]
    return [Front(plain, (), links), *(Front(members, owners, links) for owners, members in groups)]
