"""What arguments without annotations seem to be, by what the function does with them: a guess, never more."""

import ast
from collections.abc import Iterator

from gatekeeper.halting import source
from gatekeeper.impact import scope

_LISTS = frozenset({"append", "extend", "insert", "sort", "reverse", "remove"})
_MAPPINGS = frozenset({"items", "keys", "values", "get", "setdefault"})
_TEXTS = frozenset({"split", "strip", "lstrip", "rstrip", "lower", "upper", "startswith", "endswith", "find", "rfind"})
_TEXTS |= {"isdigit", "isalpha", "replace", "join", "splitlines", "encode", "partition", "isspace", "title"}
_SETS = frozenset({"add", "discard", "union", "intersection", "issubset"})
_SEQUENCES = frozenset({"len", "enumerate", "sorted", "sum", "reversed", "iter", "any", "all", "list", "set", "max"})
_NUMBERS = frozenset({"range", "abs", "float", "int", "chr", "divmod", "pow", "round"})
_ARITHMETIC = (ast.Sub, ast.FloorDiv, ast.Div, ast.Pow, ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
_PAIR = 2
# of several guesses the first of these: what says more comes first
_ORDER = (
    "dict[tuple[int, int], int]",
    "dict[str, int]",
    "str",
    "set[int]",
    "list[list[int]]",
    "list[str]",
    "list[tuple[int, int]]",
    "list[int]",
    "float",
    "int",
    "Callable[[int], int]",
)


def guessed(function: source.Function) -> dict[str, ast.expr]:
    """Return argument without annotation -> the annotation that it might have; those without a guess are left out."""
    given = function.node.args
    bare = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.annotation is None}
    found: dict[str, set[str]] = {name: set() for name in bare}
    for name, kind in _defaults(given):
        found.setdefault(name, set()).add(kind)
    parts = _Parts(function.node)
    for node in ast.walk(function.node):
        for name, kind in parts.of(node):
            found.setdefault(name, set()).add(kind)
    chosen = {name: next((kind for kind in _ORDER if kind in kinds), None) for name, kinds in found.items()}
    return {
        name: ast.parse(kind, mode="eval").body for name, kind in chosen.items() if kind is not None and name in bare
    }


def _defaults(given: ast.arguments) -> Iterator[tuple[str, str]]:
    positional = [*given.posonlyargs, *given.args]
    with_default = positional[len(positional) - len(given.defaults) :]
    for argument, default in zip(with_default, given.defaults, strict=True):
        match default:
            case ast.Constant(value=bool() | None):
                pass
            case ast.Constant(value=int() | float() | str() as value):
                yield argument.arg, type(value).__name__
            case ast.List() | ast.Tuple():
                yield argument.arg, "list[int]"
            case ast.Dict():
                yield argument.arg, "dict[str, int]"
            case _:
                pass


