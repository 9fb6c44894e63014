"""A function's body -> whether there is a way through it that does not come by some call."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gatekeeper.halting import statements


def is_avoidable(body: Sequence[ast.stmt], is_met: Callable[[ast.AST], bool]) -> bool:
    """Whether a function can be left, also at its end, without coming by a node of which `is_met` holds."""
    through = _through(body, is_met)
    return through.leaves or through.falls


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """Whether some statements can be passed without coming by such a node."""

    # out of the function
    leaves: bool
    # to what comes next
    falls: bool


_ON = _Ways(leaves=False, falls=True)
_NEITHER = _Ways(leaves=False, falls=False)
_OUT = _Ways(leaves=True, falls=False)


def _through(body: Sequence[ast.stmt], is_met: Callable[[ast.AST], bool]) -> _Ways:
    leaves = False
    for statement in body:
        way = _past(statement, is_met)
        leaves |= way.leaves
        if not way.falls:
            return _Ways(leaves=leaves, falls=False)
    return _Ways(leaves=leaves, falls=True)


def _past(statement: ast.stmt, is_met: Callable[[ast.AST], bool]) -> _Ways:  # noqa: C901, PLR0911 - one arm for each
    def meets(node: ast.AST | None) -> bool:
        return node is not None and any(is_met(part) for part in statements.certain(node))

    match statement:
        case ast.Return() | ast.Raise():
            return _NEITHER if meets(statement) else _OUT
        case ast.If(test=test, body=body, orelse=other):
            return _NEITHER if meets(test) else _either(_through(body, is_met), _through(other, is_met))
        case ast.For(iter=first, body=body) | ast.AsyncFor(iter=first, body=body):
            return _NEITHER if meets(first) else _either(_ON, _through(body, is_met))
        case ast.While(test=test, body=body):
            return _NEITHER if meets(test) else _either(_ON, _through(body, is_met))
        case ast.Try(body=body, handlers=handlers) | ast.TryStar(body=body, handlers=handlers):
            return _either(_through(body, is_met), *(_through(one.body, is_met) for one in handlers))
        case ast.With(items=items, body=body):
            return _NEITHER if any(map(meets, items)) else _through(body, is_met)
        case ast.Match(subject=subject, cases=cases):
            return _NEITHER if meets(subject) else _either(_ON, *(_through(one.body, is_met) for one in cases))
        case ast.Break() | ast.Continue():
            return _ON
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return _ON
        case ast.Assert():
            return _Ways(leaves=True, falls=True)
        case _:
            return _NEITHER if meets(statement) else _ON


def _either(*ways: _Ways) -> _Ways:
    return _Ways(leaves=any(way.leaves for way in ways), falls=any(way.falls for way in ways))
