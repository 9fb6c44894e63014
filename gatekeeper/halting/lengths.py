"""What a statement does to the length of a collection."""

import ast
from collections.abc import Iterator

from gatekeeper.halting import paths, statements, whole

_SHRINKING = frozenset({"pop", "popleft", "popitem", "remove"})
_HEAPS = frozenset({"heappop", "heapq.heappop"})
# methods that leave what they belong to as long as it was
_LOOKING = frozenset({"copy", "count", "endswith", "find", "get", "index", "items", "keys", "values", "startswith"})
_LOOKING |= {"rfind", "sort", "reverse", "strip", "split", "join", "isdigit", "isalpha", "isspace", "lower", "upper"}


def effect(name: str, node: ast.AST) -> paths.Step:
    """Return what a statement does to the length of what the name stands for: each taking away makes it less."""
    if name in statements.stored(node):
        return paths.Step.DOWN if _is_rest(dict(statements.assigned(node)).get(name), name) else paths.Step.ANY
    steps = [_of_call(call, name) for call in ast.walk(node) if isinstance(call, ast.Call)]
    if paths.Step.ANY in steps or _is_extended(node, name):
        return paths.Step.ANY
    taken = any(_of_call(call, name) is paths.Step.DOWN for call in statements.certain(node))
    return paths.Step.DOWN if taken or _is_cut(node, name) else paths.Step.STAY


def _of_call(call: ast.AST, name: str) -> paths.Step:
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method), args=given) if owner == name:
            if method in _SHRINKING:
                # with something to fall back on, it may take nothing away
                return paths.Step.DOWN if len(given) <= 1 else paths.Step.ANY
            return paths.Step.STAY if method in _LOOKING | {"discard"} else paths.Step.ANY
        case ast.Call(func=func, args=[ast.Name(id=first), *_]) if first == name and ast.unparse(func) in _HEAPS:
            return paths.Step.DOWN
        case ast.Call(func=ast.Name(id=function)) if function in whole.HARMLESS:
            return paths.Step.STAY
        case ast.Call(args=given, keywords=named):
            handed = [*given, *(keyword.value for keyword in named)]
            names = {part.id for one in handed for part in _values(one) if isinstance(part, ast.Name)}
            return paths.Step.ANY if name in names else paths.Step.STAY
        case _:
            return paths.Step.STAY


def _values(node: ast.expr) -> Iterator[ast.AST]:
    """Yield the parts of an expression whose own objects it may hold: not what is indexed or measured in it."""
    yield node
    match node:
        case ast.Subscript() | ast.Compare() | ast.Call():
            return
        case _:
            for part in ast.iter_child_nodes(node):
                yield from _values(part) if isinstance(part, ast.expr) else ()


def _is_rest(value: ast.expr | None, name: str) -> bool:
    """Whether a value is what is left of a collection without one part at least."""
    match value:
        case ast.Subscript(value=ast.Name(id=owner), slice=ast.Slice(lower=lower, upper=upper, step=None)):
            head = lower is not None and upper is None and (statements.constant(lower) or 0) >= 1
            tail = lower is None and upper is not None and (statements.constant(upper) or 0) <= -1
            return owner == name and (head or tail)
        case _:
            return False


def _is_cut(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Delete(targets=[ast.Subscript(value=ast.Name(id=owner), slice=part)]):
            return owner == name and statements.constant(part) in {0, -1}
        case _:
            return False


def _is_extended(node: ast.AST, name: str) -> bool:
    stored_into = (part for part in ast.walk(node) if isinstance(part, ast.Subscript))
    return any(
        isinstance(part.ctx, ast.Store) and isinstance(part.value, ast.Name) and part.value.id == name
        for part in stored_into
    )
