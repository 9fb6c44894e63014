"""Quantities that a loop's condition keeps above a bound, and what each statement does to them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from gatekeeper.halting import lengths, paths, statements, whole

_HALF = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Something whole that the condition keeps above a bound, so that the loop ends if it always comes down."""

    # source text: `high - low`
    what: str
    effect: paths.Effect
    # whether it is whole, and nothing but the statements that are looked at changes it
    sound: bool


def of(condition: ast.expr, loop: ast.While, typed: whole.Kinds) -> Iterator[Quantity]:
    """Yield the quantities that a condition bounds; the loop ends if one of them always comes down."""
    match condition:
        case ast.BoolOp(op=ast.And(), values=parts):
            for part in parts:
                yield from of(part, loop, typed)
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            yield from _compared(left, operator, right, loop, typed)
        case ast.Name(id=name):
            yield from _truth(name, loop, typed)
        case _:
            return


def _compared(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, loop: ast.While, typed: whole.Kinds
) -> Iterator[Quantity]:
    match operator:
        case ast.Lt() | ast.LtE():
            yield from _distance(left, right, loop, typed, strict=isinstance(operator, ast.Lt))
        case ast.Gt() | ast.GtE():
            yield from _distance(right, left, loop, typed, strict=isinstance(operator, ast.Gt))
        case ast.NotEq() if isinstance(left, ast.Name) and _is_zero(right):
            yield from _remainders(left.id, typed)
        case _:
            return


def _distance(
    low: ast.expr, high: ast.expr, loop: ast.While, typed: whole.Kinds, *, strict: bool
) -> Iterator[Quantity]:
    """Yield `high - low`, which is at least 0 where the condition holds."""
    below, above = _terms(low), _terms(high)
    if below is None or above is None or not below | above:
        return
    halves, bound = _middles(loop, low, high), _least(low, strict=strict)

    def effect(node: ast.AST) -> paths.Step:
        return _change(node, below, above, halves, strict=strict, least=bound if isinstance(high, ast.Name) else None)

    whole_ones = all(typed.is_whole(name) for name in _plain(low) | _plain(high))
    lasting = all(typed.keeps_its_length(name, loop) for name in _measured(low) | _measured(high))
    text = f"{ast.unparse(high)} - {ast.unparse(low)}" if not _is_zero(low) else ast.unparse(high)
    yield Quantity(what=text, effect=effect, sound=whole_ones and lasting)
    if isinstance(high, ast.Name) and _is_zero(low) and strict:
        yield from _remainders(high.id, typed)
    if bound is not None and bound >= 1 and (name := _length_of(high)) is not None:
        yield _length(name, loop, typed)


def _truth(name: str, loop: ast.While, typed: whole.Kinds) -> Iterator[Quantity]:
    yield from _remainders(name, typed)
    yield _length(name, loop, typed)


def _remainders(name: str, typed: whole.Kinds) -> Iterator[Quantity]:
    """Yield the magnitude of a number that is replaced by what is left when something is divided by it.

    `x % n` lies between 0 and n, and is not n: Euclid, Elements VII.2.
    """

    def effect(node: ast.AST) -> paths.Step:
        given = dict(statements.assigned(node))
        match given.get(name):
            case ast.BinOp(op=ast.Mod(), right=ast.Name(id=divisor)) if divisor == name:
                return paths.Step.DOWN
            case _:
                return paths.Step.ANY if name in statements.stored(node) else paths.Step.STAY

    yield Quantity(what=f"abs({name})", effect=effect, sound=typed.is_whole(name))


def _length(name: str, loop: ast.While, typed: whole.Kinds) -> Quantity:
    return Quantity(what=f"len({name})", effect=partial(lengths.effect, name), sound=typed.is_alone(name, loop))


def _change(
    node: ast.AST,
    below: set[str],
    above: set[str],
    middles: set[str],
    *,
    strict: bool,
    least: int | None,
) -> paths.Step:
    """Return what a statement does to the distance from `below` to `above`."""
    moved = (below | above) & statements.stored(node)
    if not moved:
        return paths.Step.STAY
    given = dict(statements.assigned(node))
    if moved - given.keys():
        return paths.Step.ANY
    for name in moved:
        up = statements.increase(given[name], name)
        closer = (up is not None and (up >= 1 if name in below else up <= -1)) or (
            name in above and least is not None and _is_divided(given[name], name, least)
        )
        if not (closer or _is_beyond_middle(given[name], middles, low=name in below, strict=strict)):
            return paths.Step.ANY
    return paths.Step.DOWN if not below & above else paths.Step.ANY


