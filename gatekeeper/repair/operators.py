"""One node of a syntax tree -> the small edits of it that may be what its author meant. Pure.

The likelihoods order the search and are no probabilities: a fault is most often one of comparison, boundary, sign or
condition; a wrong name comes last, since there are many names and one of them often fits a test by chance.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.repair import scope

# the other operators of its kind, likeliest first
_COMPARISONS = {
    "<": ("<=", ">", ">=", "!=", "=="),
    "<=": ("<", ">=", ">", "==", "!="),
    ">": (">=", "<", "<=", "!=", "=="),
    ">=": (">", "<=", "<", "==", "!="),
    "==": ("!=", ">=", "<=", "<", ">", "is", "in"),
    "!=": ("==", "<", ">", "<=", ">=", "is not", "not in"),
    "is": ("is not", "=="),
    "is not": ("is", "!="),
    "in": ("not in", "=="),
    "not in": ("in", "!="),
}
_BINARY = {
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
    "|": ("&", "^", "+"),
    "^": ("&", "|"),
    "@": ("*",),
}
_EXCEPTIONS = (
    "ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "LookupError", "OSError", "Exception",
    "ArithmeticError", "ZeroDivisionError", "OverflowError", "RuntimeError", "StopIteration", "NotImplementedError",
    "ImportError", "UnicodeError", "AssertionError",
)  # fmt: skip
_OPERATOR = re.compile(r"not\s+in|is\s+not|is|in|and|or|<<=?|>>=?|\*\*=?|//=?|[<>=!]=|[-+*/%&|^@]=?|[<>]")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Another text for a part of a file, or for nothing at a place in it."""

    # 1-based line and column in bytes, of UTF-8, of either end
    start: Place
    end: Place
    text: str
    likelihood: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known where a node stands."""

    names: scope.Names
    # the type of exception that ended the test, and whether something was None that should not be
    exception: str
    none: bool
    # what the file says at a place
    lines: Sequence[bytes]

    def between(self, start: Place, end: Place) -> str:
        """Return the text from one place to another."""
        first, last = start[0] - 1, end[0] - 1
        if first == last:
            return self.lines[first][start[1] : end[1]].decode()
        middle = b"".join(self.lines[first + 1 : last])
        return (self.lines[first][start[1] :] + middle + self.lines[last][: end[1]]).decode()

    def of(self, node: ast.expr | ast.stmt) -> str:
        """Return the node's text."""
        return self.between(*ends(node))


def ends(node: ast.expr | ast.stmt | ast.excepthandler | ast.keyword) -> tuple[Place, Place]:
    """Return where the node starts and ends."""
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def edits(node: ast.AST, around: Around) -> Iterator[Edit]:  # noqa: C901, PLR0912 - one arm for each kind
    """Yield the edits of the node itself, not of what is in it."""
    match node:
        case ast.Compare():
            yield from _compared(node, around)
        case ast.BinOp():
            yield from _exchanged(node.left, node.right, _BINARY, around, 0.6)
        case ast.BoolOp():
            yield from _joined(node, around)
        case ast.UnaryOp():
            yield _within(node, around.of(node.operand), 0.7)
        case ast.Constant():
            yield from _constant(node, around)
        case ast.Name(ctx=ast.Load()):
            yield from _named(node, around)
        case ast.Call():
            yield from _called(node, around)
        case ast.Subscript():
            yield from _subscripted(node, around)
        case ast.IfExp():
            yield from _negated(node.test, around)
            yield _within(node, f"{_operand(node.orelse, around)} if {around.of(node.test)} else "
                          f"{_operand(node.body, around)}", 0.3)  # fmt: skip
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            for name in around.names.near(node.lineno):
                yield _within(node, name, 0.25)
        case ast.stmt():
            yield from _stated(node, around)
        case ast.ExceptHandler(type=ast.expr() as caught):
            yield from _raised(caught, around, 0.7)


def _within(node: ast.expr | ast.stmt, text: str, likelihood: float) -> Edit:
    start, end = ends(node)
    return Edit(start=start, end=end, text=text, likelihood=likelihood)


