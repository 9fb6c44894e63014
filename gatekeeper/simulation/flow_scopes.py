"""Python source -> its scopes: what a CALL frame can enter, and on which lines."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gatekeeper.simulation import flow_graph

_COMPREHENSIONS = {
    ast.Lambda: "<lambda>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
Expression = ast.Lambda | flow_graph.Comprehension
Owner = ast.Module | flow_graph.Defined | Expression


@dataclass(eq=False, slots=True, kw_only=True)
class Scope:
    """The module, a class's body, a function, a lambda or a comprehension."""

    # as `co_qualname` tells it
    name: str
    tree: Owner
    # 1-based, both included; decorators belong to it
    first: int
    last: int
    # lines that the tracer tells when it is entered: that of `def`, and that of the first decorator
    calls: tuple[int, ...]
    # lines that the tracer tells when a generator or coroutine goes on
    resumes: set[int] = field(default_factory=set)

    def start(self) -> flow_graph.Node:
        """Return its graph's start; made anew with each call."""
        match self.tree:
            case ast.Module():
                return flow_graph.of_module(self.tree.body)
            case ast.ClassDef():
                return flow_graph.of_class(flow_graph.span(self.tree, self.tree.decorator_list), self.tree.body)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return flow_graph.of_function((min(self.calls), max(self.calls)), self.tree.body)
            case _:
                return flow_graph.of_expression(self.first, self.last, pauses=bool(self.resumes))


class UnreadableError(Exception):
    """The source is not Python; the message says why, in the parser's words."""


def parse(text: str) -> ast.Module:
    """Return the tree of a text. Raises UnreadableError, also where lines could be counted in two ways."""
    if "\r" in text.replace("\r\n", "\n"):
        raise UnreadableError("a carriage return stands within a line")
    try:
        with warnings.catch_warnings():
            # an invalid escape in a string is the project's affair
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        message = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        raise UnreadableError(f"{message}{line}") from error


def scopes(module: ast.Module) -> list[Scope]:
    """Return every scope of a module, the module first and outer ones before inner ones."""
    last = max((statement.end_lineno or 0 for statement in module.body), default=0)
    found = [Scope(name="<module>", tree=module, first=0, last=last, calls=(0,))]
    # scopes around, innermost last, and a node within them
    rest: list[tuple[tuple[Scope, ...], ast.AST]] = [((found[0],), node) for node in reversed(module.body)]
    while rest:
        around, node = rest.pop()
        _note_rest(around, node)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.append(_defined(node, around[-1]))
                inside = node.body
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                found.append(_expression(node, around[-1]))
                inside = []
            case _:
                rest.extend((around, child) for child in reversed(list(ast.iter_child_nodes(node))))
                continue
        within = (*around, found[-1])
        outside, inner = _divided(node, inside)
        rest.extend((within, child) for child in reversed(inner))
        rest.extend((around, child) for child in reversed(outside))
    return found


def _divided(node: flow_graph.Defined | Expression, body: Sequence[ast.stmt]) -> tuple[list[ast.AST], list[ast.AST]]:
    """Return the children of a scope's node that run outside it, and those that run inside."""
    if not isinstance(node, flow_graph.Defined):
        return [], list(ast.iter_child_nodes(node))
    held = set(map(id, body))
    return [child for child in ast.iter_child_nodes(node) if id(child) not in held], list(body)


def _defined(node: flow_graph.Defined, around: Scope) -> Scope:
    lines = [decorator.lineno for decorator in node.decorator_list]
    return Scope(
        name=_qualified(node.name, around),
        tree=node,
        first=min([node.lineno, *lines]),
        last=node.end_lineno or node.lineno,
        calls=tuple(dict.fromkeys([node.lineno, *lines])),
    )


def _expression(node: Expression, around: Scope) -> Scope:
    scope = Scope(
        name=_qualified(_COMPREHENSIONS[type(node)], around),
        tree=node,
        first=node.lineno,
        last=node.end_lineno or node.lineno,
        calls=(node.lineno,),
    )
    if isinstance(node, ast.GeneratorExp):
        scope.resumes |= {node.lineno, node.elt.lineno}
    return scope


def _qualified(name: str, around: Scope) -> str:
    match around.tree:
        case ast.Module():
            return name
        case ast.ClassDef():
            return f"{around.name}.{name}"
        case _:
            return f"{around.name}.<locals>.{name}"


def _note_rest(around: tuple[Scope, ...], node: ast.AST) -> None:
    """Note where the scope around can rest."""
    lines = list(_rests(node))
    if not lines:
        return
    for scope in reversed(around):
        scope.resumes.update(lines)
        # from CPython 3.12 on a comprehension runs in the scope around it
        if isinstance(scope.tree, ast.Module | flow_graph.Defined | ast.Lambda):
            return


def _rests(node: ast.AST) -> Iterator[int]:
    match node:
        case ast.Yield() | ast.YieldFrom() | ast.Await() | ast.AsyncFor():
            yield node.lineno
        case ast.AsyncWith():
            yield node.lineno
            yield from (item.context_expr.lineno for item in node.items)
        case ast.comprehension(is_async=1):
            yield node.iter.lineno
        case _:
            pass
