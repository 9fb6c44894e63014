"""One expression of a syntax tree -> the small edits of it that may be what its author meant. Pure."""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping

from gatekeeper.repair.edit import Around, Edit, Kind, Place, ends, within

# the other operators of its kind, likeliest first
_COMPARISONS = {
    "<": ("<=", ">", ">=", "!=", "=="),
    "<=": ("<", ">=", ">", "==", "!="),
    ">": (">=", "<", "<=", "!=", "=="),
    ">=": (">", "<=", "<", "==", "!="),
    "==": ("!=", ">=", "<=", "<", ">", "is", "in"),
    "!=": ("==", "<", ">", "<=", ">=", "is not", "not in"),
    "is": ("is not", "=="),
    "is not": ("is", "!=", "<"),
    "in": ("not in", "=="),
    "not in": ("in", "!="),
}
_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "==", "is": "is not", "is not": "is",
             "in": "not in", "not in": "in"}  # fmt: skip
BINARY = {
    "+": ("-", "*"),
    "-": ("+", "*", "/", "%"),
    "*": ("/", "+", "**", "//", "-"),
    "/": ("//", "*", "-", "+"),
    "//": ("/", "%", "*"),
    "%": ("//", "/", "*", "+"),
    "**": ("*",),
    "<<": (">>",),
    ">>": ("<<",),
    "&": ("|", "^"),
    "|": ("&", "^", "+", "/"),
    "^": ("&", "|"),
    "@": ("*",),
}
_ALIKE = {"min": "max", "max": "min", "any": "all", "all": "any", "append": "extend", "extend": "append"}
_OPERATOR = re.compile(r"not\s+in|is\s+not|is|in|and|or|<<=?|>>=?|\*\*=?|//=?|[<>=!]=|[-+*/%&|^@]=?|[<>]")


def edits(node: ast.expr, around: Around) -> Iterator[Edit]:  # noqa: C901 - one arm for each kind
    """Yield the edits of the expression itself, not of what is in it."""
    match node:
        case ast.Compare():
            yield from _compared(node, around)
        case ast.BinOp():
            yield from exchanged(node.left, node.right, BINARY, around, Kind.ARITHMETIC)
            yield from _turned(node, around)
        case ast.BoolOp():
            yield from _joined(node, around)
        case ast.UnaryOp():
            yield within(node, around.of(node.operand), Kind.NEGATION)
        case ast.Constant():
            yield from _constant(node, around)
        case ast.Name(ctx=ast.Load()):
            yield from _named(node, around)
        case ast.Call():
            yield from _called(node, around)
        case ast.Subscript():
            yield from _subscripted(node, around)
        case ast.IfExp():
            yield from negated(node.test, around)
            yield within(node, f"{_operand(node.orelse, around)} if {around.of(node.test)} else "
                         f"{_operand(node.body, around)}", Kind.ORDER, 0.5)  # fmt: skip
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            for rank, name in enumerate(around.names.near(node.lineno)):
                yield within(node, name, Kind.VALUE, 1 / (1 + rank / 4))


def exchanged(
    left: ast.expr, right: ast.expr, others: Mapping[str, tuple[str, ...]], around: Around, kind: Kind
) -> Iterator[Edit]:
    """Yield the edits of the operator between two operands."""
    found = operator(left, right, around)
    if found is not None:
        start, end, there = found
        for rank, other in enumerate(others.get(there, ())):
            yield Edit(start=start, end=end, text=other, kind=kind, share=1 / (1 + rank / 4))


def operator(left: ast.expr, right: ast.expr, around: Around) -> tuple[Place, Place, str] | None:
    """Return where the operator between two operands stands, and what it reads."""
    start, end = ends(left)[1], ends(right)[0]
    # on one line: nothing but brackets and blanks can stand beside it
    between = around.between(start, end) if start[0] == end[0] else ""
    found = _OPERATOR.search(between)
    if found is None:
        return None
    first, last = (len(between[:index].encode()) + start[1] for index in found.span())
    return (start[0], first), (start[0], last), " ".join(found[0].split())


def negated(condition: ast.expr, around: Around, share: float = 1.0) -> Iterator[Edit]:
    """Yield the edit that negates a condition, where that is not what another edit does."""
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        # its operator's opposite says so
        return
    yield within(condition, f"not {_operand(condition, around)}", Kind.NEGATION, share)


def _operand(node: ast.expr, around: Around) -> str:
    simple = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant | ast.Compare)
    return around.of(node) if simple else f"({around.of(node)})"


def _compared(node: ast.Compare, around: Around) -> Iterator[Edit]:
    for left, right in itertools.pairwise([node.left, *node.comparators]):
        for one in exchanged(left, right, _COMPARISONS, around, Kind.COMPARISON):
            # it would say no more than that the `not` before it is too many
            if id(node) not in around.negated or one.text != _OPPOSITE.get(_between(one, around)):
                yield one
    last, ordered = node.comparators[-1], isinstance(node.ops[-1], ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq)
    if ordered and isinstance(last, ast.Name | ast.Call | ast.Attribute):
        for change in (" + 1", " - 1"):
            yield within(last, around.of(last) + change, Kind.BOUNDARY, 0.4)


def _between(one: Edit, around: Around) -> str:
    return " ".join(around.between(one.start, one.end).split())


