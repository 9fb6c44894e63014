"""What annotations admit, as source text of literals: values at the edges, and values of a size."""

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence

from gatekeeper.impact import scope

# of collections within collections
_NESTED = 3
# the typical first, then edges
_VALUES: dict[str, tuple[str, ...]] = {
    "int": ("1", "0", "-1", "2", "3", "7", "10", "-5", "100"),
    "float": ("1.0", "0.0", "-1.0", "0.3", "2.5", "1e17", "float('inf')", "float('nan')"),
    "complex": ("1j", "0j"),
    "bool": ("True", "False"),
    "str": ("'a'", "''", "' '", "'-'", "'ab'", "'a b'", "' ab'", "','", "'('", "'#'", "'\\\\'", "'0'", "'a' * 20"),
    "bytes": ("b'a'", "b''", "b'ab'", "b'\\x00'"),
    "None": ("None",),
    "object": ("1", "'a'", "[1]", "None", "{}"),
}
_UNKNOWN = ("1", "0", "-1", "'a'", "''", "[1]", "[]", "None")
_MANY = {
    "list": "[{}]",
    "Sequence": "[{}]",
    "MutableSequence": "[{}]",
    "Collection": "[{}]",
    "Iterable": "[{}]",
    "Iterator": "iter([{}])",
    "tuple": "({},)",
    "set": "{{{}}}",
    "frozenset": "frozenset({{{}}})",
    "Set": "{{{}}}",
    "deque": "__import__('collections').deque([{}])",
}
_EMPTY = {"tuple": "()", "set": "set()", "frozenset": "frozenset()", "Set": "set()"}
_MAPPINGS = frozenset({"dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"})


# the values of a class or an alias that is no builtin: its name as it is written, and how deep they are within others
Meaning = Callable[[str, int], Iterator[str]]


def _unknown(_name: str, _depth: int) -> Iterator[str]:
    return iter(())


def edges(annotation: ast.expr | None, depth: int = 0, meaning: Meaning = _unknown) -> Iterator[str]:
    """Yield expressions that an annotation admits, the typical first; none where nothing is known of it.

    `depth`: of collections that they are within; `meaning` knows the names that are no builtins.
    """
    match annotation:
        case None:
            yield from _UNKNOWN
        case ast.Constant(value=str() as text):
            try:
                yield from edges(ast.parse(text, mode="eval").body, depth, meaning)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return
        case ast.Constant(value=None):
            yield "None"
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _interleaved(edges(left, depth, meaning), edges(right, depth, meaning))
        case ast.Subscript(value=outer, slice=inner):
            yield from _of_generic(_last(outer), inner, depth, meaning)
        case ast.Name() | ast.Attribute():
            name = _last(annotation)
            if name in _MANY or name in _MAPPINGS:
                yield from _of_generic(name, None, depth, meaning)
            else:
                known = _VALUES.get("object" if name in {"Any", "Hashable"} else name)
                yield from known if known is not None else meaning(scope.dotted(annotation), depth)
        case _:
            return


def _of_generic(name: str, inner: ast.expr | None, depth: int, meaning: Meaning) -> Iterator[str]:
    if depth >= _NESTED:
        return
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    match name:
        case "Optional" | "Annotated" | "Final" | "ClassVar":
            yield from edges(parts[0], depth, meaning)
            yield from ["None"] * (name == "Optional")
        case "Union":
            yield from _interleaved(*(edges(part, depth, meaning) for part in parts))
        case "Literal":
            yield from (ast.unparse(part) for part in parts if part is not None)
        case "Callable":
            returned = parts[-1] if len(parts) > 1 else None
            yield from (f"lambda *_: {text}" for text in itertools.islice(edges(returned, depth + 1, meaning), 4))
        case "tuple" if parts[-1:] and not _is_ellipsis(parts[-1]) and inner is not None:
            each = [list(itertools.islice(edges(part, depth + 1, meaning), 3)) for part in parts]
            yield from (f"({', '.join(chosen)},)" for chosen in itertools.islice(itertools.product(*each), 8))
        case _ if name in _MAPPINGS:
            yield from _mappings(parts, depth, meaning)
        case _ if name in _MANY:
            yield from _collections(name, parts[0], depth, meaning)


def _collections(name: str, part: ast.expr | None, depth: int, meaning: Meaning) -> Iterator[str]:
    inner = list(dict.fromkeys(itertools.islice(edges(part, depth + 1, meaning), 6)))
    form = _MANY[name]
    if inner:
        yield form.format(inner[0])
    yield _EMPTY.get(name, form.format(""))
    for at in range(1, len(inner)):
        yield form.format(", ".join(inner[: at + 1]))
    for one in inner[1:4]:
        yield form.format(one)
    if name == "list" and isinstance(part, ast.Name) and part.id in {"object", "Any"}:
        # one that holds itself
        yield "(lambda items: items.append(items) or items)([])"
    if inner and name not in _EMPTY:
        yield form.format(f"{inner[0]}, {inner[0]}")
        yield form.format(", ".join(inner[:4][::-1]))


def _mappings(parts: Sequence[ast.expr | None], depth: int, meaning: Meaning) -> Iterator[str]:
    key, value = (parts[0], parts[1]) if len(parts) == 2 else (None, None)  # noqa: PLR2004 - keys and values
    keys = list(dict.fromkeys(itertools.islice(edges(key, depth + 1, meaning), 3)))
    values = list(dict.fromkeys(itertools.islice(edges(value, depth + 1, meaning), 5)))
    if not keys or not values:
        return
    yield f"{{{keys[0]}: {values[0]}}}"
    yield "{}"
    # each other's, which is how links run in circles
    yield from (f"{{{one}: {other}}}" for one, other in zip(keys, keys, strict=True))
    yield from (f"{{{keys[0]}: {text}}}" for text in values[1:])
    yield "{" + ", ".join(f"{one}: {other}" for one, other in zip(keys, keys[1:] + keys[:1], strict=True)) + "}"
    yield "{" + ", ".join(f"{one}: {text}" for one, text in zip(keys, values, strict=False)) + "}"


def _interleaved(*sources: Iterator[str]) -> Iterator[str]:
    for row in itertools.zip_longest(*sources):
        yield from (text for text in row if text is not None)


def _last(node: ast.expr) -> str:
    return scope.dotted(node).rpartition(".")[2]


def _is_ellipsis(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def sized(annotation: ast.expr | None, length: int) -> str | None:
    """Return an expression of that size; None where those that the annotation admits have none."""
    name = _last(annotation.value) if isinstance(annotation, ast.Subscript) else _last(annotation or ast.Constant(0))
    inner = annotation.slice if isinstance(annotation, ast.Subscript) else None
    match name:
        case "int":
            return str(length)
        case "str":
            return f"'ab' * {length // 2} + 'a' * {length % 2}"
        case "bytes":
            return f"b'a' * {length}"
        case "list" | "Sequence" | "Iterable" | "Collection" if _last(inner or ast.Constant(0)) in {"int", "float"}:
            return f"list(range({length}, 0, -1))"
        case "list" | "Sequence" | "Iterable" | "Collection" if _last(inner or ast.Constant(0)) == "str":
            return f"[f'a{{number}}' for number in range({length})]"
        case _:
            return None
