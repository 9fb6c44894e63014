"""What a walk over one scope of a file collects."""

import ast
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True, kw_only=True)
class Scope:
    """What a walk over one scope has found so far."""

    # (root name, attributes) of every chain of attributes that starts at a name
    chains: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    # names that the scope binds
    bound: set[str] = field(default_factory=set)
    # names that the scope declares `global`
    outer: set[str] = field(default_factory=set)
    # names bound in a part of the scope only (comprehensions, class bodies): they may also be global elsewhere in it
    loose: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    # the scopes of functions that are defined in this one
    inner: list["Scope"] = field(default_factory=list)
    # import statements inside the scope
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    # chains of attributes that calls are given
    handed: set[str] = field(default_factory=set)
    # whether a method hands on the object that it belongs to
    gives_itself: bool = False
    # roots of what is filled: `REGISTRY[name] = ...`, `kept.append(...)`
    filled: set[str] = field(default_factory=set)

    @property
    def keeps(self) -> bool:
        """Whether something that outlives the scope is filled."""
        return bool(self.outer or self.filled - self.bound)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a chain of attributes that starts at a name, else ""."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
