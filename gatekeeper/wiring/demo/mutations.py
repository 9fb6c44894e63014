"""Mistakes as people make them, by kind; and every spot of a file in which one can be made."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum

from gatekeeper.wiring.demo import edits


class Mistake(StrEnum):
    """A kind of mistake."""

    COMPARISON = "comparison"
    BOUNDARY = "boundary"
    OFF_BY_ONE = "off by one"
    DEFAULT = "default"
    GUARD = "guard"
    # a loop that no longer ends
    ENDLESS = "endless"


# operator -> as it is written, and what is written in its place
_OPPOSITES = {
    ast.Lt: (b"<", b">"),
    ast.Gt: (b">", b"<"),
    ast.LtE: (b"<=", b">="),
    ast.GtE: (b">=", b"<="),
    ast.Eq: (b"==", b"!="),
    ast.NotEq: (b"!=", b"=="),
}
_BOUNDARIES = {ast.Lt: (b"<", b"<="), ast.Gt: (b">", b">="), ast.LtE: (b"<=", b"<"), ast.GtE: (b">=", b">")}


def spots(source: edits.Source, mistake: Mistake) -> list[edits.Spot]:
    """Return the spots for a kind of mistake, in their order."""
    return [
        edits.Spot(path=source.path, function=function.name, title=title.format(function.name), edits=(edit,))
        for function in source.functions()
        for title, edit in _FINDERS[mistake](source, function)
    ]


_Found = Iterator[tuple[str, edits.Edit]]


def _comparisons(source: edits.Source, function: ast.FunctionDef) -> _Found:
    return _compared(source, function, _OPPOSITES, "Simplify the condition of {}")


def _boundaries(source: edits.Source, function: ast.FunctionDef) -> _Found:
    return _compared(source, function, _BOUNDARIES, "Treat the limit of {} like the rest")


def _compared(
    source: edits.Source, function: ast.FunctionDef, replaced: Mapping[type[ast.cmpop], tuple[bytes, bytes]], title: str
) -> _Found:
    # what decides whether a loop goes on may make it endless, which is a kind of its own
    loops = {id(node) for loop in ast.walk(function) if isinstance(loop, ast.While) for node in ast.walk(loop.test)}
    for node in ast.walk(function):
        if not isinstance(node, ast.Compare) or len(node.ops) > 1 or type(node.ops[0]) not in replaced:
            continue
        if id(node) in loops:
            continue
        old, new = replaced[type(node.ops[0])]
        start = source.content.index(old, source.span(node.left)[1])
        yield title, edits.Edit(start=start, end=start + len(old), text=new)


def _off_by_one(source: edits.Source, function: ast.FunctionDef) -> _Found:
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp | ast.Slice | ast.Subscript):
            for number, value in _numbers(ast.iter_child_nodes(node)):
                yield "Count from where {} starts", source.replaced(number, str(value + 1).encode())


def _defaults(source: edits.Source, function: ast.FunctionDef) -> _Found:
    for number, value in _numbers(function.args.defaults):
        yield "Choose another default for {}", source.replaced(number, str(value - 1).encode())


def _guards(source: edits.Source, function: ast.FunctionDef) -> _Found:
    for node in ast.walk(function):
        if isinstance(node, ast.If) and not node.orelse and len(node.body) == 1 and _leaves(node.body[0]):
            yield "Drop a check that {} does not need", source.lines_of(node)


def _endless(source: edits.Source, function: ast.FunctionDef) -> _Found:
    for loop in ast.walk(function):
        if not isinstance(loop, ast.While):
            continue
        watched = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
        for step in loop.body:
            if isinstance(step, ast.AugAssign) and not _moved(loop, watched, step):
                target = source.text(step.target)
                yield "Write the step of {} in full", source.replaced(step, target + b" = " + target)


def _moved(loop: ast.While, watched: set[str], step: ast.AugAssign) -> bool:
    """Whether something else than `step` may end the loop, or `step` is not what does."""
    if not isinstance(step.target, ast.Name) or step.target.id not in watched:
        return True
    called = (node.func.value for node in _calls(loop) if isinstance(node.func, ast.Attribute))
    return any(isinstance(owner, ast.Name) and owner.id in watched for owner in called)


def _calls(loop: ast.While) -> Iterator[ast.Call]:
    return (node for part in loop.body for node in ast.walk(part) if isinstance(node, ast.Call))


def _numbers(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.Constant, int]]:
    for node in nodes:
        # type: True is an int too
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 0:
            yield node, node.value


def _leaves(node: ast.stmt) -> bool:
    return isinstance(node, ast.Raise | ast.Return | ast.Continue)


_FINDERS: Mapping[Mistake, Callable[[edits.Source, ast.FunctionDef], _Found]] = {
    Mistake.COMPARISON: _comparisons,
    Mistake.BOUNDARY: _boundaries,
    Mistake.OFF_BY_ONE: _off_by_one,
    Mistake.DEFAULT: _defaults,
    Mistake.GUARD: _guards,
    Mistake.ENDLESS: _endless,
}
