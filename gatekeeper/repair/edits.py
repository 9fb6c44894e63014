"""Small edits around suspected lines, the likeliest first; every other character stays as its author wrote it. Pure."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gatekeeper.repair import candidate, edit, functions, likelihood, scope, statements, text

# edits of one finding
MOST = 600
# by how much a line is less suspected than the one before it
STEP = 0.85
# what an edit that is not where it is run last loses at most
LEAST = 0.05


Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An edit that was not tried."""

    replacement: candidate.Replacement
    kind: edit.Kind
    # whether one of its sort often fits some tests by chance
    guessed: bool
    likelihood: float
    # the function as it is then, to be exchanged; None: the module is to be imported again
    body: functions.Body | None


def propose(source: functions.Source, suspects: Mapping[int, float], ended: str) -> list[Attempt]:
    """Return edits of the lines, 1-based with their suspicion in 0..1, likeliest first and none twice.

    Some do not parse.

    `ended`: `Type: message` of the exception that ended the test.
    """
    suspects = _widened(source.tree, suspects)
    found: dict[tuple[int, int, str], Attempt] = {}
    raw = tuple(line.encode() for line in source.lines)
    for node, around in _nodes(source, suspects, ended, raw):
        for one in statements.edits(node, around):
            made = _made(source, raw, one, suspects)
            if made is not None:
                change = made.replacement
                key = (change.start, change.end, change.text)
                if key not in found or found[key].likelihood < made.likelihood:
                    found[key] = made
    ordered = sorted(found.values(), key=lambda one: -one.likelihood)
    return ordered[:MOST]


def suspicion(places: Sequence[Key]) -> dict[Key, float]:
    """Return how much each of the places, the likeliest first, is suspected."""
    return {place: max(STEP**rank, LEAST) for rank, place in enumerate(dict.fromkeys(places))}


def _nodes(
    source: functions.Source, suspects: Mapping[int, float], ended: str, raw: Sequence[bytes]
) -> Iterator[tuple[ast.AST, edit.Around]]:
    """Yield the nodes on suspected lines, each with what is known there."""
    exception, _, message = ended.partition(":")
    exceptions = scope.exceptions_of(source.tree)
    for top, body in _tops(source.tree):
        parts = [part for part in body if any(line in suspects for line in _range(part))]
        if not parts:
            continue
        around = edit.Around(
            names=scope.names(top, exceptions),
            exception=exception,
            none="None" in message,
            lines=raw,
            negated=_negated(top),
        )
        for part in parts:
            yield from ((node, around) for node in ast.walk(part) if _touched(node, suspects))


def _negated(top: ast.AST) -> frozenset[int]:
    found = (node for node in ast.walk(top) if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
    return frozenset(id(node.operand) for node in found)


def _range(node: ast.stmt) -> range:
    return range(functions.first_line(node), (node.end_lineno or node.lineno) + 1)


def _widened(tree: ast.Module, suspects: Mapping[int, float]) -> dict[int, float]:
    """Return the suspicion of all lines of a statement, or of the head of one that holds others, where one has it."""
    wide = dict(suspects)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = functions.first_line(body[0]) - 1 if body else node.end_lineno or node.lineno
            lines = range(node.lineno, max(end, node.lineno) + 1)
            most = max((suspects[line] for line in lines if line in suspects), default=None)
            if most is not None:
                wide |= dict.fromkeys(lines, most)
    return wide


def _tops(tree: ast.Module) -> Iterator[tuple[ast.AST, Sequence[ast.stmt]]]:
    """Yield each function that is in no other, and what is in none, with the statements in it."""
    rest: list[ast.stmt] = []
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, functions.Definition):
            yield node, [node]
        elif isinstance(node, ast.ClassDef):
            waiting.extend(node.body)
        else:
            rest.append(node)
    yield tree, rest


def _touched(node: ast.AST, suspects: Mapping[int, float]) -> bool:
    """Whether the node, by its first line or, where it is an expression, any line, is suspected."""
    match node:
        case ast.expr():
            return any(line in suspects for line in range(node.lineno, (node.end_lineno or node.lineno) + 1))
        case ast.stmt() | ast.ExceptHandler():
            return node.lineno in suspects
    return False


def _made(
    source: functions.Source, raw: Sequence[bytes], one: edit.Edit, suspects: Mapping[int, float]
) -> Attempt | None:
    (first, left), (last, right) = one.start, one.end
    new = (raw[first - 1][:left] + one.text.encode() + raw[last - 1][right:]).decode()
    if new == "".join(source.lines[first - 1 : last]):
        return None
    change = candidate.Replacement(path=source.path, start=first, end=last, text=new)
    suspected = max((suspects.get(line, 0.0) for line in range(first, last + 1)), default=0.0)
    return Attempt(
        replacement=change,
        kind=one.kind,
        guessed=one.guessed,
        likelihood=likelihood.of(one.kind) * one.share * max(suspected, LEAST / 2),
        body=_body(source, change),
    )


def _body(source: functions.Source, change: candidate.Replacement) -> functions.Body | None:
    function = source.around(change.start, change.end)
    if function is None:
        return None
    lines = [*source.lines[function.start - 1 : change.start - 1], *text.lines(change.text),
             *source.lines[change.end : function.end]]  # fmt: skip
    return function.body(lines)


def parses(source: functions.Source, made: Attempt) -> bool:
    """Whether the file still parses with the edit."""
    # nothing but blank lines is above a function that stands alone
    content = made.body.text.lstrip("\n") if made.body else text.replaced(source.text, made.replacement)
    return functions.parsed(content) is not None
