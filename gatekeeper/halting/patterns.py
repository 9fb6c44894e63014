"""Calls that match a regular expression which may take more than linear time, as far as its text alone tells."""

import ast
import functools
import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.halting import source

_PACKAGES = frozenset({"re", "regex"})
_MATCHING = frozenset({"compile", "match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn"})
# escapes, classes of characters, and what opens a group: nothing in them repeats
_INERT = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[:=!<P]", re.DOTALL)
_REPEAT = re.compile(r"[*+]|\{\d*,\}")
_GROUP_REPEAT = re.compile(r"\)(?:[*+]|\{\d*,\})")
_MANY = 2
# place of the flags among the arguments; elsewhere it is the third
_FLAGS_AT = {"compile": 1, "split": 3, "sub": 4, "subn": 4}
_ELSEWHERE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A regular expression that a function matches, as far as its text is known."""

    text: str | bytes
    # as `re` has them
    flags: int
    # `match`, `fullmatch` or `search`, as which the other ways to use one go through a text
    method: str
    # 1-based line of the call
    line: int


def texts(node: ast.AST, module: source.Module) -> Iterator[Pattern]:
    """Yield the patterns under `node` that may take more than linear time, where their text is known."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            for user, text in _made(call, module):
                if _repeats(text if isinstance(text, str) else text.decode("latin-1")):
                    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
                    yield Pattern(
                        text=text,
                        flags=_flags(user, module),
                        method=method if method in {"match", "fullmatch"} else "search",
                        line=call.lineno,
                    )


def _made(call: ast.Call, module: source.Module) -> Iterator[tuple[ast.Call, str | bytes]]:
    """Yield the call that names the flags of each pattern that `call` matches, and the pattern's text."""
    users = [call] if _is_matching(call, module) else []
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=method) if method in _MATCHING:
            set_to = [value for value in _values(name, module) if isinstance(value, ast.Call)]
            users.extend(value for value in set_to if _is_matching(value, module))
    for user in users:
        if module.meaning(user.func).startswith("re."):
            yield from ((user, text) for pattern in user.args[:1] for text in _constants(pattern, module))


def _constants(pattern: ast.expr, module: source.Module) -> Iterator[str | bytes]:
    match pattern:
        case ast.Constant(value=str() | bytes() as text):
            yield text
        case ast.Name(id=name):
            for value in _values(name, module):
                if isinstance(value, ast.Constant) and isinstance(value.value, str | bytes):
                    yield value.value


def _flags(call: ast.Call, module: source.Module) -> int:
    """Return the flags that a call names; those that are computed count as none."""
    place = _FLAGS_AT.get(module.meaning(call.func).rpartition(".")[2], _ELSEWHERE)
    given = [*call.args[place : place + 1], *(one.value for one in call.keywords if one.arg == "flags")]
    names = [module.meaning(part) for one in given for part in ast.walk(one) if isinstance(part, ast.Attribute)]
    found = (getattr(re.RegexFlag, name.removeprefix("re."), 0) for name in names if name.startswith("re."))
    return int(functools.reduce(operator.or_, (flag for flag in found if isinstance(flag, re.RegexFlag)), 0))


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
