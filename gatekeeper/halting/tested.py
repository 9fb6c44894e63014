"""The calls that a test makes, with the values that names in them stand for where the text tells. Pure.

Names stand for what `parametrize` gives, what a loop goes over, and what is assigned to them in the test or its module.
What may have been changed since, a list that something else was done with, is not known any more.
"""

import ast
import copy
import itertools
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gatekeeper.halting import source
from gatekeeper.impact import scope

# rows of one test, and numbers of one `range`
_MOST, _COUNTED = 48, 16
# nodes of a value: names that stand for names could make one of any size
_LARGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """What a name stands for."""

    # the name itself where that is not known
    node: ast.expr
    # whether nothing can change it
    fixed: bool


# name -> what it stands for in one run of a test
_Row: TypeAlias = MutableMapping[str, _Value]


def calls(test: source.Function, module: source.Module, wanted: Callable[[ast.Call], bool]) -> Iterator[ast.Call]:
    """Yield the `wanted` calls in a test of `module`, once for each set of values that the names in them stand for.

    A name that is not known stays. Raises RecursionError where the text is nested too deep.
    """
    for call, rows in _Reader(test.node, module).read(test.node.body):
        if wanted(call):
            yield from (_given(call, _Placing(row, module)) for row in rows)


def _given(call: ast.Call, placing: "_Placing") -> ast.Call:
    positional = [value for argument in call.args for value in placing.spread(argument)]
    keywords = [ast.keyword(arg=one.arg, value=placing.placed(one.value)) for one in call.keywords]
    return ast.Call(func=call.func, args=positional, keywords=keywords)


