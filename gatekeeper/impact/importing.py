"""Which mentions of a module-level statement are executed when the module is imported, and which only referred to.

A table of functions refers to them; a call runs what is called, and may run what it is given.
"""

import ast
from collections.abc import Iterable, Sequence

from gatekeeper.impact import mentions, scope

# called with functions or classes, these do not call them at once
_INERT_WORDS = (
    "param parametrize usefixtures skip skipif xfail mark fixture partial partialmethod wraps lru_cache cache "
    "cached_property property staticmethod classmethod dict list tuple set frozenset TypeVar ParamSpec NewType "
    "cast namedtuple NamedTuple field deque defaultdict OrderedDict MappingProxyType overload skipIf skipUnless"
)
_INERT = frozenset(_INERT_WORDS.split())


def executed(node: ast.AST, *, decorator: bool = False) -> set[str]:
    """Return the mentions that evaluating `node` runs; `decorator`: its value is called in turn."""
    if decorator:
        return _decorated(node)
    found: set[str] = set()
    match node:
        case ast.Call():
            found = _called(node)
        case ast.Constant() | ast.Name() | ast.Lambda():
            # referred to
            pass
        case ast.Attribute() if scope.dotted(node):
            # a module's or a class's attribute is referred to; any other may be computed
            pass
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.IfExp() | ast.Starred() | ast.keyword():
            found = _each(ast.iter_child_nodes(node))
        case ast.BinOp(op=ast.BitOr()):
            # `int | None` is far more often a type than a union of sets
            found = _each((node.left, node.right))
        case ast.Subscript():
            found = _each((node.value, node.slice))
        case _:
            found = mentions.of_nodes([node]).mentions
    return found


def _decorated(node: ast.AST) -> set[str]:
    """Return what runs when a decorator is made and applied; an object whose method it is is not run itself."""
    func = node.func if isinstance(node, ast.Call) else node
    given = [*node.args, *node.keywords] if isinstance(node, ast.Call) else []
    if _inert(func):
        return _each(given)
    path = scope.dotted(func)
    return _given(path, given) | ({f"&{path}"} if path else mentions.of_nodes([func]).mentions)


def _given(callee: str, given: Sequence[ast.AST]) -> set[str]:
    """Return what runs when `callee` is given some arguments: what they refer to runs if it calls them."""
    every = mentions.of_nodes(given).mentions
    if not callee:
        return every
    always = _each(given)
    return always | {f"<{callee}|{mention}" for mention in every - always}


def _each(nodes: Iterable[ast.AST]) -> set[str]:
    return set().union(*(executed(item) for item in nodes))


def _called(node: ast.Call) -> set[str]:
    given = [*node.args, *node.keywords]
    if _inert(node.func):
        return _each(given)
    path = scope.dotted(node.func)
    return _given(path, given) | ({f">{path}"} if path else mentions.of_nodes([node.func]).mentions)


def _inert(node: ast.AST) -> bool:
    path = scope.dotted(node)
    return path.rpartition(".")[2] in _INERT or ".mark." in path
