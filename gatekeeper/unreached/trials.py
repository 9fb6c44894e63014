"""Calls that a function is tried with: small values that its annotations admit, a method's on objects made of such."""

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatekeeper.halting import calls, inputs, kinds, source
from gatekeeper.impact import scope
from gatekeeper.unreached import targets

# calls of one function, of a signature that it had before, and objects that a method is called on
MOST, _BEFORE, _OBJECTS = 72, 24, 3
# characters of one
_LONGEST = 160
# what no one would write into a test
_ODD = ("lambda", "iter(", "__import__", "float('nan')")
_READ = frozenset({"property", "cached_property", "functools.cached_property"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An expression in the module's own names."""

    text: str
    # whether nothing tells that the function takes such values: it has no annotations
    guessed: bool = False


def of(target: targets.Target, known: calls.Calls) -> tuple[Trial, ...]:
    """Return what to try, after the signature now and then after the one before; none where no call can be made."""
    found = list(_of(target.function, known))
    earlier = target.before
    if earlier is not None and ast.dump(earlier.node.args) != ast.dump(target.function.node.args):
        found = [*found[: MOST - _BEFORE], *itertools.islice(_of(earlier, known), _BEFORE)]
    return tuple(dict.fromkeys(found))[:MOST]


def _of(function: source.Function, known: calls.Calls) -> Iterator[Trial]:
    listed = _is_generator(function.node)
    rows = [list(_calls(callee, known)) for callee in _callees(function, known)]
    # of each object in turn
    for row in itertools.zip_longest(*rows):
        short = (one for one in row if one is not None and len(one.text) <= _LONGEST)
        yield from (replace(one, text=f"list({one.text})" if listed else one.text) for one in short)


def _calls(callee: source.Function | str, known: calls.Calls) -> Iterator[Trial]:
    """Yield calls; of what is only read, the reading."""
    if isinstance(callee, str):
        yield Trial(text=callee)
        return
    found = [call for call in inputs.of(callee, known) if not any(odd in call.text for odd in _ODD)]
    tested = [call for call in found if call.tested]
    made = [call for call in found if not call.tested]
    # of what was made, after the typical call, those whose arguments differ most: they say most
    typical = _given(made[0].text) if made else []
    ordered = [*tested, *made[:1], *sorted(made[1:], key=lambda call: _likeness(_given(call.text), typical))]
    yield from (Trial(text=call.text, guessed=call.guessed) for call in ordered)


def _given(text: str) -> list[str]:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    return [ast.unparse(one) for one in (*call.args, *(keyword.value for keyword in call.keywords))]


def _likeness(given: list[str], typical: list[str]) -> int:
    """Return how many arguments are as in the typical call, or as others of the same call."""
    common = sum(one == other for one, other in zip(given, typical, strict=False))
    return common + len(given) - len(set(given))


def _callees(function: source.Function, known: calls.Calls) -> Iterator[source.Function | str]:
    """Yield the function as one that is called by an expression; of what is only read, the expression."""
    decorators = {scope.dotted(_named(decorator)) for decorator in function.node.decorator_list}
    module = known.module(function.path)
    if function.owner is None or module is None or decorators & {"staticmethod", "classmethod"}:
        yield function
        return
    node = copy.copy(function.node)
    node.args, node.decorator_list = _without_first(function.node.args), []
    last = function.name.rpartition(".")[2]
    instances = kinds.made(function.owned_by, function.owner, kinds.Kinds(module, known))
    for made in itertools.islice(instances, _OBJECTS):
        if decorators & _READ:
            yield f"{made}.{last}"
        else:
            yield replace(function, name=f"{made}.{last}", node=node, owner=None, owned_by="")


def _named(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _without_first(given: ast.arguments) -> ast.arguments:
    """Return the arguments without `self`."""
    short = copy.copy(given)
    if given.posonlyargs:
        short.posonlyargs = given.posonlyargs[1:]
    else:
        short.args = given.args[1:]
    return short


def _is_generator(node: ast.AST) -> bool:
    """Whether a function's own scope yields."""
    inner = [part for part in ast.iter_child_nodes(node) if not isinstance(part, scope.Function | ast.Lambda)]
    return any(isinstance(part, ast.Yield | ast.YieldFrom) or _is_generator(part) for part in inner)
