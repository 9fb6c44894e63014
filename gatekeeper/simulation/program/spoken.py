"""A unit -> the words by which it may reach other code, in the forms of `impact.summary`."""

import ast
import copy
from collections.abc import Iterable
from typing import TypeVar

from gatekeeper.impact import importing, mentions, scope
from gatekeeper.simulation.program import source

_Definition = TypeVar("_Definition", bound=scope.Function | ast.ClassDef)


def of_unit(unit: source.Unit) -> set[str]:
    """Return every mention; of a class whose members are units of their own, those of its header."""
    match unit.nodes:
        case (ast.FunctionDef() | ast.AsyncFunctionDef() as node,):
            found, made = mentions.of_function(_bare(node), method=unit.owner is not None)
            return found.mentions | (made.mentions if made else set())
        case (ast.ClassDef() as node,) if unit.split:
            return _header(node)
        case _ if unit.sort is source.Sort.IMPORT:
            return set()
        case _:
            return mentions.of_nodes(list(unit.nodes)).mentions


def of_making(unit: source.Unit) -> set[str]:
    """Return the mentions of what must be there when the unit is made."""
    match unit.nodes:
        case (ast.FunctionDef() | ast.AsyncFunctionDef() as node,):
            decorators, rest = mentions.decorating(_bare(node))
            return decorators | mentions.of_nodes([*rest, *_defaults(node.args)]).mentions
        case _:
            return of_unit(unit)


def of_running(unit: source.Unit) -> set[str]:
    """Return the mentions of what runs when the unit is made."""
    match unit.nodes:
        case (ast.FunctionDef() | ast.AsyncFunctionDef() as node,):
            return _decorating(_bare(node)) | _executed(_defaults(node.args))
        case (ast.ClassDef() as node,) if unit.split:
            bases = {f"^{base}" for item in node.bases if (base := scope.dotted(item))}
            return bases | _decorating(_bare(node)) | _executed([item.value for item in node.keywords])
        case (ast.Assign() | ast.AnnAssign() | ast.Expr() as node,):
            return _executed([node.value] if node.value else [])
        case _:
            return of_unit(unit)


def _header(node: ast.ClassDef) -> set[str]:
    decorators, rest = mentions.decorating(_bare(node))
    return decorators | mentions.of_nodes([*node.bases, *node.keywords, *rest]).mentions


def _bare(node: _Definition) -> _Definition:
    """Return the definition without the decorators that a program leaves out."""
    bare = copy.copy(node)
    bare.decorator_list = [item for item in node.decorator_list if not source.is_for_pytest(item)]
    return bare


def _decorating(node: scope.Function | ast.ClassDef) -> set[str]:
    return set().union(*(importing.executed(item, decorator=True) for item in node.decorator_list))


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(item for item in arguments.kw_defaults if item)]


def _executed(nodes: Iterable[ast.AST]) -> set[str]:
    return set().union(*(importing.executed(item) for item in nodes))
