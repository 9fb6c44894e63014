"""Calls to try a function with: what its tests give it, and values at the edges of what its annotations admit.

All are source text of literals, so that nothing of the pull request is needed to write them. The same for the same
function.
"""

import ast
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.halting import calls, source
from gatekeeper.impact import scope

# calls of one function
MOST = 48
# of these, calls that tests make
_FROM_TESTS = 16
# combinations that are all tried; of more, each argument is varied by itself, and all of them together
_ALL = 36
_NESTED = 3
# of texts and numbers that a function names: the longest, the greatest, and how many
_HINT, _HINTED, _FIRST = 20, 1000, 4
_RAISED = frozenset({"Exception", "OSError", "ConnectionError", "TimeoutError", "ValueError", "KeyError", "IOError"})

# the typical first, then edges; sizes are those of `size`
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a function."""

    # an expression in which the function goes by its name
    text: str
    # how large its arguments are: the greatest number, or the longest collection or text; None: not known
    size: float | None
    # whether a test makes it
    tested: bool = False


def of(function: source.Function, known: calls.Calls, tests: Iterable[str] = ()) -> tuple[Call, ...]:
    """Return calls of a function, those of the test modules at the paths `tests` first; none where it cannot be called.

    A method is called on an instance made without arguments.
    """
    found = dict.fromkeys(itertools.islice(_in_tests(function, known, tests), _FROM_TESTS))
    written = [Call(text=text, size=size(text), tested=True) for text in found]
    made = (Call(text=text, size=size(text)) for text in _made(function) if text not in found)
    return tuple(itertools.islice((*written, *made), MOST))


def growing(function: source.Function, sizes: Sequence[int]) -> tuple[Call, ...]:
    """Return calls that differ in the size of their arguments, of all that can grow; none where none can."""
    callee = _callee(function)
    annotations = [argument.annotation for argument in _required(function)]
    typical = [next(_values(annotation, 0), None) for annotation in annotations]
    if callee is None or not any(_grown(annotation, sizes[0]) for annotation in annotations):
        return ()
    rows = [[_grown(one, length) or text for one, text in zip(annotations, typical, strict=True)] for length in sizes]
    if not all(text for row in rows for text in row):
        return ()
    texts = (f"{callee}({', '.join(map(str, row))})" for row in rows)
    return tuple(Call(text=text, size=float(length)) for text, length in zip(texts, sizes, strict=True))


def _grown(annotation: ast.expr | None, length: int) -> str | None:
    """Return a value of that size; None where values of the annotation have none."""
    name = _last(annotation.value) if isinstance(annotation, ast.Subscript) else _last(annotation or ast.Constant(0))
    inner = annotation.slice if isinstance(annotation, ast.Subscript) else None
    match name:
        case "int":
            return str(length)
        case "str":
            return repr("ab" * (length // 2) + "a" * (length % 2))
        case "bytes":
            return repr(b"a" * length)
        case "list" | "Sequence" | "Iterable" | "Collection" if _last(inner or ast.Constant(0)) in {"int", "float"}:
            return repr(list(range(length, 0, -1)))
        case "list" | "Sequence" | "Iterable" | "Collection" if _last(inner or ast.Constant(0)) == "str":
            return repr([f"a{number}" for number in range(length)])
        case _:
            return None


def size(text: str) -> float | None:
    """Return how large the arguments of a call are; None where they are no literals."""
    node = ast.parse(text, mode="eval").body
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)] if isinstance(node, ast.Call) else [node]
    sizes = [_size(argument) for argument in arguments]
    known = [one for one in sizes if one is not None]
    return max(known, default=0.0) if len(known) == len(sizes) else None


def _size(node: ast.expr) -> float | None:  # noqa: PLR0911 - one arm for each form
    match node:
        case ast.Constant(value=bool() | None):
            return 0.0
        case ast.Constant(value=int() | float() as number):
            return float(min(abs(number), 1e300))
        case ast.Constant(value=str() | bytes() as text):
            return float(len(text))
        case ast.UnaryOp(operand=operand):
            return _size(operand)
        case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Mult(), right=ast.Constant(value=int() as times)):
            return float(len(text) * times)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            inner = [_size(part) for part in parts]
            return max([float(len(parts)), *(one or 0.0 for one in inner)])
        case ast.Dict(keys=keys):
            return float(len(keys))
        case _:
            return None


def _in_tests(function: source.Function, known: calls.Calls, tests: Iterable[str]) -> Iterator[str]:
    """Yield the calls with literals alone that tests make of the function."""
    if function.owner is not None:
        return
    for path in tests:
        module = known.module(path)
        for test in itertools.chain.from_iterable(module.functions.values()) if module else ():
            for node in ast.walk(test.node):
                if isinstance(node, ast.Call) and _is_literal(node) and function in known.callees(node, test):
                    yield _written(function.name, node)


def _is_literal(call: ast.Call) -> bool:
    if any(keyword.arg is None for keyword in call.keywords):
        return False
    try:
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            ast.literal_eval(argument)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _written(name: str, call: ast.Call) -> str:
    given = [ast.unparse(argument) for argument in call.args]
    named = [f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in call.keywords]
    return f"{name}({', '.join([*given, *named])})"


def _made(function: source.Function) -> Iterator[str]:
    callee = _callee(function)
    if callee is None:
        return
    arguments = _required(function)
    hints = _Hints(function.node)
    values = [tuple(dict.fromkeys(hints.beside(_values(argument.annotation, 0)))) for argument in arguments]
    if not all(values):
        return
    names = [argument.arg for argument in function.node.args.kwonlyargs]
    for chosen in _combined(values):
        words = [
            f"{argument.arg}={text}" if argument.arg in names else text
            for argument, text in zip(arguments, chosen, strict=True)
        ]
        yield f"{callee}({', '.join(words)})"


class _Hints:
    """Values that the function's own text names: it treats them in a way of their own."""

    def __init__(self, node: scope.Function) -> None:
        constants = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
        self._texts = [repr(one) for one in constants if isinstance(one, str) and 0 < len(one) <= _HINT]
        self._numbers = [repr(one) for one in constants if type(one) is int and abs(one) <= _HINTED]
        caught = (part.type for part in ast.walk(node) if isinstance(part, ast.ExceptHandler) and part.type)
        names = [part.id for kind in caught for part in ast.walk(kind) if isinstance(part, ast.Name)]
        self._raising = [f"lambda *_: (_ for _ in ()).throw({name}())" for name in names if name in _RAISED]

    def beside(self, values: Iterator[str]) -> Iterator[str]:
        """Yield the values, and those hints that are of their kind after the first few."""
        there = list(values)
        yield from there[:_FIRST]
        first = there[0] if there else ""
        match first[:1]:
            case "'":
                yield from self._texts[:_FIRST]
            case "1":
                yield from self._numbers[:_FIRST]
            case "[" if first.startswith("['"):
                yield from (f"[{text}]" for text in self._texts[:_FIRST])
            case "l":
                yield from self._raising
        yield from there[_FIRST:]


