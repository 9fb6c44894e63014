"""Calls to try a function with: what its tests give it, and values at the edges of what its annotations admit.

All are source text of literals, so that nothing of the pull request is needed to write them. The same for the same
function.
"""

import ast
import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.halting import calls, kinds, literals, source, tested, usage
from gatekeeper.impact import scope

# calls of one function
MOST = 48
# of these, calls that tests and examples make, and such calls with one argument changed
_FROM_TESTS, _VARIED = 16, 16
# calls of one test that are looked at, once for each set of values
_LOOKED = 400
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
    # whether it is guessed, and gives a number below one, or nothing: what functions are seldom made for
    odd: bool = False


def of(function: source.Function, known: calls.Calls, tests: Iterable[str] = ()) -> tuple[Call, ...]:
    """Return calls of a function, those of the test modules at the paths `tests` first; none where it cannot be called.

    A method is called on an instance made without arguments.
    """
    found = dict.fromkeys(itertools.islice(_in_tests(function, known, tests), _FROM_TESTS))
    written = [Call(text=text, size=size(text), tested=True) for text in found]
    guessed = any(argument.annotation is None for argument in _required(function))
    values = _Values(function, known)
    varied = itertools.islice(itertools.chain.from_iterable(zip(*map(_variants, found), strict=False)), _VARIED)
    texts = (text for text in dict.fromkeys((*varied, *_made(function, values))) if text not in found)
    made = (Call(text=text, size=size(text), guessed=guessed, odd=guessed and _is_odd(text)) for text in texts)
    return tuple(itertools.islice((*written, *made), MOST))


def growing(function: source.Function, known: calls.Calls, sizes: Sequence[int]) -> tuple[Call, ...]:
    """Return calls that differ in the size of their arguments, of all that can grow; none where none can."""
    values = _Values(function, known)
    callee = values.callee()
    annotations = [values.annotation(argument) for argument in _required(function)]
    typical = [next(values.of(argument), None) for argument in _required(function)]
    if callee is None or not sizes or not any(literals.sized(annotation, sizes[0]) for annotation in annotations):
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
    """Yield the calls with literals alone that tests, and the examples in its own module, make of the function."""
    if function.owner is not None:
        return
    own = known.module(function.path)
    for call in own.examples if own is not None else ():
        if scope.dotted(call.func).rpartition(".")[2] == function.name and _is_literal(call):
            yield _written(function.name, call)
    for path in tests:
        module = known.module(path) if known.mentions(path, function) else None
        if module is not None:
            yield from _in_module(function, known, module)


def _in_module(function: source.Function, known: calls.Calls, module: source.Module) -> Iterator[str]:
    for test in itertools.chain.from_iterable(module.functions.values()):
        if any(callee == function for _, callee in known.called(test)):
            made = tested.calls(test, module, lambda call, test=test: function in known.callees(call, test))  # type: ignore[misc]
            # what is nested too deep is not looked at
            with contextlib.suppress(RecursionError):
                looked_at = itertools.islice(made, _LOOKED)
                # most sets of values differ in names that a call has not
                yield from dict.fromkeys(_written(function.name, call) for call in looked_at if _is_literal(call))


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


class _Values:
    """What the arguments of one function may be."""

    def __init__(self, function: source.Function, known: calls.Calls) -> None:
        self._function = function
        module = known.module(function.path)
        assert module is not None, "a function's own file parses"
        self._meaning = kinds.Kinds(module, known)
        self._guesses = usage.guessed(function)

    def annotation(self, argument: ast.arg) -> ast.expr | None:
        """Return an argument's annotation, or what it might be."""
        return argument.annotation or self._guesses.get(argument.arg)

    def of(self, argument: ast.arg) -> Iterator[str]:
        return literals.edges(self.annotation(argument), 0, self._meaning)

    def callee(self) -> str | None:
        """Return the expression that the function is called by; None where there is none in sight."""
        owner, function = self._function.owner, self._function
        decorators = {scope.dotted(decorator) for decorator in function.node.decorator_list}
        if owner is None or decorators & {"staticmethod", "classmethod"}:
            return function.name
        instance = next(kinds.made(function.owned_by, owner, self._meaning), None)
        if decorators or instance is None:
            return None
        return f"{instance}.{function.name.rpartition('.')[2]}"


def _variants(text: str) -> Iterator[str]:
    """Yield a call with one argument changed: numbers around it, less and more of what is collected."""
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    each = [list(map(ast.unparse, _around(argument))) for argument in call.args]
    for row in itertools.zip_longest(*each):
        for place, other in enumerate(row):
            if other is not None:
                given = [ast.unparse(argument) for argument in call.args]
                given[place] = other
                named = [f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in call.keywords]
                yield f"{ast.unparse(call.func)}({', '.join([*given, *named])})"


def _around(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(value=bool()):
            return
        case ast.Constant(value=int() as number):
            yield from (ast.Constant(value=other) for other in (number + 1, number - 1, 2 * number, 0, -number))
        case ast.Constant(value=float() as number):
            yield from (ast.Constant(value=other) for other in (number / 2, number + 1, 0.0))
        case ast.Constant(value=str() as text):
            yield from (ast.Constant(value=other) for other in (text[:-1], text[1:], text * 2, ""))
        case ast.List(elts=parts):
            for others in (parts[:-1], parts[::-1], [*parts, *parts[:1]], parts[:1], []):
                yield ast.List(elts=others, ctx=ast.Load())
        case _:
            return


def _is_odd(text: str) -> bool:
    """Whether a call gives a number below one, something empty, or none at all."""
    call = ast.parse(text, mode="eval").body
    given = [*call.args, *(keyword.value for keyword in call.keywords)] if isinstance(call, ast.Call) else []
    for argument in given:
        match argument:
            case ast.UnaryOp(op=ast.USub()) | ast.Constant(value=None):
                return True
            case ast.Constant(value=int() | float() as number) if number < 1 and not isinstance(number, bool):
                return True
            case ast.Constant(value=str() as word) if not word.strip():
                return True
            case ast.List(elts=[]) | ast.Dict(keys=[]):
                return True
            case _:
                pass
    return False


def _made(function: source.Function, known: _Values) -> Iterator[str]:
    callee = known.callee()
    if callee is None:
        return
    arguments = _required(function)
    hints = _Hints(function.node)
    values = [tuple(dict.fromkeys(hints.beside(known.of(argument)))) for argument in arguments]
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
