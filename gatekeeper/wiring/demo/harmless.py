"""Changes as people make them that change nothing a program does; and every spot of a file where one can be made."""

import ast
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from gatekeeper.wiring.demo import edits


class Rewriting(StrEnum):
    """A kind of change that changes nothing."""

    # a local variable gets another name
    RENAMED = "renamed"
    # the sides of a comparison change places
    TURNED = "turned"
    # what is returned gets a name first
    NAMED = "named"


_TURNED = {ast.Lt: b">", ast.Gt: b"<", ast.LtE: b">=", ast.GtE: b"<=", ast.Eq: b"==", ast.NotEq: b"!="}
# what binds closer than a comparison, so that it needs no brackets on either side
_CLOSER = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript, ast.BinOp)

_Found = Iterator[tuple[str, tuple[edits.Edit, ...]]]


def spots(source: edits.Source, rewriting: Rewriting) -> list[edits.Spot]:
    """Return the spots for a kind of change, in their order."""
    return [
        edits.Spot(path=source.path, function=function.name, title=title.format(function.name), edits=found)
        for function in source.functions()
        for title, found in _FINDERS[rewriting](source, function)
    ]


def _renamed(source: edits.Source, function: ast.FunctionDef) -> _Found:
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    # those of functions within it too
    arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    taken = {node.id for node in names} | arguments
    stored = dict.fromkeys(node.id for node in names if isinstance(node.ctx, ast.Store))
    for name in stored:
        better = f"{name}_here"
        if name in arguments or better in taken or _written_in_text(function, name):
            continue
        found = tuple(source.replaced(node, better.encode()) for node in names if node.id == name)
        yield f"Call it {better} in {{}}", found


def _turned(source: edits.Source, function: ast.FunctionDef) -> _Found:
    for node in ast.walk(function):
        if not isinstance(node, ast.Compare) or len(node.ops) > 1 or type(node.ops[0]) not in _TURNED:
            continue
        left, right = node.left, node.comparators[0]
        if not (isinstance(left, _CLOSER) and isinstance(right, _CLOSER)):
            continue
        turned = b" ".join([source.text(right), _TURNED[type(node.ops[0])], source.text(left)])
        start, end = source.span(left)[0], source.span(right)[1]
        yield "Turn a comparison of {} round", (edits.Edit(start=start, end=end, text=turned),)


def _named(source: edits.Source, function: ast.FunctionDef) -> _Found:
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    for node in ast.walk(function):
        if not isinstance(node, ast.Return) or node.value is None or isinstance(node.value, ast.Name | ast.Constant):
            continue
        if "answer" in names or not source.begins_line(node) or node.lineno != node.end_lineno:
            continue
        indent = b" " * node.col_offset
        text = b"answer = " + source.text(node.value) + b"\n" + indent + b"return answer"
        yield "Name what {} returns", (source.replaced(node, text),)


def _written_in_text(function: ast.FunctionDef, name: str) -> bool:
    """Whether the name is used in a formatted string, in which older versions of Python misplace it."""
    texts = (node for node in ast.walk(function) if isinstance(node, ast.JoinedStr))
    return any(isinstance(node, ast.Name) and node.id == name for text in texts for node in ast.walk(text))


_FINDERS: Mapping[Rewriting, Callable[[edits.Source, ast.FunctionDef], _Found]] = {
    Rewriting.RENAMED: _renamed,
    Rewriting.TURNED: _turned,
    Rewriting.NAMED: _named,
}
