"""A function's own text -> what it tells of whether its loops, and its calls of itself, come to an end.

The argument for an end is a ranking function (Turing 1949; Floyd 1967): something whole that stays above a bound as
long as the loop goes on, and comes down by at least one on every path back to its head. It is sound where the numbers
are known to be whole, and nobody else can change what is counted or measured; else it suggests an end, no more. That a
loop changes nothing that its condition reads shows that whoever enters it stays, not that somebody enters it.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.halting import basecases, calls, loops, paths, quantities, risk, source, spots, statements, whole
from gatekeeper.impact import scope

# nodes of a function beyond which its text is not looked at
_LARGEST = 20_000
# what cannot raise anything but by what it holds: whoever goes round in it is not thrown out
_QUIET = (
    ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.If, ast.While, ast.Pass, ast.Continue, ast.Name,
    ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.expr_context, ast.operator, ast.unaryop, ast.boolop,
    ast.cmpop, ast.Tuple, ast.BinOp,
)  # fmt: skip
_FAILING = (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift, ast.MatMult)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the text of one function tells."""

    # by line
    rankings: tuple[risk.Ranking, ...] = ()
    # whether each place that may not end does, soundly, and nothing is called that might not
    settled: bool = False
    # whether at least each place is said to end, soundly or not
    suggested: bool = False

    @property
    def against(self) -> risk.Ranking | None:
        """What speaks against an end, the soundest first; None where nothing does."""
        return min((one for one in self.rankings if not one.ends), key=lambda one: not one.sound, default=None)


def tell(suspect: loops.Suspect, known: calls.Calls) -> Told:
    """Return what the text of a suspect tells; nothing of one that is very long."""
    module = known.module(suspect.path)
    assert module is not None, "a suspect's file parses"
    found = of(suspect.function, module)
    return Told(
        rankings=found,
        settled=settles(found, suspect.spots) and _is_closed(suspect.function, known),
        suggested=_cover(found, suspect.spots),
    )


def of(function: source.Function, module: source.Module) -> tuple[risk.Ranking, ...]:
    """Return what the text tells, by line; nothing of places that it does not tell of, or of very long functions."""
    if sum(1 for _ in ast.walk(function.node)) > _LARGEST:
        return ()
    typed = whole.Kinds(function, module)
    found = [*_of_loops(function, typed), *basecases.of(function, typed)]
    return tuple(sorted(found, key=lambda one: one.line))


def settles(found: Sequence[risk.Ranking], places: Sequence[spots.Spot]) -> bool:
    """Whether soundly each of the places ends, of which there is one at least."""
    return _cover([one for one in found if one.sound], places)


def _cover(found: Sequence[risk.Ranking], places: Sequence[spots.Spot]) -> bool:
    ending = {one.line for one in found if one.ends}
    return bool(places) and all(spot.line in ending and spot.cause in _RANKED for spot in places)


def _is_closed(function: source.Function, known: calls.Calls) -> bool:
    """Whether a function calls nothing but itself and what is known to end."""
    made = [node for node in ast.walk(function.node) if isinstance(node, ast.Call)]
    others = [callee for _, callee in known.called(function) if callee != function]
    return not others and all(whole.is_known(call) or any(known.callees(call, function)) for call in made)


_RANKED = frozenset({spots.Cause.WHILE, spots.Cause.GENERATOR, spots.Cause.RECURSION})


def _of_loops(function: source.Function, typed: whole.Kinds) -> Iterator[risk.Ranking]:
    for node in _own(function.node):
        if isinstance(node, ast.While):
            told = _of_while(node, typed, function.node)
            if told is not None:
                yield told


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Yield what is under a function, but for what is in functions and classes there."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _of_while(loop: ast.While, typed: whole.Kinds, function: scope.Function) -> risk.Ranking | None:
    moving = list(_moving(loop, typed))
    for one in sorted(moving, key=lambda quantity: not quantity.sound):
        return risk.Ranking(course=risk.Course.MOVES, line=loop.lineno, what=one.what, sound=one.sound)
    stuck = quantities.stands(loop)
    if stuck is not None:
        return risk.Ranking(course=risk.Course.STANDS, line=stuck[1], what=stuck[0], sound=False)
    return _unchanged(loop, typed, function)


def _moving(loop: ast.While, typed: whole.Kinds) -> Iterator[quantities.Quantity]:
    """Yield the quantities that come down on every path; a loop that is left in every case has none to come down."""
    for condition in _conditions(loop):
        for one in quantities.of(condition, loop, typed):
            if paths.again(loop.body, one.effect) <= {paths.Step.DOWN} and not _hides(loop.test, one):
                yield one


def _conditions(loop: ast.While) -> Iterator[ast.expr]:
    """Yield what must hold for the loop to go on: its condition, and the opposite of what it is left by at once."""
    yield loop.test
    match loop.body[0]:
        case ast.If(
            test=ast.Compare(left=left, ops=[operator], comparators=[right]),
            body=[ast.Break() | ast.Return() | ast.Raise()],
        ) if (turned := _OPPOSITES.get(type(operator))) is not None:
            yield ast.Compare(left=left, ops=[turned()], comparators=[right])
        case ast.If(test=ast.UnaryOp(op=ast.Not(), operand=operand), body=[ast.Break() | ast.Return() | ast.Raise()]):
            yield operand
        case _:
            return


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
}


def _hides(test: ast.expr, one: quantities.Quantity) -> bool:
    """Whether the condition itself sets something that is counted."""
    return any(isinstance(node, ast.NamedExpr) for node in ast.walk(test)) or one.effect(test) is paths.Step.ANY


def _unchanged(loop: ast.While, typed: whole.Kinds, function: scope.Function) -> risk.Ranking | None:
    """Return that nothing in a loop can end it, as far as its text tells; None where something may."""
    if paths.leaves(loop):
        return None
    read = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    body = [node for statement in loop.body for node in ast.walk(statement)]
    opaque = ast.Call | ast.Attribute | ast.Subscript | ast.Await | ast.NamedExpr | ast.comprehension
    if any(isinstance(node, opaque) for node in ast.walk(loop.test)) or _may_change(body, read, function):
        return None
    if any(map(_is_foreign, body)) and not all(map(typed.is_whole, read)):
        # what is called may have the same object
        return None
    endless = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    if not endless and (not read or isinstance(loop.test, ast.Constant)):
        return None
    return risk.Ranking(
        course=risk.Course.NO_WAY_OUT if endless else risk.Course.UNCHANGED,
        line=loop.lineno,
        what=ast.unparse(loop.test)[:100],
        sound=all(isinstance(node, _QUIET) and not isinstance(node, _FAILING) for node in body),
    )


def _is_foreign(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in whole.HARMLESS)


def _may_change(body: Sequence[ast.AST], read: set[str], function: scope.Function) -> bool:
    """Whether something in the body, or another function, may change what the names stand for, or their values."""
    nodes = list(ast.walk(function))
    shared = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    own = {node.arg for node in nodes if isinstance(node, ast.arg)} | statements.stored(function)
    if read & shared or not read <= own:
        return True
    for node in body:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if name in read:
                return True
            case ast.Call() if any(isinstance(part, ast.Name) and part.id in read for part in ast.walk(node)):
                return True
            case ast.Attribute(value=ast.Name(id=name)) | ast.Subscript(value=ast.Name(id=name)) if name in read:
                return True
            case _:
                pass
    return False
