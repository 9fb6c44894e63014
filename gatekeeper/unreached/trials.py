"""Calls that a function is tried with: small values that its annotations admit, a method's on objects made of such."""

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatekeeper.halting import calls, inputs, literals, source
from gatekeeper.impact import scope
from gatekeeper.unreached import targets

# calls of one function, and objects that a method is called on
MOST, _OBJECTS = 24, 3
# values of one argument that an object is made with
_VALUES = 4
# what no one would write into a test
_ODD = ("lambda", "iter(", "__import__", "float('nan')")
_READ = frozenset({"property", "cached_property", "functools.cached_property"})
_OF_FIELDS = frozenset({"dataclass", "dataclasses.dataclass"})
_PLAIN = frozenset({"", "object", "NamedTuple", "typing.NamedTuple", "Protocol", "typing.Protocol", "ABC", "abc.ABC"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An expression in the module's own names."""

    text: str
    # whether nothing tells that the function takes such values: it has no annotations
    guessed: bool = False


def of(target: targets.Target, known: calls.Calls) -> tuple[Trial, ...]:
    """Return what to try, after the signature now and then after the one before; none where no call can be made."""
    now = list(_of(target.function, known))
    if target.before is not None and ast.dump(target.before.node.args) != ast.dump(target.function.node.args):
        now = [*now[: MOST * 2 // 3], *itertools.islice(_of(target.before, known), MOST)]
    return tuple(dict.fromkeys(now))[:MOST]


def _of(function: source.Function, known: calls.Calls) -> Iterator[Trial]:
    listed = "list({})" if _is_generator(function.node) else "{}"
    for callee in _callees(function):
        if isinstance(callee, str):
            yield Trial(text=callee)
            continue
        for call in inputs.of(callee, known):
            if not any(odd in call.text for odd in _ODD):
                yield Trial(text=listed.format(call.text), guessed=call.guessed)


def _callees(function: source.Function) -> Iterator[source.Function | str]:
    """Yield the function as one that is called by an expression; of what is only read, the expression."""
    kinds = {scope.dotted(_called(decorator)) for decorator in function.node.decorator_list}
    if function.owner is None or kinds & {"staticmethod", "classmethod"}:
        yield function
        return
    node = copy.copy(function.node)
    node.args = _without_first(function.node.args)
    node.decorator_list = []
    last = function.name.rpartition(".")[2]
    for made in itertools.islice(_objects(function.owner, function.owned_by), _OBJECTS):
        if kinds & _READ:
            yield f"{made}.{last}"
        else:
            yield replace(function, name=f"{made}.{last}", node=node, owner=None, owned_by="")


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _without_first(given: ast.arguments) -> ast.arguments:
    """Return the arguments without `self`."""
    short = copy.copy(given)
    if given.posonlyargs:
        short.posonlyargs = given.posonlyargs[1:]
    else:
        short.args = given.args[1:]
    return short


def _objects(owner: ast.ClassDef, name: str) -> Iterator[str]:
    """Yield expressions that make an instance; none where its class does not say what it takes."""
    if any(scope.dotted(base) not in _PLAIN for base in owner.bases):
        return
    fields = _fields(owner)
    if fields is None:
        return
    values = [list(itertools.islice(_plain(annotation), _VALUES)) for _, annotation in fields]
    if not all(values):
        return
    # an object of typical values, then others
    for at in range(_VALUES if values else 1):
        words = [f"{word}{each[at % len(each)]}" for (word, _), each in zip(fields, values, strict=True)]
        yield f"{name}({', '.join(words)})"


def _plain(annotation: ast.expr | None) -> Iterator[str]:
    return (text for text in literals.edges(annotation) if not any(odd in text for odd in _ODD))


def _fields(owner: ast.ClassDef) -> list[tuple[str, ast.expr | None]] | None:
    """Return what an instance must be made with: `name=` or nothing, and the annotation; None where that is unknown."""
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return _needed(_without_first(node.args))
    made = {scope.dotted(_called(decorator)) for decorator in owner.decorator_list}
    tuples = {scope.dotted(base).rpartition(".")[2] for base in owner.bases}
    if made & _OF_FIELDS or "NamedTuple" in tuples:
        plain = (node for node in owner.body if isinstance(node, ast.AnnAssign) and node.value is None)
        return [
            (f"{node.target.id}=", node.annotation)
            for node in plain
            if isinstance(node.target, ast.Name) and "ClassVar" not in ast.unparse(node.annotation)
        ]
    return None if made else []


def _needed(given: ast.arguments) -> list[tuple[str, ast.expr | None]]:
    positional = [*given.posonlyargs, *given.args]
    needed = positional[: len(positional) - len(given.defaults)] if given.defaults else positional
    named = [one for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None]
    return [*(("", one.annotation) for one in needed), *((f"{one.arg}=", one.annotation) for one in named)]


def _is_generator(node: ast.AST) -> bool:
    """Whether a function's own scope yields."""
    inner = [part for part in ast.iter_child_nodes(node) if not isinstance(part, scope.Function | ast.Lambda)]
    return any(isinstance(part, ast.Yield | ast.YieldFrom) or _is_generator(part) for part in inner)