def _operator(left: ast.AST, right: ast.AST, around: Around) -> tuple[Place, Place, str] | None:
    """Return where the operator between two operands stands, and what it reads."""
    assert isinstance(left, ast.expr)
    assert isinstance(right, ast.expr)
    start, end = ends(left)[1], ends(right)[0]
    # on one line: nothing but brackets and blanks can stand beside it
    between = around.between(start, end) if start[0] == end[0] else ""
    found = _OPERATOR.search(between)
    if found is None:
        return None
    first, last = (len(between[:index].encode()) + start[1] for index in found.span())
    return (start[0], first), (start[0], last), " ".join(found[0].split())


def _exchanged(
    left: ast.AST, right: ast.AST, others: Mapping[str, tuple[str, ...]], around: Around, likelihood: float
) -> Iterator[Edit]:
    found = _operator(left, right, around)
    if found is not None:
        start, end, operator = found
        for rank, other in enumerate(others.get(operator, ())):
            yield Edit(start=start, end=end, text=other, likelihood=likelihood / (1 + rank / 3))


def _compared(node: ast.Compare, around: Around) -> Iterator[Edit]:
    operands = [node.left, *node.comparators]
    for left, right in itertools.pairwise(operands):
        yield from _exchanged(left, right, _COMPARISONS, around, 1.0)
    if isinstance(node.comparators[-1], ast.Constant | ast.Name | ast.Call | ast.Attribute):
        last, ordered = node.comparators[-1], isinstance(node.ops[-1], ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq)
        if ordered and not isinstance(last, ast.Constant):
            for change in (" + 1", " - 1"):
                yield _within(last, around.of(last) + change, 0.3)


def _joined(node: ast.BoolOp, around: Around) -> Iterator[Edit]:
    other = {"and": ("or",), "or": ("and",)}
    for left, right in itertools.pairwise(node.values):
        yield from _exchanged(left, right, other, around, 0.9)
    for value in node.values:
        yield from _negated(value, around, 0.5)
    # one condition too many
    for index in range(len(node.values)):
        rest = [around.of(value) for at, value in enumerate(node.values) if at != index]
        if len(rest) == 1:
            yield _within(node, rest[0], 0.3)


def _negated(condition: ast.expr, around: Around, likelihood: float = 0.8) -> Iterator[Edit]:
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        # its operator's opposite is tried anyway
        likelihood /= 2
    yield _within(condition, f"not {_operand(condition, around)}", likelihood)


def _operand(node: ast.expr, around: Around) -> str:
    simple = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant | ast.Compare)
    return around.of(node) if simple else f"({around.of(node)})"


