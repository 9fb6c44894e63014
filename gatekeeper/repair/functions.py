"""Functions of a file, and what of one is sent to where it is exchanged while its module stays imported. Pure."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.repair import text

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A function with another body."""

    path: str
    # qualified, as `__qualname__` says it
    name: str
    # 1-based line at which its code begins: that of its first decorator where it has one
    line: int
    # a module that has this function alone, at its line and in its classes, without decorators
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function that is in no other one."""

    path: str
    name: str
    # the classes that it is in, outermost first
    classes: tuple[str, ...]
    # 1-based lines: of its first decorator, of `def`, of the first statement in it, and its last
    first: int
    start: int
    inner: int
    end: int
    # of `def`
    indent: int

    def holds(self, start: int, end: int) -> bool:
        """Whether the 1-based lines, `end` being `start - 1` where there are none, are all in its body."""
        return self.inner > self.start and self.inner <= start <= self.end + 1 and end <= self.end

    def body(self, lines: Sequence[str]) -> Body | None:
        """Return it with other lines from `def` on; None where it cannot stand alone."""
        around = [f"{' ' * depth}class {name}:\n" for depth, name in enumerate(self.classes)]
        if not around and self.indent:
            around = ["if 1:\n"]
        if self.indent < len(around) or len(around) >= self.start:
            return None
        above = ["\n"] * (self.start - 1 - len(around)) + around
        return Body(path=self.path, name=self.name, line=self.first, text="".join((*above, *lines)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of the judged tree."""

    path: str
    text: str
    lines: tuple[str, ...]
    tree: ast.Module
    functions: tuple[Function, ...]

    def around(self, start: int, end: int) -> Function | None:
        """Return the function in whose body all of the lines are."""
        return next((one for one in self.functions if one.holds(start, end)), None)


def read(path: str, content: str) -> Source | None:
    """Return the file; None where it does not parse."""
    tree = parsed(content)
    if tree is None:
        return None
    found = tuple(_functions(path, tree.body, ()))
    return Source(path=path, text=content, lines=tuple(text.lines(content)), tree=tree, functions=found)


def parsed(content: str) -> ast.Module | None:
    """Return the module; None where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def first_line(node: ast.stmt) -> int:
    """Return the 1-based line of the statement's first decorator, or of itself."""
    decorators = node.decorator_list if isinstance(node, Definition | ast.ClassDef) else []
    return min(node.lineno, *(one.lineno for one in decorators)) if decorators else node.lineno


def _functions(path: str, body: Sequence[ast.stmt], classes: tuple[str, ...]) -> Iterator[Function]:
    for node in body:
        if isinstance(node, Definition):
            yield _function(path, node, classes)
        elif isinstance(node, ast.ClassDef):
            yield from _functions(path, node.body, (*classes, node.name))
        elif not classes:
            # below a condition or in a `try`
            for part in ("body", "orelse", "finalbody"):
                yield from _functions(path, getattr(node, part, ()), classes)


def _function(path: str, node: Definition, classes: tuple[str, ...]) -> Function:
    return Function(
        path=path,
        name=".".join((*classes, node.name)),
        classes=classes,
        first=first_line(node),
        start=node.lineno,
        inner=first_line(node.body[0]),
        end=node.end_lineno or node.lineno,
        indent=node.col_offset,
    )
