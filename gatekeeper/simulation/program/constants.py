"""Expressions that are constants, or compute small ones from others, without running anything."""

import ast
import operator
from collections.abc import Callable
from typing import Any

# of what constants are computed from: characters or bytes of the outcome, an exponent, bits of a number
_LONGEST = 10_000
_HIGHEST_POWER = 100
_MOST_BITS = 256
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def of(node: ast.expr, look: Callable[[ast.expr], object] = lambda _: ...) -> object:
    """Return the constant that an expression is; Ellipsis where it is none, or computes more than small ones.

    `look` gives the constants that names stand for.
    """
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=op, operand=operand):
            return _signed(op, of(operand, look))
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(of(left, look), op, of(right, look))
        case ast.Call(func=ast.Name(id="str" | "float" | "int" as name), args=[item], keywords=[]):
            return _converted(name, of(item, look))
        case _:
            return look(node)


def _signed(op: ast.unaryop, value: object) -> object:
    match op:
        case ast.USub() if isinstance(value, int | float | complex):
            return -value
        case ast.Not() if value is not ...:
            return not value
        case _:
            return ...


def _converted(name: str, value: object) -> object:
    try:
        match name, value:
            case _, bool() | None:
                return ...
            case "str", str() | int() | float():
                return str(value)
            case "float", str() | int() | float():
                return float(value)
            case "int", int() | float():
                return int(value)
    except (ValueError, OverflowError):
        pass
    return ...


def _computed(one: object, op: ast.operator, other: object) -> object:
    if isinstance(one, str | bytes) or isinstance(other, str | bytes):
        return _text(one, op, other)
    function = _OPERATORS.get(type(op))
    if function is None or not _is_small(one) or not _is_small(other):
        return ...
    if isinstance(op, ast.Pow) and not (isinstance(other, int) and abs(other) <= _HIGHEST_POWER):
        return ...
    try:
        return function(one, other)
    except (ArithmeticError, TypeError, ValueError):
        return ...


def _text(one: object, op: ast.operator, other: object) -> object:
    match one, op, other:
        case (str(), ast.Add(), str()) | (bytes(), ast.Add(), bytes()):
            return one + other if len(one) + len(other) <= _LONGEST else ...  # type: ignore[operator, arg-type]
        case (str() | bytes(), ast.Mult(), int()):
            return one * other if len(one) * other <= _LONGEST else ...
        case (int(), ast.Mult(), str() | bytes()):
            return one * other if one * len(other) <= _LONGEST else ...
        case _:
            return ...


def _is_small(value: object) -> bool:
    return isinstance(value, float | complex) or (isinstance(value, int) and value.bit_length() <= _MOST_BITS)