def _constant(node: ast.Constant, around: Around) -> Iterator[Edit]:
    value = node.value
    if value is None:
        for rank, name in enumerate(around.names.near(node.lineno)):
            yield _within(node, name, 0.3 / (1 + rank / 4))
    elif isinstance(value, bool):
        yield _within(node, str(not value), 0.8)
    elif isinstance(value, int) and abs(value) < 10**9:
        others = dict.fromkeys((value - 1, value + 1, 0, 1, -value, 2, value * 10, value // 10))
        for rank, other in enumerate(one for one in others if one != value):
            text = f"({other})" if other < 0 else str(other)
            yield _within(node, text, 0.7 / (1 + rank / 2))
    elif isinstance(value, float):
        for rank, other_value in enumerate((value + 1, value - 1, -value, 0.0)):
            yield _within(node, repr(other_value), 0.4 / (1 + rank))
    elif value == "":
        yield _within(node, '" "', 0.2)


def _named(node: ast.Name, around: Around) -> Iterator[Edit]:
    for rank, name in enumerate(around.names.instead_of(node.id, node.lineno)):
        yield _within(node, name, 0.35 / (1 + rank / 4))
    if around.exception in {"TypeError", "AttributeError"} and node.id in around.names.local:
        yield _within(node, f"{node.id}()", 0.1)


def _called(node: ast.Call, around: Around) -> Iterator[Edit]:
    given = node.args
    for left, right in itertools.pairwise(given):
        if isinstance(left, ast.Starred) or isinstance(right, ast.Starred):
            continue
        (start, _), (_, end) = ends(left), ends(right)
        middle = around.between(ends(left)[1], ends(right)[0])
        yield Edit(start=start, end=end, text=around.of(right) + middle + around.of(left), likelihood=0.6)
    if isinstance(node.func, ast.Name) and node.func.id == "range" and given:
        bound = given[min(len(given), 2) - 1]
        for rank, change in enumerate((" + 1", " - 1")):
            yield _within(bound, _sum(bound, around) + change, 0.8 / (1 + rank / 4))
        if len(given) == 1:
            yield _within(bound, f"1, {around.of(bound)}", 0.4)
    if isinstance(node.func, ast.Name) and (other := {"min": "max", "max": "min", "any": "all", "all": "any"}.get(
        node.func.id)):  # fmt: skip
        yield _within(node.func, other, 0.6)
    if isinstance(node.func, ast.Name | ast.Attribute) and len(given) == 1 and not node.keywords:
        # a call too many
        yield _within(node, around.of(given[0]), 0.15)


def _subscripted(node: ast.Subscript, around: Around) -> Iterator[Edit]:
    bounds = [node.slice.lower, node.slice.upper] if isinstance(node.slice, ast.Slice) else [node.slice]
    for bound in bounds:
        if bound is not None and not isinstance(bound, ast.Constant | ast.UnaryOp | ast.Tuple | ast.Slice):
            for change in (" + 1", " - 1"):
                yield _within(bound, _sum(bound, around) + change, 0.5)


def _sum(node: ast.expr, around: Around) -> str:
    tight = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant | ast.BinOp)
    return around.of(node) if tight else f"({around.of(node)})"


def _raised(node: ast.expr, around: Around, likelihood: float) -> Iterator[Edit]:
    """Yield other exceptions: the one that ended the test, those that the file names, common ones."""
    whole = node.func if isinstance(node, ast.Call) else node
    if not isinstance(whole, ast.Name | ast.Attribute | ast.Tuple):
        return
    named = dict.fromkeys((*([around.exception] if around.exception.isidentifier() else []), *around.names.exceptions,
                           *_EXCEPTIONS))  # fmt: skip
    for rank, name in enumerate(one for one in named if one != around.of(whole)):
        yield _within(whole, name, likelihood / (1 + rank / 6))


def _stated(node: ast.stmt, around: Around) -> Iterator[Edit]:  # noqa: C901, PLR0912 - one arm for each kind
    match node:
        case ast.If() | ast.While() | ast.Assert():
            yield from _negated(node.test, around)
        case ast.Raise(exc=ast.expr() as raised):
            yield from _raised(raised, around, 0.5)
        case ast.Expr(value=ast.Call() | ast.BinOp() | ast.Name() | ast.Attribute() | ast.Subscript() as value):
            yield _within(node, f"return {around.of(value)}", 0.5)
            if around.names.waits:
                yield _within(value, f"await {around.of(value)}", 0.4)
        case ast.Assign(targets=[target], value=value):
            start, end = ends(target)[1], ends(value)[0]
            for rank, operator in enumerate(("+=", "-=")):
                yield Edit(start=start, end=end, text=f" {operator} ", likelihood=0.15 / (1 + rank))
        case ast.AugAssign():
            yield from _augmented(node, around)
        case ast.Return(value=ast.expr() as value):
            if isinstance(value, ast.Compare | ast.Name | ast.Call | ast.BoolOp):
                yield from _negated(value, around, 0.4)
        case ast.Break():
            yield _within(node, "continue", 0.6)
        case ast.Continue():
            yield _within(node, "break", 0.6)
        case _:
            pass
    yield from _guarded(node, around)
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Break | ast.Continue | ast.Raise | ast.Return):
        yield _within(node, "pass", 0.12)


def _augmented(node: ast.AugAssign, around: Around) -> Iterator[Edit]:
    found = _operator(node.target, node.value, around)
    if found is not None:
        start, end, operator = found
        for rank, other in enumerate((*_BINARY.get(operator.removesuffix("="), ()), "")):
            yield Edit(start=start, end=end, text=f"{other}=", likelihood=0.6 / (1 + rank / 3))


def _guarded(node: ast.stmt, around: Around) -> Iterator[Edit]:
    """Yield a check for None of what the statement uses, where something was None."""
    if not around.none or isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return
    at, indent = ends(node)[0], " " * node.col_offset
    parts = [node.test] if isinstance(node, ast.If | ast.While) else [node]
    used = dict.fromkeys(
        part.id for one in parts for part in ast.walk(one)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in around.names.local
    )  # fmt: skip
    for name in used:
        for rank, value in enumerate(("None", name, '""', "[]", "0", "False")):
            text = f"if {name} is None:\n{indent}    return {value}\n{indent}"
            yield Edit(start=at, end=at, text=text, likelihood=0.5 / (1 + rank / 2))