def _is_beyond_middle(value: ast.expr, middles: set[str], *, low: bool, strict: bool) -> bool:
    """Whether a bound is set to the middle, or past it, so that the two come closer: `low <= middle < high`."""
    match value:
        case ast.Name(id=name):
            return name in middles and not low and strict
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as sign, right=ast.Constant(value=int(step))):
            by = step if isinstance(sign, ast.Add) else -step
            return name in middles and (by == 1 if low else by == -1)
        case _:
            return False


def stands(loop: ast.While) -> tuple[str, int] | None:
    """Return a bound of a search by halves that is set to the middle where this may be the bound itself, and its line.

    With `low + 1 == high` the middle is `low`, with `low == high` it is both.
    """
    match loop.test:
        case ast.Compare(left=ast.Name() as low, ops=[ast.Lt() | ast.LtE() as sign], comparators=[ast.Name() as high]):
            middles = _middles(loop, low, high)
        case _:
            return None
    stuck = {low.id} if isinstance(sign, ast.Lt) else {low.id, high.id}
    for node in ast.walk(loop):
        for name, value in statements.assigned(node):
            if name in stuck and isinstance(value, ast.Name) and value.id in middles:
                return name, loop.lineno
    return None


def _middles(loop: ast.While, low: ast.expr, high: ast.expr) -> set[str]:
    """Return the names that a loop sets, as the first thing that it does, to the middle of both bounds."""
    forms = {
        f"({ast.unparse(low)} + {ast.unparse(high)}) // 2",
        f"({ast.unparse(high)} + {ast.unparse(low)}) // 2",
        f"{ast.unparse(low)} + ({ast.unparse(high)} - {ast.unparse(low)}) // 2",
        f"{ast.unparse(low)} + {ast.unparse(high)} >> 1",
    }
    set_first = {name for name, value in statements.assigned(loop.body[0]) if ast.unparse(value) in forms}
    again = [name for statement in loop.body[1:] for name in _all_stored(statement)]
    return {name for name in set_first if name not in again}


def _all_stored(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id


def _is_divided(value: ast.expr, name: str, least: int) -> bool:
    """Whether a number that is at least `least` becomes less by being divided."""
    match value:
        case ast.BinOp(left=ast.Name(id=own), op=ast.FloorDiv(), right=ast.Constant(value=int(by))):
            return own == name and by >= _HALF and least >= 1
        case ast.BinOp(left=ast.Name(id=own), op=ast.RShift(), right=ast.Constant(value=int(by))):
            return own == name and by >= 1 and least >= 1
        case ast.BinOp(
            left=ast.Name(id=own),
            op=ast.BitAnd(),
            right=ast.BinOp(left=ast.Name(id=other), op=ast.Sub(), right=ast.Constant(value=1)),
        ):
            return own == other == name and least >= 1
        case _:
            return False


def _least(low: ast.expr, *, strict: bool) -> int | None:
    """Return the least value that the upper side has where the condition holds; None where that is not written."""
    bound = statements.constant(low)
    return None if bound is None else bound + strict


def _is_zero(node: ast.expr) -> bool:
    return statements.constant(node) == 0


def _terms(node: ast.expr) -> set[str] | None:
    """Return the names whose change changes a side of a comparison; None where it is of another form."""
    match node:
        case ast.Constant(value=int()):
            return set()
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())):
            return set()
        case ast.Name(id=name):
            return {name}
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right) if statements.constant(right) is not None:
            return _terms(left)
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name()], keywords=[]):
            return set()
        case _:
            return None


def _plain(node: ast.expr) -> set[str]:
    return _terms(node) or set()


def _length_of(node: ast.expr) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)], keywords=[]):
            return name
        case ast.BinOp(left=left, op=ast.Sub(), right=right) if statements.constant(right) is not None:
            return _length_of(left)
        case _:
            return None


def _measured(node: ast.expr) -> set[str]:
    match node:
        case ast.BinOp(left=left):
            return _measured(left)
        case _:
            name = _length_of(node)
            return set() if name is None else {name}