def _callee(function: source.Function) -> str | None:
    """Return the expression that a function is called by; None where there is none in sight."""
    if function.owner is None:
        return function.name
    kinds = {scope.dotted(decorator) for decorator in function.node.decorator_list}
    if kinds & {"staticmethod", "classmethod"}:
        return function.name
    if kinds or not _made_of_nothing(function.owner):
        return None
    name = function.name.rpartition(".")[2]
    return f"{function.owned_by}().{name}"


def _made_of_nothing(owner: ast.ClassDef) -> bool:
    """Whether an instance can be made without arguments, as far as the class's own text tells."""
    if any(scope.dotted(base) not in {"", "object"} for base in owner.bases) or owner.decorator_list:
        return False
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            given = node.args
            bare = len(given.posonlyargs) + len(given.args) - len(given.defaults) <= 1
            return bare and all(default is not None for default in given.kw_defaults)
    return True


def _required(function: source.Function) -> list[ast.arg]:
    given = function.node.args
    positional = [*given.posonlyargs, *given.args]
    kinds = {scope.dotted(decorator) for decorator in function.node.decorator_list}
    if function.owner is not None and "staticmethod" not in kinds:
        positional = positional[1:]
    needed = positional[: len(positional) - len(given.defaults)] if given.defaults else positional
    named = [argument for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None]
    # what has a default is varied too where it comes at once after what has none
    return [*needed, *positional[len(needed) :], *named]


