"""Expressions of a tree as source text: what they hold where that can be seen without running anything."""

import ast
import itertools
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gatekeeper.impact import scope
from gatekeeper.simulation.program import needs, project, source

# names that stand for other names, one after another
_MOST_STEPS = 5
# elements of one list
_MOST_ELEMENTS = 10_000
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
_NUMBERS = {f"math.{name}": getattr(math, name) for name in ("nan", "inf", "pi", "e", "tau")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An expression in the scope of a module."""

    path: str
    node: ast.expr
    # as it stands in the file, or written for a value that a call makes
    text: str


class Values:
    """The expressions of one tree."""

    def __init__(self, tree: project.Project, resolver: needs.Resolver) -> None:
        self._tree = tree
        self._resolver = resolver

    def at(self, path: str, node: ast.expr) -> Value:
        """Return the expression `node` of the file `path` with its text."""
        return Value(path=path, node=node, text=_segment(self._tree.module(path).lines, node))

    def assigned(self, value: Value) -> Value:
        """Return what a name of a module was assigned to once, where the value is one; else the value itself."""
        for _ in range(_MOST_STEPS):
            dotted = scope.dotted(value.node)
            found = list(self._resolver.symbols(value.path, dotted)) if dotted else []
            node = _only_value(found[0], found[0].names, dotted) if len(found) == 1 else None
            if node is None or self._tree.module(found[0].path).fillers.get(dotted.rpartition(".")[2]):
                return value
            value = self.at(found[0].path, node)
        return value

    def constant(self, value: Value) -> object:
        """Return the constant that the value is, names looked up; Ellipsis where it is none."""
        return self._constant(value, _MOST_STEPS)

    def _constant(self, value: Value, steps: int) -> object:
        def look(node: ast.expr) -> object:
            inner = self.at(value.path, node)
            meant = self.assigned(inner)
            if meant is not inner and steps:
                return self._constant(meant, steps - 1)
            return _NUMBERS.get(scope.dotted(node), ...)

        return constant(value.node, look)

    def elements(self, value: Value) -> list[Value] | None:
        """Return what iterating over the value gives, in order; None where that is known only when it runs."""
        try:
            found = list(itertools.islice(self._elements(self.assigned(value)), _MOST_ELEMENTS + 1))
        except (_Unknown, RecursionError):
            return None
        return found if len(found) <= _MOST_ELEMENTS else None

    def _elements(self, value: Value) -> Iterator[Value]:
        match value.node:
            case ast.List(elts=items) | ast.Tuple(elts=items):
                for item in items:
                    if isinstance(item, ast.Starred):
                        yield from self._inner(value.path, item.value)
                    else:
                        yield self.at(value.path, item)
            case ast.Dict(keys=keys) if all(keys):
                yield from (self.at(value.path, key) for key in keys if key)
            case ast.Constant(value=str(text)):
                yield from (_written(value.path, ast.Constant(value=letter)) for letter in text)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from self._inner(value.path, left)
                yield from self._inner(value.path, right)
            case ast.Call(keywords=[]) as call:
                yield from self._called(value.path, call)
            case _:
                raise _Unknown

    def _inner(self, path: str, node: ast.expr) -> Iterator[Value]:
        return self._elements(self.assigned(self.at(path, node)))

    def _called(self, path: str, call: ast.Call) -> Iterator[Value]:
        match call:
            case ast.Call(func=ast.Name(id="list" | "tuple" | "iter"), args=[item]):
                yield from self._inner(path, item)
            case ast.Call(func=ast.Name(id="range"), args=[_, *_] as bounds):
                numbers = [constant(item) for item in bounds]
                if len(numbers) > 3 or not all(type(number) is int for number in numbers) or numbers[2:] == [0]:
                    raise _Unknown
                yield from (_written(path, ast.Constant(value=number)) for number in range(*numbers))  # type: ignore[arg-type]
            case ast.Call(func=ast.Name(id="zip"), args=[_, *_] as columns):
                for row in zip(*(self._inner(path, column) for column in columns), strict=False):
                    yield _row(path, row)
            case ast.Call(func=ast.Name(id="enumerate"), args=[item]):
                for number, inner in enumerate(self._inner(path, item)):
                    yield _row(path, (_written(path, ast.Constant(value=number)), inner))
            case ast.Call(func=ast.Attribute(value=table, attr="items" | "keys" | "values" as part), args=[]):
                match self.assigned(self.at(path, table)):
                    case Value(path=where, node=ast.Dict(keys=keys, values=values)) if all(keys):
                        pairs = [
                            (self.at(where, key), self.at(where, item))
                            for key, item in zip(keys, values, strict=True)
                            if key
                        ]
                        yield from (_row(where, pair) if part == "items" else pair[part == "values"] for pair in pairs)
                    case _:
                        raise _Unknown
            case _:
                if scope.dotted(call.func) not in {"itertools.product", "product"} or not call.args:
                    raise _Unknown
                for row in itertools.product(
                    *(list(itertools.islice(self._inner(path, item), 1000)) for item in call.args)
                ):
                    yield _row(path, row)

    def parts(self, value: Value, number: int) -> list[Value] | None:
        """Return the value's elements where it is known to hold `number` of them."""
        if isinstance(value.node, _Row):
            found: list[Value] | None = list(value.node.values)
        else:
            found = self.elements(value)
        return found if found is not None and len(found) == number else None


def _only_value(unit: source.Unit, names: tuple[str, ...], dotted: str) -> ast.expr | None:
    """Return what the unit assigns to the last word of `dotted`, where it does so once, and to that alone."""
    last = dotted.rpartition(".")[2]
    if last not in names:
        return None
    found: list[ast.expr | None] = []
    for node in (node for statement in unit.nodes for node in ast.walk(statement)):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == last:
                found.append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name == last:
                found.append(value)
            case ast.Name(id=name, ctx=ast.Store()) if name == last:
                found.append(None)
    # the name that is assigned to is found by itself once more
    match found:
        case [ast.expr() as value, None]:
            return value
        case _:
            return None


class _Unknown(Exception):  # noqa: N818 - ends a search inside this module
    pass


class _Row(ast.Tuple):
    """A tuple that a call makes of values that stand in the tree."""

    values: tuple[Value, ...]


def _row(path: str, values: tuple[Value, ...]) -> Value:
    node = _Row(elts=[item.node for item in values], ctx=ast.Load())
    node.values = values
    return Value(path=path, node=node, text=f"({', '.join(item.text for item in values)},)")


def _written(path: str, node: ast.Constant) -> Value:
    return Value(path=path, node=node, text=repr(node.value))


def _segment(lines: list[str] | tuple[str, ...], node: ast.expr) -> str:
    """Return the text of an expression, which may span lines, in parentheses where it needs them as an argument."""
    if not hasattr(node, "lineno") or node.end_lineno is None or node.end_col_offset is None:
        return ast.unparse(node)
    taken = [line.encode() for line in lines[node.lineno - 1 : node.end_lineno]]
    taken[-1] = taken[-1][: node.end_col_offset]
    taken[0] = taken[0][node.col_offset :]
    text = b"\n".join(taken).decode()
    bare = isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Tuple) and not text.startswith("(")
    return f"({text})" if bare else text


def constant(node: ast.expr, look: Callable[[ast.expr], object] = lambda _: ...) -> object:
    """Return the constant that an expression is; Ellipsis where it is none, or computes more than small ones.

    `look` gives the constants that names stand for.
    """
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=op, operand=operand):
            return _signed(op, constant(operand, look))
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(constant(left, look), op, constant(right, look))
        case ast.Call(func=ast.Name(id="str" | "float" | "int" as name), args=[item], keywords=[]):
            return _converted(name, constant(item, look))
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
