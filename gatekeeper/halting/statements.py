"""What single statements and expressions say: what they set, to what, and what is evaluated in any case."""

import ast
from collections.abc import Iterable, Iterator


def certain(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is under it that is evaluated whenever it is."""
    yield node
    parts: Iterable[ast.AST]
    match node:
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return
        case ast.BoolOp(values=values):
            parts = values[:1]
        case ast.IfExp(test=test):
            parts = [test]
        case ast.Compare(left=left, comparators=others):
            parts = [left, *others[:1]]
        case _:
            parts = ast.iter_child_nodes(node)
    for part in parts:
        yield from certain(part)


def increase(value: ast.expr, name: str) -> int | None:
    """Return by how much `value` exceeds `name`, as far as a constant tells."""
    match value:
        case ast.BinOp(left=ast.Name(id=own), op=ast.Add() | ast.Sub() as sign, right=other) if own == name:
            by = constant(other)
            return by if by is None or isinstance(sign, ast.Add) else -by
        case ast.BinOp(left=other, op=ast.Add(), right=ast.Name(id=own)) if own == name:
            return constant(other)
        case _:
            return None


def constant(node: ast.expr) -> int | None:
    """Return the whole number that is written; None where it is something else."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
        case _:
            return None


def assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a statement sets, with what to; `n -= 1` sets n to `n - 1`."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name) as own, op=operator, value=value):
            yield name, ast.BinOp(left=ast.Name(id=own.id, ctx=ast.Load()), op=operator, right=value)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            if len(targets) == len(values):
                yield from (
                    (one.id, value) for one, value in zip(targets, values, strict=True) if isinstance(one, ast.Name)
                )
        case _:
            return


def stored(node: ast.AST) -> set[str]:
    """Return the names that are set, or deleted, anywhere in a node."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
