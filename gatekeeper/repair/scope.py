"""The names that a place in a file knows. Pure."""

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

# names that are tried in the place of another one
MOST = 6
# characters of a returned expression that is tried elsewhere
SHORT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What can be named in a function, or at the top of a module."""

    # parameters and variables -> the 1-based line that binds them first
    local: dict[str, int]
    # classes of exceptions that the file names
    exceptions: tuple[str, ...]
    # whether the function may wait for others
    waits: bool
    # short expressions that the function returns somewhere, and attributes and items that it names, the last ones first
    returned: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def near(self, line: int) -> Sequence[str]:
        """Return the names that are bound by then, those bound last first."""
        there = [name for name, bound in self.local.items() if bound <= line]
        return sorted(there, key=lambda name: -self.local[name])[:MOST]

    def instead_of(self, name: str, line: int) -> Sequence[str]:
        """Return names for the place of another one, those like it first; none for one that is not local."""
        if name not in self.local:
            return ()
        there = [other for other, bound in self.local.items() if bound <= line and other != name]
        like = {other: difflib.SequenceMatcher(None, name, other).ratio() for other in there}
        return sorted(there, key=lambda other: (-like[other], -self.local[other]))[:MOST]


def names(function: ast.AST, exceptions: tuple[str, ...]) -> Names:
    """Return the names that are known in the function, or in the module itself; `exceptions` are the module's."""
    local: dict[str, int] = {}
    returned: dict[str, int] = {}
    parts: dict[str, int] = {}
    # at the top of a module there are too many
    inside = not isinstance(function, ast.Module)
    for node in ast.walk(function):
        if inside and isinstance(node, ast.Return) and node.value is not None:
            returned[ast.unparse(node.value)] = node.lineno
        if inside and isinstance(node, ast.Attribute | ast.Subscript):
            parts[ast.unparse(node)] = node.lineno
        if isinstance(node, ast.arg):
            local.setdefault(node.arg, node.lineno)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            local.setdefault(node.id, node.lineno)
        elif inside and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not function:
            local.setdefault(node.name, node.lineno)
    return Names(
        local=local,
        exceptions=exceptions,
        waits=isinstance(function, ast.AsyncFunctionDef),
        returned=_short(returned),
        parts=_short(parts),
    )


def _short(found: dict[str, int]) -> tuple[str, ...]:
    """Return the short ones of the expressions, those of the last lines first."""
    ordered = sorted(found, key=lambda one: -found[one])
    return tuple(one for one in ordered if one != "None" and len(one) <= SHORT and "\n" not in one)[:MOST]


def exceptions_of(module: ast.Module) -> tuple[str, ...]:
    """Return the classes of exceptions that the module names, each once."""
    named = [part for node in ast.walk(module) for part in _told(node)]
    return tuple(dict.fromkeys(one.id for one in named if isinstance(one, ast.Name)))


def _told(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.ExceptHandler(type=ast.Tuple(elts=parts)):
            return parts
        case ast.ExceptHandler(type=ast.expr() as caught):
            return [caught]
        case ast.Raise(exc=ast.Call(func=raised)) | ast.Raise(exc=ast.Name() as raised):
            return [raised]
    return []