class _Placing(ast.NodeTransformer):
    """Puts values in place of names."""

    def __init__(self, row: _Row, module: source.Module) -> None:
        self._row, self._module = row, module

    def placed(self, node: ast.expr) -> ast.expr:
        """Return the expression with values in place of names; itself where it has none, or would become too large."""
        if not any(isinstance(part, ast.Name) for part in ast.walk(node)):
            return node
        made: ast.expr = self.visit(copy.deepcopy(node))
        large = next(itertools.islice(ast.walk(made), _LARGEST, None), None) is not None
        return node if large else made

    def spread(self, argument: ast.expr) -> Sequence[ast.expr]:
        """Return an argument's value, or the values that a starred one holds."""
        match made := self.placed(argument):
            case ast.Starred(value=ast.List(elts=held) | ast.Tuple(elts=held)):
                return held
            case _:
                return [made]

    def listed(self, node: ast.expr) -> ast.expr:
        """Return what is gone over; what a list of the module holds stays in it, whatever is added."""
        held = self._of_module(node.id) if isinstance(node, ast.Name) and node.id not in self._row else None
        return self.placed(held or node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what the name stands for, as `ast` asks for each."""
        if node.id in self._row:
            return self._row[node.id].node
        value = self._of_module(node.id)
        return value if value is not None and _is_fixed(value) else node

    def _of_module(self, name: str) -> ast.expr | None:
        match self._module.names.get(name):
            case [ast.Assign(targets=[ast.Name()], value=value)]:
                return value
            case _:
                return None


class _Reader:
    """Follows what names stand for through the text of one test."""

    def __init__(self, test: scope.Function, module: source.Module) -> None:
        arguments = (*test.args.posonlyargs, *test.args.args, *test.args.kwonlyargs)
        self._module = module
        self._rows: list[_Row] = [{}]
        # whatever the module calls so is not meant
        self._forget(one.arg for one in arguments)
        for decorator in test.decorator_list:
            self._parametrize(decorator)

    def read(self, nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.Call, Sequence[_Row]]]:
        """Yield each call and the rows that it is made with, which hold until the next call is asked for."""
        for node in nodes:
            match node:
                case ast.For(target=target, iter=over, body=body, orelse=after):
                    yield from self._looped(node, [(target, over)], [*body, *after])
                case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                    inner = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                    filters = [one for part in node.generators for one in part.ifs]
                    parts = [(part.target, part.iter) for part in node.generators]
                    yield from self._looped(node, parts, [*filters, *inner])
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    yield from self.read([value])
                    for row in self._rows:
                        row[name] = _valued(_Placing(row, self._module).placed(value))
                case ast.Name(id=name, ctx=ast.Load()):
                    # what it is used for may change it
                    if any(name in row and not row[name].fixed for row in self._rows):
                        self._forget([name])
                case ast.Name(id=name):
                    self._forget([name])
                case _:
                    if isinstance(node, ast.Call):
                        yield node, self._rows
                    yield from self.read(ast.iter_child_nodes(node))

    def _looped(
        self, loop: ast.AST, over: Iterable[tuple[ast.expr, ast.expr]], inner: Iterable[ast.AST]
    ) -> Iterator[tuple[ast.Call, Sequence[_Row]]]:
        outer = self._rows
        for target, values in over:
            found = self._given(_targets(target), values)
            yield from self.read([values])
            self._rows = found
        yield from self.read(inner)
        self._rows = outer
        names = {node for node in ast.walk(loop) if isinstance(node, ast.Name)}
        self._forget(
            node.id
            for node in names
            if not isinstance(node.ctx, ast.Load) or any(node.id in row and not row[node.id].fixed for row in outer)
        )

    def _parametrize(self, decorator: ast.expr) -> None:
        match decorator:
            case ast.Call(func=func, args=[names, values, *indirect], keywords=keywords) if (
                scope.dotted(func).rpartition(".")[2] == "parametrize"
            ):
                # what is given to a fixture is not what the test is given
                if not indirect and all(keyword.arg != "indirect" for keyword in keywords):
                    self._rows = self._given(_names(names), values)
            case _:
                pass

    def _given(self, names: Sequence[str], values: ast.expr) -> list[_Row]:
        """Return the rows in which names stand for the values in turn, where these are listed."""
        made = (
            ChainMap({name: _valued(part) for name, part in zip(names, parts, strict=True)}, row)
            for row in self._rows
            for element in _elements(_Placing(row, self._module).listed(values))
            if len(parts := _parts(element, len(names))) == len(names)
        )
        found: list[_Row] = list(itertools.islice(made, _MOST))
        return found or [ChainMap({name: _unknown(name) for name in names}, row) for row in self._rows]

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            for row in self._rows:
                row[name] = _unknown(name)


def _valued(node: ast.expr) -> _Value:
    return _Value(node=node, fixed=_is_fixed(node))


def _unknown(name: str) -> _Value:
    return _Value(node=ast.Name(id=name, ctx=ast.Load()), fixed=True)


def _is_fixed(node: ast.expr) -> bool:
    return not any(isinstance(part, ast.List | ast.Set | ast.Dict | ast.Call) for part in ast.walk(node))


def _names(node: ast.expr) -> list[str]:
    """Return the names of arguments, as `parametrize` takes them."""
    match node:
        case ast.Constant(value=str() as text):
            return [name.strip() for name in text.split(",") if name.strip()]
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [name for element in elements for name in _names(element)]
        case _:
            return []


def _targets(node: ast.expr) -> list[str]:
    """Return the names that a loop sets; none where it sets anything else."""
    elements = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    names = [element.id for element in elements if isinstance(element, ast.Name)]
    return names if len(names) == len(elements) else []


def _elements(node: ast.expr) -> Sequence[ast.expr]:
    """Return the elements of what is gone over, where they are listed."""
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return elements
        case ast.Call(func=ast.Attribute(value=ast.Dict(keys=keys, values=values), attr="items"), args=[]):
            return [
                ast.Tuple(elts=[key, value], ctx=ast.Load()) for key, value in zip(keys, values, strict=True) if key
            ]
        case ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]):
            try:
                numbers = range(*(ast.literal_eval(bound) for bound in bounds))
            except (ValueError, TypeError):
                return []
            return [ast.Constant(value=number) for number in numbers[:_COUNTED]]
        case _:
            return []


def _parts(element: ast.expr, names: int) -> Sequence[ast.expr]:
    """Return what one element gives to so many names."""
    match element:
        case ast.Call(func=func, args=inside) if scope.dotted(func).rpartition(".")[2] == "param":
            return inside
        case ast.List(elts=inside) | ast.Tuple(elts=inside) if names > 1:
            return inside
        case _:
            return [element]