def _combined(values: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield all combinations where they are few, else each argument varied, and all at once."""
    product = 1
    for these in values:
        product *= len(these)
    if product <= _ALL:
        yield from itertools.product(*values)
        return
    typical = tuple(these[0] for these in values)
    seen = {typical}
    yield typical
    together = max(map(len, values))
    diagonals = (tuple(these[at % len(these)] for these in values) for at in range(1, together))
    crossed = (
        tuple(these[(at * (1 + place)) % len(these)] for place, these in enumerate(values)) for at in range(3, 20)
    )
    single = (
        (*typical[:place], text, *typical[place + 1 :]) for place, these in enumerate(values) for text in these[1:]
    )
    for chosen in itertools.chain(single, diagonals, crossed):
        if chosen not in seen:
            seen.add(chosen)
            yield chosen


def _values(annotation: ast.expr | None, depth: int) -> Iterator[str]:
    """Yield literals that an annotation admits, the typical first; none where nothing is known of it."""
    match annotation:
        case None:
            yield from _UNKNOWN
        case ast.Constant(value=str() as text):
            try:
                yield from _values(ast.parse(text, mode="eval").body, depth)
            except SyntaxError:
                return
        case ast.Constant(value=None):
            yield "None"
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _interleaved(_values(left, depth), _values(right, depth))
        case ast.Subscript(value=outer, slice=inner):
            yield from _of_generic(_last(outer), inner, depth)
        case ast.Name() | ast.Attribute():
            name = _last(annotation)
            if name in _MANY or name in _MAPPINGS:
                yield from _of_generic(name, None, depth)
            else:
                yield from _VALUES.get("object" if name == "Any" else name, ())
        case _:
            return


def _of_generic(name: str, inner: ast.expr | None, depth: int) -> Iterator[str]:
    if depth >= _NESTED:
        return
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    match name:
        case "Optional" | "Annotated" | "Final" | "ClassVar":
            yield from _values(parts[0], depth)
            yield from ["None"] * (name == "Optional")
        case "Union":
            yield from _interleaved(*(_values(part, depth) for part in parts))
        case "Literal":
            yield from (ast.unparse(part) for part in parts if part is not None)
        case "Callable":
            returned = parts[-1] if len(parts) > 1 else None
            yield from (f"lambda *_: {text}" for text in itertools.islice(_values(returned, depth + 1), 4))
        case "tuple" if parts[-1:] and not _is_ellipsis(parts[-1]) and inner is not None:
            each = [list(itertools.islice(_values(part, depth + 1), 3)) for part in parts]
            yield from (f"({', '.join(chosen)},)" for chosen in itertools.islice(itertools.product(*each), 8))
        case _ if name in _MAPPINGS:
            yield from _mappings(parts, depth)
        case _ if name in _MANY:
            yield from _collections(name, parts[0], depth)


def _collections(name: str, part: ast.expr | None, depth: int) -> Iterator[str]:
    inner = list(dict.fromkeys(itertools.islice(_values(part, depth + 1), 6)))
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


def _mappings(parts: Sequence[ast.expr | None], depth: int) -> Iterator[str]:
    key, value = (parts[0], parts[1]) if len(parts) == 2 else (None, None)  # noqa: PLR2004 - keys and values
    keys = list(dict.fromkeys(itertools.islice(_values(key, depth + 1), 3)))
    values = list(dict.fromkeys(itertools.islice(_values(value, depth + 1), 5)))
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