class _Parts:
    """Tells what single nodes say, with what loops of the function go over."""

    def __init__(self, function: scope.Function) -> None:
        # variable of a loop -> what it goes over
        self._over: dict[str, str] = {}
        for node in ast.walk(function):
            match node:
                case (
                    ast.For(target=ast.Name(id=one), iter=ast.Name(id=many))
                    | ast.comprehension(target=ast.Name(id=one), iter=ast.Name(id=many))
                ):
                    self._over[one] = many
                case ast.Assign(
                    targets=[ast.Name(id=one)], value=ast.Subscript(value=ast.Name(id=many), slice=index)
                ) if not isinstance(index, ast.Slice):
                    self._over[one] = many
                case _:
                    pass

    def of(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        """Yield name, kind for each name of which a node says something."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                yield from self._method(name, method)
            case ast.Call(func=ast.Name(id=function), args=given):
                yield from self._call(function, given)
            case ast.Subscript(value=value, slice=index):
                yield from self._index(value, index)
            case ast.For(target=target, iter=over) | ast.comprehension(target=target, iter=over):
                yield from self._loop(target, over)
            case ast.BinOp(left=left, op=operator, right=right):
                yield from self._arithmetic(left, operator, right)
            case ast.AugAssign(target=target, op=operator, value=value):
                yield from self._arithmetic(target, operator, value)
            case ast.Compare(left=left, comparators=others):
                yield from self._compared([left, *others])
            case _:
                return

    def _method(self, name: str, method: str) -> Iterator[tuple[str, str]]:
        kinds = ((_LISTS, "list[int]"), (_MAPPINGS, "dict[str, int]"), (_TEXTS, "str"), (_SETS, "set[int]"))
        for methods, kind in kinds:
            if method in methods:
                yield name, kind
                if kind == "str" and name in self._over:
                    yield self._over[name], "list[str]"

    def _call(self, function: str, given: list[ast.expr]) -> Iterator[tuple[str, str]]:
        if isinstance(first := given[0] if given else None, ast.Name):
            if first.id in self._over and (function in _SEQUENCES | {"isinstance"}):
                yield self._over[first.id], "list[list[int]]"
            if function in _SEQUENCES and (function != "max" or len(given) == 1):
                yield first.id, "list[int]"
            if function == "ord":
                yield self._over.get(first.id, first.id), "str"
        if function in _NUMBERS:
            yield from ((name, "int") for one in given for name in _names(one))
        match given:
            case [ast.Subscript(value=ast.Name(id=name), slice=index)] if function == "len":
                if not isinstance(index, ast.Slice):
                    yield name, "list[list[int]]"
            case _:
                return

    def _index(self, value: ast.expr, index: ast.expr) -> Iterator[tuple[str, str]]:
        match value:
            case ast.Name(id=name):
                match index:
                    case ast.Tuple():
                        yield name, "dict[tuple[int, int], int]"
                    case ast.Constant(value=str()):
                        yield name, "dict[str, int]"
                    case _:
                        yield name, "list[int]"
            case ast.Subscript(value=ast.Name(id=name), slice=inner) if not isinstance(inner, ast.Slice):
                yield name, "list[list[int]]"
            case _:
                pass
        if not isinstance(index, ast.Slice | ast.Tuple):
            yield from ((name, "int") for name in _names(index))

    def _loop(self, target: ast.expr, over: ast.expr) -> Iterator[tuple[str, str]]:
        match over:
            case ast.Name(id=name):
                pair = isinstance(target, ast.Tuple) and len(target.elts) == _PAIR
                yield name, "list[tuple[int, int]]" if pair else "list[int]"
                if name in self._over:
                    yield self._over[name], "list[list[int]]"
            case _:
                return

    def _arithmetic(self, left: ast.expr, operator: ast.operator, right: ast.expr) -> Iterator[tuple[str, str]]:
        text = any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in (left, right))
        number = any(isinstance(one, ast.Constant) and isinstance(one.value, int | float) for one in (left, right))
        for one in (left, right):
            if isinstance(one, ast.Name):
                if text and isinstance(operator, ast.Add):
                    yield one.id, "str"
                elif (isinstance(operator, ast.Mod) and not text) or number or isinstance(operator, _ARITHMETIC):
                    yield one.id, "int"

    def _compared(self, parts: list[ast.expr]) -> Iterator[tuple[str, str]]:
        text = any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in parts)
        for one in parts:
            match one:
                case ast.Name(id=name) if text:
                    yield name, "str"
                    if name in self._over:
                        yield self._over[name], "str"
                case ast.Subscript(value=ast.Name(id=name)) if text:
                    yield name, "str"
                case ast.Name(id=name) if not any(isinstance(other, ast.Constant | ast.List) for other in parts):
                    yield name, "int"
                case ast.Name(id=name) if any(
                    isinstance(other, ast.Constant) and type(other.value) in {int, float} for other in parts
                ):
                    yield name, "int"
                case _:
                    pass


def _names(node: ast.expr) -> Iterator[str]:
    """Yield the names that are a node, or a part of sums and products in it."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.BinOp(left=left, right=right):
            yield from _names(left)
            yield from _names(right)
        case _:
            return
