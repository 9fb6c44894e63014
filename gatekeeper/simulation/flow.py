"""Which line can follow which in a trace of Python source, as CPython's tracer tells them.

Conservative: no step that CPython really takes is called impossible. What follows is asked with the line numbers that
are in question, so that a line known by its text alone can be looked for among all that read the same.
"""

import bisect
import collections
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gatekeeper.simulation import flow_graph, flow_scopes

# nodes that one step may pass without being told of: nobody writes so many
_FARTHEST = 1_000


class Position(NamedTuple):
    """Where a call is: on a line of a node."""

    scope: flow_scopes.Scope
    node: flow_graph.Node
    # 1-based; 0 for the module when it is entered
    line: int


class Reach(NamedTuple):
    """What can follow a position."""

    nodes: tuple[flow_graph.Node, ...]
    # the scope can return
    leaves: bool
    # an exception can leave the scope
    escapes: bool


class Left(NamedTuple):
    """How a scope is left; both are True where that cannot be told."""

    line: int
    # with a value, or with what a generator yields
    returns: bool
    # by an exception
    raises: bool


class Flow:
    """The scopes of a source text; graphs are made when they are first asked for."""

    def __init__(self, text: str) -> None:
        """Raise flow_scopes.UnreadableError where the text is not Python."""
        self.scopes = flow_scopes.scopes(flow_scopes.parse(text))
        self._calls: dict[int, list[flow_scopes.Scope]] = {}
        self._resumes: dict[int, list[flow_scopes.Scope]] = {}
        self._starts: dict[flow_scopes.Scope, flow_graph.Node] = {}
        self._nodes: dict[flow_scopes.Scope, list[flow_graph.Node]] = {}
        self._exiting: dict[flow_scopes.Scope, frozenset[int]] = {}
        self._resting: dict[flow_scopes.Scope, dict[int, list[flow_graph.Node]]] = {}
        self._reached: dict[tuple[flow_graph.Node, int, bool], Reach] = {}
        for scope in self.scopes:
            for line in scope.calls:
                self._calls.setdefault(line, []).append(scope)
            for line in scope.resumes:
                self._resumes.setdefault(line, []).append(scope)

    def entered(self, lines: Sequence[int]) -> Iterator[Position]:
        """Yield what a CALL frame on one of these lines can be: a scope's start, or a generator that goes on."""
        for line in lines:
            for scope in self._calls.get(line, ()):
                yield Position(scope, self.start(scope), line)
            for scope in self._resumes.get(line, ()):
                yield from (Position(scope, node, line) for node in self._rests(scope).get(line, ()))

    def followed(self, here: Position, lines: Sequence[int], *, raised: bool) -> Iterator[Position]:
        """Yield what a LINE frame on one of these lines (ascending) can be; `raised`: an exception came up here."""
        for node in self.reach(here, raised=raised).nodes:
            for line in _within(lines, node):
                yield Position(here.scope, node, line)

    def thrown(self, here: Position, lines: Sequence[int]) -> Iterator[Position]:
        """Yield what an EXCEPTION frame on one of these lines can be: the line that runs."""
        if here.node.start:
            # what ran of the scope was stepped over
            lines = _range(lines, here.scope.first, here.scope.last)
            yield from (Position(here.scope, here.node, line) for line in lines)
            return
        for node in (here.node, *self.reach(here, raised=False).nodes):
            if node is here.node or node.holds(here.line):
                for line in _within(lines, node):
                    yield Position(here.scope, node, line)

    def left(self, here: Position, lines: Sequence[int], *, raised: bool) -> Left | None:
        """Return how a RETURN frame on one of these lines leaves the scope; None: it cannot."""
        node, scope = here.node, here.scope
        anywhere, on_it = _range(lines, scope.first, scope.last), _within(lines, node)
        if node.start and not on_it:
            # what ran of the scope was stepped over: either its `def` line is told, or where it returned
            on_it = [line for line in anywhere if line in self._exits(scope)][:1]
        reach = self.reach(here, raised=raised)
        returns = bool(on_it) and (reach.leaves or node.start or node.pauses)
        # the line told is that of the exception where the exit of a `with` let it pass
        raises = bool(anywhere) and reach.escapes
        return Left((*on_it[:1], *anywhere[:1])[0], returns, raises) if returns or raises else None

    def reach(self, here: Position, *, raised: bool) -> Reach:
        """Return what can follow."""
        key = (here.node, here.line, raised)
        if key not in self._reached:
            self._reached[key] = _reach(here.node, here.line, raised=raised)
        return self._reached[key]

    def start(self, scope: flow_scopes.Scope) -> flow_graph.Node:
        """Return the node that a call of the scope is in before anything of it has run."""
        if scope not in self._starts:
            self._starts[scope] = scope.start()
        return self._starts[scope]

    def nodes(self, scope: flow_scopes.Scope) -> list[flow_graph.Node]:
        """Return all nodes of a scope."""
        if scope not in self._nodes:
            found = {self.start(scope): None}
            rest = list(found)
            while rest:
                node = rest.pop()
                new = [one for one in (*node.after, *node.raising) if one not in found]
                found.update(dict.fromkeys(new))
                rest.extend(new)
            self._nodes[scope] = list(found)
        return self._nodes[scope]

    def _exits(self, scope: flow_scopes.Scope) -> frozenset[int]:
        """Return the lines that a scope can return from, or rest at."""
        if scope not in self._exiting:
            exits = (
                node
                for node in self.nodes(scope)
                if node.pauses or self.reach(Position(scope, node, node.first), raised=False).leaves
            )
            self._exiting[scope] = frozenset(line for node in exits for line in range(node.first, node.last + 1))
        return self._exiting[scope]

    def _rests(self, scope: flow_scopes.Scope) -> dict[int, list[flow_graph.Node]]:
        """Return where a generator or coroutine can rest, by line."""
        if scope not in self._resting:
            lines, found = sorted(scope.resumes), self._resting.setdefault(scope, {})
            for node in self.nodes(scope):
                if node.pauses:
                    for line in _within(lines, node):
                        found.setdefault(line, []).append(node)
        return self._resting[scope]


def _reach(node: flow_graph.Node, line: int, *, raised: bool) -> Reach:
    """Walk to what can be told of next, through what may not be: silent nodes, and those on the line that runs."""
    found: dict[flow_graph.Node, None] = {}
    if node.iterates if raised else node.repeats or node.first < node.last:
        found[node] = None
    rest = collections.deque(node.raising if raised else node.after)
    if raised and node.iterates:
        rest += node.after
    while rest and len(found) < _FARTHEST:
        one = rest.popleft()
        if one not in found:
            found[one] = None
            rest += one.after if one.silent or one.holds(line) else ()
    return Reach(tuple(found), flow_graph.LEAVE in found, flow_graph.OUT in found)


def _within(lines: Sequence[int], node: flow_graph.Node) -> Sequence[int]:
    return _range(lines, node.first, node.last)


def _range(lines: Sequence[int], first: int, last: int) -> Sequence[int]:
    """Return those of ascending `lines` from `first` to `last`."""
    return lines[bisect.bisect_left(lines, first) : bisect.bisect_right(lines, last)]
