"""One statement of a syntax tree -> the small edits of it that may be what its author meant. Pure."""

import ast
from collections.abc import Iterator

from gatekeeper.repair import operators
from gatekeeper.repair.edit import Around, Edit, Kind, ends, within

_EXCEPTIONS = (
    "ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "LookupError", "OSError", "Exception",
    "ArithmeticError", "ZeroDivisionError", "OverflowError", "RuntimeError", "StopIteration", "NotImplementedError",
    "ImportError", "UnicodeError", "AssertionError",
)  # fmt: skip


def edits(node: ast.AST, around: Around) -> Iterator[Edit]:
    """Yield the edits of the statement or the handler itself; those of an expression are `operators`'."""
    match node:
        case ast.expr():
            yield from operators.edits(node, around)
        case ast.ExceptHandler(type=ast.expr() as caught):
            yield from _caught(caught, around)
        case ast.stmt():
            yield from _stated(node, around)
            yield from _guarded(node, around)
            if isinstance(
                node, ast.Expr | ast.Assign | ast.AugAssign | ast.Break | ast.Continue | ast.Raise | ast.Return
            ):
                yield within(node, "pass", Kind.SURPLUS, 0.8)


def _stated(node: ast.stmt, around: Around) -> Iterator[Edit]:  # noqa: C901 - one arm for each kind
    match node:
        case ast.If() | ast.While() | ast.Assert():
            yield from operators.negated(node.test, around)
        case ast.Raise(exc=ast.expr() as raised):
            yield from _raised(raised, around, 0.7)
        case ast.Expr(value=ast.Call() | ast.BinOp() | ast.Name() | ast.Attribute() | ast.Subscript() as value):
            yield within(node, f"return {around.of(value)}", Kind.RETURN)
            if around.names.waits:
                yield within(value, f"await {around.of(value)}", Kind.RETURN, 0.8)
        case ast.Assign(targets=[target], value=value):
            start, end = ends(target)[1], ends(value)[0]
            for rank, operator in enumerate(("+=", "-=")):
                yield Edit(start=start, end=end, text=f" {operator} ", kind=Kind.ASSIGNMENT, share=0.3 / (1 + rank))
        case ast.AugAssign():
            yield from _augmented(node, around)
        case ast.Return(value=ast.Compare() | ast.Name() | ast.Call() | ast.BoolOp() as returned):
            yield from operators.negated(returned, around, 0.5)
        case ast.Break():
            yield within(node, "continue", Kind.JUMP)
        case ast.Continue():
            yield within(node, "break", Kind.JUMP)
        case _:
            pass


def _caught(node: ast.expr, around: Around) -> Iterator[Edit]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    for part in parts:
        yield from _raised(part, around, 1.0)


def _raised(node: ast.expr, around: Around, share: float) -> Iterator[Edit]:
    """Yield other exceptions: the one that ended the test, those that the file names, common ones."""
    whole = node.func if isinstance(node, ast.Call) else node
    if not isinstance(whole, ast.Name | ast.Attribute | ast.Tuple):
        return
    named = dict.fromkeys((*([around.exception] if around.exception.isidentifier() else []), *around.names.exceptions,
                           *_EXCEPTIONS))  # fmt: skip
    for rank, name in enumerate(one for one in named if one != around.of(whole)):
        yield within(whole, name, Kind.EXCEPTION, share / (1 + rank / 6))


def _augmented(node: ast.AugAssign, around: Around) -> Iterator[Edit]:
    found = operators.operator(node.target, node.value, around)
    if found is not None:
        start, end, operator = found
        for rank, other in enumerate((*operators.BINARY.get(operator.removesuffix("="), ()), "")):
            yield Edit(start=start, end=end, text=f"{other}=", kind=Kind.ASSIGNMENT, share=1 / (1 + rank / 3))


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
            yield Edit(start=at, end=at, text=text, kind=Kind.GUARD, share=1 / (1 + rank / 2))
