"""The places in a function that may not end."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.halting import calls, patterns, source, waits
from gatekeeper.impact import scope


class Cause(StrEnum):
    """What may not end; the likeliest to be asked about first."""

    WHILE = "a while loop"
    FOR = "a for loop over something without an evident end"
    RECURSION = "recursion"
    MUTUAL = "mutual recursion"
    GENERATOR = "a generator without an evident end"
    WAIT = "a wait without a time limit"
    REGEX = "a regular expression that may backtrack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One such place."""

    cause: Cause
    # 1-based
    line: int


_ENDLESS = frozenset({"itertools.count", "itertools.cycle"})
# end only if some argument does, or as soon as one does
_ANY = frozenset({"enumerate", "filter", "iter", "reversed", "itertools.chain", "itertools.dropwhile"})
_ANY |= {"itertools.accumulate", "itertools.takewhile", "itertools.filterfalse", "itertools.starmap"}
_ALL = frozenset({"zip", "map"})
# go through all of what they are given
_CONSUMERS = frozenset({"list", "tuple", "set", "frozenset", "dict", "sum", "min", "max", "sorted", "any", "all"})
_CONSUMERS |= {"next", "collections.deque", "deque"}
_GROWING = frozenset({"append", "extend", "insert"})
_SENTINEL = 2


class Spots:
    """Finds the places, with what is known of the tree's functions."""

    def __init__(self, known: calls.Calls) -> None:
        """Follow names with `known`."""
        self._calls = known

    def of(self, function: source.Function) -> tuple[Spot, ...]:
        """Return the places in a function, one for each cause and line, by cause and line."""
        module = self._calls.module(function.path)
        assert module is not None, "a function's own file parses"
        found = set(self._loops(function, module))
        found |= {Spot(cause=Cause.REGEX, line=line) for line in patterns.lines(function.node, module)}
        found |= {Spot(cause=Cause.WAIT, line=line) for line in waits.lines(function.node, module)}
        again = self._calls.returns(function)
        if again is not None:
            found.add(Spot(cause=Cause.RECURSION if again[1] else Cause.MUTUAL, line=again[0]))
        order = list(Cause)
        return tuple(sorted(found, key=lambda spot: (order.index(spot.cause), spot.line)))

    def _loops(self, function: source.Function, module: source.Module) -> Iterator[Spot]:
        endless = _Endless(self._calls, function, module)
        for node in ast.walk(function.node):
            match node:
                case ast.While():
                    yield Spot(cause=Cause.WHILE, line=node.lineno)
                case ast.AsyncFor():
                    yield Spot(cause=Cause.FOR, line=node.lineno)
                case ast.For() if endless.is_endless(node.iter) or _grows(node):
                    yield Spot(cause=Cause.FOR, line=node.lineno)
                case ast.comprehension() if endless.is_endless(node.iter):
                    yield Spot(cause=Cause.FOR, line=node.iter.lineno)
                case ast.Call() if endless.consumes(node):
                    yield Spot(cause=Cause.FOR, line=node.lineno)
                case _:
                    pass
        for line in endless.yields(function.node):
            yield Spot(cause=Cause.GENERATOR, line=line)


class _Endless:
    """Tells of expressions in one function whether iterating over them evidently, or possibly, has no end."""

    def __init__(self, known: calls.Calls, function: source.Function, module: source.Module) -> None:
        self._calls, self._function, self._module = known, function, module
        self._names: set[str] = set()
        # twice: a name may be set to what another holds
        for _ in range(2):
            for node in ast.walk(function.node):
                if isinstance(node, ast.Assign) and self.is_endless(node.value):
                    self._names |= {target.id for target in node.targets if isinstance(target, ast.Name)}

    def is_endless(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self._names
            case ast.GeneratorExp(generators=parts):
                return any(self.is_endless(part.iter) for part in parts)
            case ast.Call():
                return self._called(node)
            case _:
                return False

    def yields(self, node: scope.Function) -> Iterator[int]:
        """Yield the 1-based lines of loops without an evident end in which a generator yields, and such `yield from`s.

        One that yields while it goes over what it is given ends with that.
        """
        for part in _scope(node):
            match part:
                case ast.YieldFrom() if self.is_endless(part.value):
                    yield part.lineno
                case ast.While() | ast.AsyncFor() if _has_yield(part):
                    yield part.lineno
                case ast.For() if self.is_endless(part.iter) and _has_yield(part):
                    yield part.lineno
                case _:
                    pass

    def consumes(self, node: ast.Call) -> bool:
        """Whether a call goes through all of something without an end."""
        if self._module.meaning(node.func) not in _CONSUMERS or not node.args:
            return False
        # the generator expression itself is a place already
        return not isinstance(node.args[0], ast.GeneratorExp) and self.is_endless(node.args[0])

    def _called(self, node: ast.Call) -> bool:
        name, given = self._module.meaning(node.func), node.args
        if name in _ENDLESS or (name == "iter" and len(given) == _SENTINEL):
            return True
        if name == "itertools.repeat":
            return len(given) == 1 and not node.keywords
        if name in _ANY:
            return any(self.is_endless(argument) for argument in given)
        if name in _ALL:
            iterated = given[1:] if name == "map" else given
            return bool(iterated) and all(self.is_endless(argument) for argument in iterated)
        return any(_is_long(callee) for callee in self._calls.callees(node, self._function))


def _is_long(function: source.Function) -> bool:
    """Whether a function is a generator that may go on by itself, not by what it goes over."""
    return any(isinstance(node, ast.While) and _has_yield(node) for node in _scope(function.node))


def _has_yield(loop: ast.While | ast.For | ast.AsyncFor) -> bool:
    inside = (inner for statement in loop.body for inner in _scope(statement))
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in inside)


def _scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is under it, but for what belongs to functions and classes under it."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        inside = scope.Function | ast.Lambda | ast.ClassDef
        waiting.extend(child for child in ast.iter_child_nodes(part) if not isinstance(child, inside))


def _grows(node: ast.For) -> bool:
    """Whether the body of a loop makes longer what the loop goes over."""
    over = scope.dotted(node.iter)
    if not over:
        return False
    for part in (inner for statement in node.body for inner in ast.walk(statement)):
        match part:
            case ast.Call(func=ast.Attribute(value=value, attr=name)):
                grown = name in _GROWING and scope.dotted(value) == over
            case ast.AugAssign(target=target):
                grown = scope.dotted(target) == over
            case _:
                grown = False
        if grown:
            return True
    return False
