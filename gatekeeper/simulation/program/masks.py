"""What looks like a secret in source code -> a masked literal in its place; no line moves."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gatekeeper.impact import scope
from gatekeeper.simulation import masking

_HELD = ast.List | ast.Tuple | ast.Set


class Place(NamedTuple):
    """A literal to be masked: 1-based lines, columns in bytes of UTF-8, as `ast` counts them."""

    first: int
    start: int
    last: int
    end: int
    mask: str


def places(nodes: Iterable[ast.AST]) -> Iterator[Place]:
    """Yield the literals to be masked: those that a secret's name holds, and those with a secret's form."""
    waiting: list[tuple[str, ast.AST]] = [("", node) for node in nodes]
    while waiting:
        name, node = waiting.pop()
        if isinstance(node, ast.Constant | ast.JoinedStr):
            if place := _place(name, node):
                yield place
            continue
        named = dict(_named(node))
        held = name if isinstance(node, _HELD) else ""
        waiting += [(named.get(id(child), held), child) for child in ast.iter_child_nodes(node)]


def may_hold(text: str) -> bool:
    """Whether the text of some code has a word or a form of secrets in it at all."""
    return masking.names_secret(text) or masking.masked("", text) == masking.MASK


def applied(lines: Sequence[str], first: int, found: Sequence[Place]) -> tuple[list[str], list[int]]:
    """Return the lines, the first of which has the 1-based number `first`, masked; and the lines that changed."""
    shown = list(lines)
    for place in sorted(found, reverse=True):
        if first <= place.first and place.last < first + len(lines):
            _mask(shown, place, place.first - first)
    _mask_comments(shown)
    return shown, [first + number for number, (old, new) in enumerate(zip(lines, shown, strict=True)) if old != new]


def text(source: str) -> str:
    """Return a whole program masked. Raises SyntaxError where it does not parse."""
    tree = ast.parse(source)
    if not may_hold(source):
        return source
    lines, _ = applied(source.split("\n"), 1, list(places([tree])))
    return "\n".join(lines)


def _named(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield each part of a node that holds a value under a name, by its id."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield id(value), " ".join(map(_name, targets))
        case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield id(value), _name(target)
        case ast.keyword(arg=arg, value=value):
            yield id(value), arg or ""
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield id(value), key.value
        case ast.arguments():
            positional = [*node.posonlyargs, *node.args]
            for argument, default in zip(reversed(positional), reversed(node.defaults), strict=False):
                yield id(default), argument.arg
            for argument, value in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                yield id(value), argument.arg


def _name(target: ast.expr) -> str:
    return scope.dotted(target).rpartition(".")[2]


def _place(name: str, node: ast.Constant | ast.JoinedStr) -> Place | None:
    value = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
    if not isinstance(value, str | bytes) or node.end_lineno is None or node.end_col_offset is None:
        return None
    # what an f-string holds is computed: its name says nothing of the text around
    shown = repr(value) if isinstance(node, ast.Constant) else str(value)
    if masking.masked(name if isinstance(node, ast.Constant) else "", shown) != masking.MASK:
        return None
    lines = node.end_lineno - node.lineno
    mask = f"'''***{chr(10) * lines}'''" if lines else masking.MASK
    prefix = "b" if isinstance(value, bytes) else ""
    return Place(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, prefix + mask)


def _mask(lines: list[str], place: Place, at: int) -> None:
    last = at + place.last - place.first
    before = lines[at].encode()[: place.start].decode()
    after = lines[last].encode()[place.end :].decode()
    lines[at : last + 1] = (before + place.mask + after).split("\n")


def _mask_comments(lines: list[str]) -> None:
    """Mask the comments of lines in which a secret's form is still to be seen."""
    seen = [number for number, line in enumerate(lines) if masking.masked("", line) == masking.MASK]
    if not seen:
        return
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline))
    except (tokenize.TokenError, SyntaxError):
        return
    for token in tokens:
        number, column = token.start
        if token.type == tokenize.COMMENT and number - 1 in seen:
            lines[number - 1] = lines[number - 1][:column] + "# ***"
