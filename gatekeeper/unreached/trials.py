"""Calls that a function is tried with: small values that its annotations admit, a method's on objects made of such."""

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatekeeper.halting import calls, inputs, source
from gatekeeper.impact import scope
from gatekeeper.unreached import targets, values

# calls of one function, of a signature that it had before, and objects that a method is called on
MOST, _BEFORE, _OBJECTS = 72, 24, 3
# calls with objects of the project's own classes
_OWN = 12
_READ = frozenset({"property", "cached_property", "functools.cached_property"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An expression in the module's own names."""

    text: str
    # whether nothing tells that the function takes such values: it has no annotations
    guessed: bool = False


def of(target: targets.Target, known: calls.Calls, admitted: values.Values) -> tuple[Trial, ...]:
    """Return what to try, after the signature now and then after the one before; none where no call can be made."""
    found = list(_of(target.function, known, admitted))
    earlier = target.before
    if earlier is not None and ast.dump(earlier.node.args) != ast.dump(target.function.node.args):
        found = [*found[: MOST - _BEFORE], *itertools.islice(_of(earlier, known, admitted), _BEFORE)]
    return tuple(dict.fromkeys(found))[:MOST]


def _of(function: source.Function, known: calls.Calls, admitted: values.Values) -> Iterator[Trial]:
    listed = "list({})" if _is_generator(function.node) else "{}"
    rows = [list(_calls(callee, known, admitted)) for callee in _callees(function, admitted)]
    # of each object in turn
    for row in itertools.zip_longest(*rows):
        yield from (replace(one, text=listed.format(one.text)) for one in row if one is not None)


def _calls(callee: source.Function | str, known: calls.Calls, admitted: values.Values) -> Iterator[Trial]:
    """Yield calls; of what is only read, the reading."""
    if isinstance(callee, str):
        yield Trial(text=callee)
        return
    plain = [call for call in inputs.of(callee, known) if not values.is_odd(call.text)]
    yield from (Trial(text=call.text, guessed=call.guessed) for call in plain)
    if not plain:
        yield from (Trial(text=text) for text in _with_objects(callee, admitted))


def _with_objects(callee: source.Function, admitted: values.Values) -> Iterator[str]:
    """Yield calls with what must be given, some of it objects of the project's own."""
    kinds = {scope.dotted(decorator) for decorator in callee.node.decorator_list}
    given = callee.node.args
    fields = values.needed(values.without_first(given) if "classmethod" in kinds else given)
    each = [admitted.of(annotation, callee.path) for _, annotation in fields]
    if not all(each):
        return
    # the typical, then the next of every argument, at a pace of its own
    rows = (tuple(one[at * (1 + place) % len(one)] for place, one in enumerate(each)) for at in range(_OWN))
    for row in dict.fromkeys(rows):
        words = [f"{word}{text}" for (word, _), text in zip(fields, row, strict=True)]
        yield f"{callee.name}({', '.join(words)})"


def _callees(function: source.Function, admitted: values.Values) -> Iterator[source.Function | str]:
    """Yield the function as one that is called by an expression; of what is only read, the expression."""
    kinds = {scope.dotted(values.called(decorator)) for decorator in function.node.decorator_list}
    if function.owner is None or kinds & {"staticmethod", "classmethod"}:
        yield function
        return
    node = copy.copy(function.node)
    node.args, node.decorator_list = values.without_first(function.node.args), []
    last = function.name.rpartition(".")[2]
    for made in itertools.islice(admitted.objects(function.owner, function.owned_by, function.path), _OBJECTS):
        if kinds & _READ:
            yield f"{made}.{last}"
        else:
            yield replace(function, name=f"{made}.{last}", node=node, owner=None, owned_by="")


def _is_generator(node: ast.AST) -> bool:
    """Whether a function's own scope yields."""
    inner = [part for part in ast.iter_child_nodes(node) if not isinstance(part, scope.Function | ast.Lambda)]
    return any(isinstance(part, ast.Yield | ast.YieldFrom) or _is_generator(part) for part in inner)