def _turned(node: ast.BinOp, around: Around) -> Iterator[Edit]:
    """Yield the operands in the other order, where the order matters."""
    found = operator(node.left, node.right, around)
    if found is not None and isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow):
        (start, _), (_, end) = ends(node.left), ends(node.right)
        middle = around.between(ends(node.left)[1], ends(node.right)[0])
        if "(" not in middle and ")" not in middle:
            text = _operand(node.right, around) + middle + _operand(node.left, around)
            yield Edit(start=start, end=end, text=text, kind=Kind.ORDER, share=0.5)


def _joined(node: ast.BoolOp, around: Around) -> Iterator[Edit]:
    other = {"and": ("or",), "or": ("and",)}
    for left, right in itertools.pairwise(node.values):
        yield from exchanged(left, right, other, around, Kind.JUNCTION)
    for value in node.values:
        yield from negated(value, around, 0.6)
    # one condition too many
    for index in range(len(node.values)):
        rest = [around.of(value) for at, value in enumerate(node.values) if at != index]
        if len(rest) == 1:
            yield within(node, rest[0], Kind.JUNCTION, 0.3)


def _constant(node: ast.Constant, around: Around) -> Iterator[Edit]:
    value = node.value
    if value is None:
        for rank, text in enumerate(_values(around, node.lineno)):
            yield within(node, text, Kind.VALUE, 1 / (1 + rank / 4))
    elif isinstance(value, bool):
        yield within(node, str(not value), Kind.TRUTH)
    elif isinstance(value, int) and abs(value) < 10**9:
        others = dict.fromkeys((value - 1, value + 1, 0, 1, -value, 2, value * 10, value // 10))
        for rank, other in enumerate(one for one in others if one != value):
            yield within(node, f"({other})" if other < 0 else str(other), Kind.NUMBER, 1 / (1 + 0.6 * rank))
    elif isinstance(value, float):
        for rank, other_value in enumerate((value + 1, value - 1, -value, 0.0)):
            yield within(node, repr(other_value), Kind.NUMBER, 0.5 / (1 + rank))
    elif value == "":
        yield within(node, '" "', Kind.VALUE, 0.6)


def _values(around: Around, line: int) -> Iterator[str]:
    """Yield what may stand where nothing does: names, what else the function returns, plain values."""
    near = around.names.near(line)
    yield from dict.fromkeys((*near[:3], *around.names.returned, *around.names.parts, *near[3:], "True", "False", *(
        f"{function}({name})" for function in ("list", "iter", "len", "tuple", "not ") for name in near[:2]
    ), "0", "[]", '""', "{}"))  # fmt: skip


def _named(node: ast.Name, around: Around) -> Iterator[Edit]:
    for rank, name in enumerate(around.names.instead_of(node.id, node.lineno)):
        yield within(node, name, Kind.NAME, 1 / (1 + rank / 4))
    if around.exception in {"TypeError", "AttributeError"} and node.id in around.names.local:
        yield within(node, f"{node.id}()", Kind.NAME, 0.3)


def _called(node: ast.Call, around: Around) -> Iterator[Edit]:
    given = node.args
    for left, right in itertools.pairwise(given):
        if isinstance(left, ast.Starred) or isinstance(right, ast.Starred):
            continue
        (start, _), (_, end) = ends(left), ends(right)
        middle = around.between(ends(left)[1], ends(right)[0])
        yield Edit(start=start, end=end, text=around.of(right) + middle + around.of(left), kind=Kind.ORDER)
    if isinstance(node.func, ast.Name) and node.func.id == "range" and given:
        bound = given[min(len(given), 2) - 1]
        for rank, change in enumerate((" + 1", " - 1")):
            yield within(bound, _sum(bound, around) + change, Kind.BOUNDARY, 1 / (1 + rank / 4))
        if len(given) == 1:
            yield within(bound, f"1, {around.of(bound)}", Kind.BOUNDARY, 0.5)
    yield from _another(node.func)
    if isinstance(node.func, ast.Name | ast.Attribute) and len(given) == 1 and not node.keywords:
        yield within(node, around.of(given[0]), Kind.SURPLUS)


def _another(function: ast.expr) -> Iterator[Edit]:
    match function:
        case ast.Name(id=name) if name in _ALIKE:
            yield within(function, _ALIKE[name], Kind.FUNCTION)
        case ast.Attribute(attr=name) if name in _ALIKE:
            (_, end) = ends(function)
            start = (end[0], end[1] - len(name.encode()))
            yield Edit(start=start, end=end, text=_ALIKE[name], kind=Kind.FUNCTION, share=0.5)


def _subscripted(node: ast.Subscript, around: Around) -> Iterator[Edit]:
    bounds = [node.slice.lower, node.slice.upper] if isinstance(node.slice, ast.Slice) else [node.slice]
    for bound in bounds:
        if bound is not None and not isinstance(bound, ast.Constant | ast.UnaryOp | ast.Tuple | ast.Slice):
            for change in (" + 1", " - 1"):
                yield within(bound, _sum(bound, around) + change, Kind.BOUNDARY, 0.6)


def _sum(node: ast.expr, around: Around) -> str:
    tight = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant | ast.BinOp)
    return around.of(node) if tight else f"({around.of(node)})"
