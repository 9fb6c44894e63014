"""Calls that match a regular expression which may take more than linear time, as far as its text alone tells."""

import ast
import re
from collections.abc import Iterator

from gatekeeper.halting import source

_PACKAGES = frozenset({"re", "regex"})
_MATCHING = frozenset({"compile", "match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn"})
# escapes, classes of characters, and what opens a group: nothing in them repeats
_INERT = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[:=!<P]", re.DOTALL)
_REPEAT = re.compile(r"[*+]|\{\d*,\}")
_GROUP_REPEAT = re.compile(r"\)(?:[*+]|\{\d*,\})")
_MANY = 2


def lines(node: ast.AST, module: source.Module) -> Iterator[int]:
    """Yield the 1-based lines of such calls under `node`."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and any(_backtracks(given, module) for given in _matched(call, module)):
            yield call.lineno


def _matched(call: ast.Call, module: source.Module) -> Iterator[ast.expr]:
    """Yield the pattern that a call matches: what it is given, or what the name before the dot was compiled from."""
    if _is_matching(call, module):
        yield from call.args[:1]
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=method) if method in _MATCHING:
            for value in _values(name, module):
                if isinstance(value, ast.Call) and _is_matching(value, module):
                    yield from value.args[:1]


def _is_matching(node: ast.Call, module: source.Module) -> bool:
    package, _, name = module.meaning(node.func).rpartition(".")
    return package in _PACKAGES and name in _MATCHING


def _values(name: str, module: source.Module) -> Iterator[ast.expr]:
    for statement in module.names.get(name, ()):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            yield statement.value


def _backtracks(pattern: ast.expr, module: source.Module) -> bool:
    """Whether a pattern repeats a group, or repeats more than once; True where its text is not known."""
    match pattern:
        case ast.Constant(value=str() as text):
            return _repeats(text)
        case ast.Constant(value=bytes() as text):
            return _repeats(text.decode("latin-1"))
        case ast.Name(id=name) if name in module.names:
            return any(_repeats_where_it_is_set(value, module) for value in _values(name, module))
        case _:
            return True


def _repeats_where_it_is_set(value: ast.expr, module: source.Module) -> bool:
    compiled = value.args[:1] if isinstance(value, ast.Call) and _is_matching(value, module) else [value]
    return any(isinstance(item, ast.Name) or _backtracks(item, module) for item in compiled)


def _repeats(text: str) -> bool:
    plain = _INERT.sub("", text)
    return len(_REPEAT.findall(plain)) >= _MANY or bool(_GROUP_REPEAT.search(plain))
