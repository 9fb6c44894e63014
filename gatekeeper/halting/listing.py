"""A function's text as a reasoner sees it: numbered lines, free of comments, docstrings and secrets, and bounded.

Comments and docstrings decide nothing about halting, and are where a text would speak to whoever reads it.
"""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.impact import scope
from gatekeeper.simulation import masking

# characters of a function and of what is listed with it
MOST_FUNCTION = 24_000
MOST_CONTEXT = 12_000
_DOCSTRING = '"""..."""'

# (1-based line, 0-based byte column), as `ast` counts
_Position = tuple[int, int]
_Cut = tuple[_Position, _Position, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file."""

    # 1-based
    number: int
    # without its line ending
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One version of a function, with what it reaches in its module."""

    # blank lines are left out
    function: tuple[Line, ...]
    # callees, and the statements that set the module's names; by number
    context: tuple[Line, ...] = ()
    # names of what was left out of the context because there was too much of it
    left_out: tuple[str, ...] = ()

    @property
    def too_long(self) -> bool:
        """Whether the function alone is longer than a question may be."""
        return size(self.function) > MOST_FUNCTION

    def has(self, number: int) -> bool:
        """Whether the 1-based line is one of the function's."""
        return any(line.number == number for line in self.function)


def size(lines: Iterable[Line]) -> int:
    """Return the number of characters, line endings included."""
    return sum(len(line.text) + 1 for line in lines)


def lines(text: Sequence[str], first: int, last: int) -> tuple[Line, ...]:
    """Return the lines `first` to `last`, 1-based and inclusive, that are not blank."""
    numbered = enumerate(text[first - 1 : last], start=first)
    return tuple(Line(number=number, text=line) for number, line in numbered if line.strip())


def cleaned(text: str, tree: ast.Module) -> list[str]:
    """Return the lines of a file, which `tree` was parsed from, without comments, docstrings and secrets.

    Line numbers stay. Raises SyntaxError where the text cannot be cut into tokens.
    """
    rows = [row.encode(errors="surrogatepass") for row in text.split("\n")]
    # the last first, so that the positions of the others hold
    for start, end, instead in reversed(_apart([*_comments(text), *_docstrings(tree), *_secrets(tree)])):
        _cut(rows, start, end, instead)
    return [row.decode(errors="replace").rstrip() for row in rows]


def _apart(cuts: Iterable[_Cut]) -> list[_Cut]:
    """Return the cuts in order, without those that begin inside another."""
    kept: list[_Cut] = []
    for cut in sorted(cuts):
        if not kept or cut[0] >= kept[-1][1]:
            kept.append(cut)
    return kept


def _cut(rows: list[bytes], start: _Position, end: _Position, instead: str) -> None:
    (first, left), (last, right) = start, end
    rest = rows[last - 1][right:]
    rows[first - 1] = rows[first - 1][:left] + instead.encode() + (rest if first == last else b"")
    if first != last:
        rows[first : last - 1] = [b""] * (last - 1 - first)
        rows[last - 1] = rest


def _comments(text: str) -> Iterator[_Cut]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                left = len(token.line[:column].encode(errors="surrogatepass"))
                yield (row, left), (row, left + len(token.string.encode(errors="surrogatepass"))), ""
    except tokenize.TokenError as problem:
        raise SyntaxError(str(problem)) from problem


def _docstrings(tree: ast.Module) -> Iterator[_Cut]:
    for node in ast.walk(tree):
        body = node.body if isinstance(node, ast.ClassDef | scope.Function) else []
        match body[:1]:
            case [ast.Expr(value=ast.Constant(value=str())) as told]:
                yield *_span(told.value), _DOCSTRING


def _secrets(tree: ast.Module) -> Iterator[_Cut]:
    """Find the texts that look like secrets, by their form or by the name that they are given to."""
    for node in ast.walk(tree):
        for name, value in _named(node):
            texts = [part for part in ast.walk(value) if isinstance(part, ast.Constant)] if _literal(value) else []
            for text in texts:
                if isinstance(text.value, str | bytes) and masking.masked(name, repr(text.value)) == masking.MASK:
                    yield *_span(text), masking.MASK


def _literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.JoinedStr | ast.List | ast.Tuple | ast.Set)


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a node gives a name to, and every constant under no name."""
    match node:
        case ast.Constant():
            yield "", node
        case ast.Assign(targets=targets, value=ast.expr() as value):
            yield " ".join(_name(target) for target in targets), value
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield _name(target), value
        case ast.keyword(arg=str(name), value=ast.expr() as value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            yield from ((_name(key), value) for key, value in zip(keys, values, strict=True) if key)
        case ast.arguments():
            yield from _defaults(node)


def _name(target: ast.AST) -> str:
    match target:
        case ast.Subscript(slice=part):
            return _name(part)
        case ast.Constant(value=str(text)):
            return text
        case _:
            return scope.dotted(target)


def _defaults(node: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = [*node.posonlyargs, *node.args]
    given = [
        *zip(reversed(positional), reversed(node.defaults), strict=False),
        *zip(node.kwonlyargs, node.kw_defaults, strict=True),
    ]
    for argument, default in given:
        if default is not None:
            yield argument.arg, default


def _span(node: ast.expr) -> tuple[_Position, _Position]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
