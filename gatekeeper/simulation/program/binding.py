"""Statements -> the names that they bind, and the global names that they fill."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gatekeeper.impact import mentions, scope


def names(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds in its own scope; none for what only other programs run."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.ImportFrom(module="__future__"):
            return
        case ast.Expr(value=ast.Constant(value=str())):
            # read as an attribute of what it describes
            yield "__doc__"
        case ast.Import() | ast.ImportFrom():
            yield from (item.asname or item.name.partition(".")[0] for item in node.names)
        case ast.If(test=test) if _is_elsewhere(test):
            yield from (name for inner in node.orelse for name in names(inner))
        case _:
            yield from _bound_inside(node)


def _bound_inside(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from names(child)
        elif isinstance(child, ast.Name):
            if isinstance(child.ctx, ast.Store):
                yield child.id
        elif not isinstance(child, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            yield from _bound_inside(child)


def _is_elsewhere(test: ast.expr) -> bool:
    """Whether the block runs for type checkers alone, or as a program."""
    if isinstance(test, ast.Compare):
        return scope.dotted(test.left) == "__name__"
    return scope.dotted(test).endswith("TYPE_CHECKING")


def filled(nodes: Sequence[ast.stmt], definitions: Mapping[str, Sequence[ast.stmt]]) -> set[str]:
    """Return the global names that making the statements fills, by themselves or by what they call.

    `definitions`: what the module binds its names with. A decorator is called.
    """
    found: set[str] = set()
    calls: list[ast.AST] = []
    match nodes:
        case [ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() as node]:
            calls += [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
        case [ast.If(test=test)] if _is_elsewhere(test):
            pass
        case _ if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes):
            found |= mentions.of_nodes(nodes).filled
            calls += [item.func for node in nodes for item in ast.walk(node) if isinstance(item, ast.Call)]
    for call in calls:
        for callee in definitions.get(call.id, ()) if isinstance(call, ast.Name) else ():
            found |= _filled_by_calling(callee)
    return found - {""}


def _filled_by_calling(node: ast.stmt) -> set[str]:
    if not isinstance(node, ast.FunctionDef):
        return set()
    outer, made = mentions.of_function(node, method=False)
    return set().union(*((part.filled - part.bound) | part.outer for part in (outer, made) if part))


def kept(nodes: Iterable[ast.stmt]) -> set[str]:
    """Return the names that import statements bind to what has that name in a module."""
    return {
        item.name
        for node in nodes
        for item in (node.names if isinstance(node, ast.ImportFrom) else ())
        if item.asname in {None, item.name}
    }


def inside(nodes: Iterable[ast.stmt]) -> set[str]:
    """Return every name that is bound somewhere in the statements, in whatever scope."""
    found: set[str] = set()
    for node in (node for statement in nodes for node in ast.walk(statement)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.alias(asname=str(name)):
                found.add(name)
            case ast.alias(name=name):
                found.add(name.partition(".")[0])
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
    return found
