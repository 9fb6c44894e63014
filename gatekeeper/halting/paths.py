"""What a quantity does on the ways through the body of a loop that come back to its head."""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Step(Enum):
    """What one statement, or all of a way, does to a quantity."""

    # it comes down by at least one
    DOWN = auto()
    STAY = auto()
    # nobody knows
    ANY = auto()


# what a statement without statements in it, or an expression, does
Effect = Callable[[ast.AST], Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    """What the quantity did: on ways that go on after the statements, and on ways that go back to the loop's head."""

    falls: frozenset[Step]
    again: frozenset[Step]


_NOTHING = _Flow(falls=frozenset({Step.STAY}), again=frozenset())
_GONE = _Flow(falls=frozenset(), again=frozenset())


def again(body: Sequence[ast.stmt], effect: Effect) -> frozenset[Step]:
    """Return what the quantity may have done when the loop's head is reached again; empty: it never is."""
    flow = _sequence(body, effect)
    return flow.falls | flow.again


def _sequence(body: Iterable[ast.stmt], effect: Effect) -> _Flow:
    flow = _NOTHING
    for statement in body:
        after = _statement(statement, effect)
        flow = _Flow(falls=_both(flow.falls, after.falls), again=flow.again | _both(flow.falls, after.again))
    return flow


def _both(first: frozenset[Step], then: frozenset[Step]) -> frozenset[Step]:
    return frozenset(_added(one, other) for one in first for other in then)


def _added(one: Step, other: Step) -> Step:
    if Step.ANY in {one, other}:
        return Step.ANY
    return Step.DOWN if Step.DOWN in {one, other} else Step.STAY


def _statement(statement: ast.stmt, effect: Effect) -> _Flow:  # noqa: PLR0911 - one arm for each form
    match statement:
        case ast.Return() | ast.Raise() | ast.Break():
            return _GONE
        case ast.Continue():
            return _Flow(falls=frozenset(), again=frozenset({Step.STAY}))
        case ast.If(test=test, body=body, orelse=other):
            return _after(effect(test), _either(_sequence(body, effect), _sequence(other, effect)))
        case ast.Match(subject=subject, cases=cases):
            flows = [_sequence(case.body, effect) for case in cases]
            return _after(effect(subject), _either(_NOTHING, *flows))
        case ast.For() | ast.AsyncFor() | ast.While():
            return _Flow(falls=_some(statement, effect), again=frozenset())
        case ast.Try() | ast.TryStar() | ast.With() | ast.AsyncWith():
            # may be left after any of its statements
            some = _some(statement, effect)
            return _Flow(falls=some, again=some if any(_continues(statement)) else frozenset())
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return _NOTHING
        case _:
            return _Flow(falls=frozenset({effect(statement)}), again=frozenset())


def _either(*flows: _Flow) -> _Flow:
    falls = frozenset(step for flow in flows for step in flow.falls)
    return _Flow(falls=falls, again=frozenset(step for flow in flows for step in flow.again))


def _after(step: Step, flow: _Flow) -> _Flow:
    first = frozenset({step})
    return _Flow(falls=_both(first, flow.falls), again=_both(first, flow.again))


def _some(statement: ast.stmt, effect: Effect) -> frozenset[Step]:
    """Return what any number of the parts of a statement may do."""
    return frozenset({Step.STAY, *map(effect, _parts(statement))})


def _parts(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the statements without statements in them, and the expressions, within a compound statement."""
    for node in ast.iter_child_nodes(statement):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case ast.stmt() if any(isinstance(part, ast.stmt) for part in ast.iter_child_nodes(node)):
                yield from _parts(node)
            case ast.ExceptHandler() | ast.match_case() | ast.withitem():
                yield from _inside(node)
            case _:
                yield node


def _inside(node: ast.ExceptHandler | ast.match_case | ast.withitem) -> Iterator[ast.AST]:
    match node:
        case ast.withitem():
            yield node
        case ast.ExceptHandler(body=body) | ast.match_case(body=body):
            for statement in body:
                yield from _parts(ast.If(test=ast.Constant(value=True), body=[statement], orelse=[]))


def _continues(statement: ast.stmt) -> Iterator[bool]:
    yield from (isinstance(node, ast.Continue) for node in ast.walk(statement))


def leaves(loop: ast.While | ast.For | ast.AsyncFor) -> bool:
    """Whether a statement in the loop's body leaves the loop, or lets somebody outside decide: yields or awaits."""
    return any(_leaving(loop.body, inner=False)) or _waits(loop)


def _leaving(body: Iterable[ast.AST], *, inner: bool) -> Iterator[bool]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                pass
            case ast.Return() | ast.Raise() | ast.Assert():
                yield True
            case ast.Break():
                yield not inner
            case ast.For() | ast.AsyncFor() | ast.While():
                yield from _leaving(node.body, inner=True)
                yield from _leaving(node.orelse, inner=inner)
            case _:
                yield from _leaving(ast.iter_child_nodes(node), inner=inner)


def _waits(loop: ast.AST) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in ast.walk(loop))
