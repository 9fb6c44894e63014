"""Calls to try a function with: what its tests give it, and values at the edges of what its annotations admit.

All are source text of literals, so that nothing of the pull request is needed to write them. The same for the same
function.
"""

import ast
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.halting import calls, literals, source
from gatekeeper.impact import scope

# calls of one function
MOST = 48
# of these, calls that tests make
_FROM_TESTS = 16
# combinations that are all tried; of more, each argument is varied by itself, and all of them together
_ALL = 36
# of texts and numbers that a function names: the longest, the greatest, and how many
_HINT, _HINTED, _FIRST = 20, 1000, 4
_RAISED = frozenset({"Exception", "OSError", "ConnectionError", "TimeoutError", "ValueError", "KeyError", "IOError"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a function."""

    # an expression in which the function goes by its name
    text: str
    # how large its arguments are: the greatest number, or the longest collection or text; None: not known
    size: float | None
    # whether a test makes it
    tested: bool = False
    # whether nothing tells that the function takes such values: it has no annotations
    guessed: bool = False


def of(function: source.Function, known: calls.Calls, tests: Iterable[str] = ()) -> tuple[Call, ...]:
    """Return calls of a function, those of the test modules at the paths `tests` first; none where it cannot be called.

    A method is called on an instance made without arguments.
    """
    found = dict.fromkeys(itertools.islice(_in_tests(function, known, tests), _FROM_TESTS))
    written = [Call(text=text, size=size(text), tested=True) for text in found]
    guessed = any(argument.annotation is None for argument in _required(function))
    made = (Call(text=text, size=size(text), guessed=guessed) for text in _made(function) if text not in found)
    return tuple(itertools.islice((*written, *made), MOST))


def growing(function: source.Function, sizes: Sequence[int]) -> tuple[Call, ...]:
    """Return calls that differ in the size of their arguments, of all that can grow; none where none can."""
    callee = _callee(function)
    annotations = [argument.annotation for argument in _required(function)]
    typical = [next(literals.edges(annotation), None) for annotation in annotations]
    if callee is None or not any(literals.sized(annotation, sizes[0]) for annotation in annotations):
        return ()
    rows = [
        [literals.sized(one, length) or text for one, text in zip(annotations, typical, strict=True)]
        for length in sizes
    ]
    if not all(text for row in rows for text in row):
        return ()
    texts = (f"{callee}({', '.join(map(str, row))})" for row in rows)
    return tuple(Call(text=text, size=float(length)) for text, length in zip(texts, sizes, strict=True))


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
    values = [tuple(dict.fromkeys(hints.beside(literals.edges(argument.annotation)))) for argument in arguments]
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
