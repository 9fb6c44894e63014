"""Expressions of a tree as source text: what they hold where that can be seen without running anything."""

import ast
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.impact import scope
from gatekeeper.simulation.program import constants, needs, project, source

# names that stand for other names, one after another
_MOST_STEPS = 5
# elements of one list
_MOST_ELEMENTS = 10_000
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

        return constants.of(value.node, look)

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
        arguments = [self.at(path, item) for item in call.args]
        match call.func, arguments:
            case ast.Name(id="list" | "tuple" | "iter"), [item]:
                yield from self._elements(self.assigned(item))
            case ast.Name(id="range"), [_, *_]:
                yield from (_written(path, ast.Constant(value=number)) for number in self._range(arguments))
            case ast.Name(id="zip"), [_, *_]:
                yield from (_row(path, row) for row in zip(*map(self._column, arguments), strict=False))
            case ast.Name(id="enumerate"), [item]:
                for number, inner in enumerate(self._column(item)):
                    yield _row(path, (_written(path, ast.Constant(value=number)), inner))
            case ast.Attribute(value=table, attr="items" | "keys" | "values" as part), []:
                yield from self._of_table(self.assigned(self.at(path, table)), part)
            case _, [_, *_] if scope.dotted(call.func) in {"itertools.product", "product"}:
                yield from (_row(path, row) for row in itertools.product(*map(self._column, arguments)))
            case _:
                raise _Unknown

    def _column(self, value: Value) -> Iterator[Value]:
        return itertools.islice(self._elements(self.assigned(value)), _MOST_ELEMENTS)

    def _range(self, bounds: list[Value]) -> range:
        numbers = [number for item in bounds if isinstance(number := self.constant(item), int)]
        if len(numbers) < len(bounds):
            raise _Unknown
        try:
            return range(*numbers)
        except (TypeError, ValueError):
            raise _Unknown from None

    def _of_table(self, table: Value, part: str) -> Iterator[Value]:
        match table.node:
            case ast.Dict(keys=keys, values=items) if all(keys):
                for key, item in zip(keys, items, strict=True):
                    pair = (self.at(table.path, key or item), self.at(table.path, item))
                    yield _row(table.path, pair) if part == "items" else pair[part == "values"]
            case _:
                raise _Unknown

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


def _segment(lines: Sequence[str], node: ast.expr) -> str:
    """Return the text of an expression, which may span lines, in parentheses where it needs them as an argument."""
    if not hasattr(node, "lineno") or node.end_lineno is None or node.end_col_offset is None:
        return ast.unparse(node)
    taken = [line.encode() for line in lines[node.lineno - 1 : node.end_lineno]]
    taken[-1] = taken[-1][: node.end_col_offset]
    taken[0] = taken[0][node.col_offset :]
    text = b"\n".join(taken).decode()
    bare = isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Tuple) and not text.startswith("(")
    return f"({text})" if bare else text
