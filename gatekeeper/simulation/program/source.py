"""One Python file of a tree, taken apart into what a program takes or leaves: whole statements, and members of classes.

A unit keeps its lines as they stand in the file, with the one blank line after them, so that a text made of units
always breaks between lines. What only pytest reads is left out of it: its marks, and the decorators of fixtures.
"""

import ast
import io
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gatekeeper.impact import mentions, scope, summary
from gatekeeper.simulation.program import binding, masks

_NOTHING = summary.Summary(error=None, units=[], imports=[], words=[], details=b"[{},[]]")
_FIXTURES = frozenset({"fixture", "yield_fixture"})


class Sort(StrEnum):
    """What a unit is."""

    FUNCTION = "function"
    CLASS = "class"
    IMPORT = "import"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """A statement of a module, or of the body of a class that stands in a module; equal to itself alone."""

    path: str
    sort: Sort
    # the class it is a member of
    owner: "Unit | None"
    # what it binds in its scope
    names: tuple[str, ...]
    # more than one where they share a line
    nodes: tuple[ast.stmt, ...]
    # 1-based first line and text of each run of lines, whose lines end in `\n`
    runs: tuple[tuple[int, str], ...]
    # a class whose members are units of their own; it is its header alone
    split: bool = False
    # lines with a value that looks like a secret, which `runs` show masked
    masked: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """`Class.method` or `function`, for people; the text's start for what binds nothing."""
        own = self.names[0] if self.names else self.text.partition("\n")[0].strip()
        return f"{self.owner.name}.{own}" if self.owner else own

    @property
    def line(self) -> int:
        """1-based first line."""
        return self.runs[0][0]

    @property
    def text(self) -> str:
        """All of its lines."""
        return "".join(text for _, text in self.runs)

    @property
    def block(self) -> "Unit":
        """The statement of the module that it belongs to."""
        return self.owner.block if self.owner else self


@dataclass(slots=True, kw_only=True, eq=False)
class Module:
    """A file's units."""

    path: str
    # why it contributes nothing; None where it does
    error: str | None = None
    lines: Sequence[str] = ()
    # what its global names stand for, without what they mention
    known: summary.Summary = _NOTHING
    # statements in order, members of classes beside
    units: tuple[Unit, ...] = ()
    # class -> the statements of its body in order
    members: dict[Unit, tuple[Unit, ...]] = field(default_factory=dict)
    # global name -> the statements that bind it
    binders: dict[str, list[Unit]] = field(default_factory=dict)
    # global name -> the statements that fill what it stands for: `TABLE[key] = value`, `kept.append(value)`
    fillers: dict[str, list[Unit]] = field(default_factory=dict)

    @property
    def every(self) -> Iterator[Unit]:
        """Yield each unit, members after their class."""
        for unit in self.units:
            yield unit
            yield from self.members.get(unit, ())


def read(path: str, data: bytes) -> Module:
    """Return the file taken apart; for one that does not parse, a module with its error alone."""
    try:
        text = _decoded(data)
        with warnings.catch_warnings():
            # an invalid escape in a string is the project's affair
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return _Reader(path, text.split("\n")).module(tree)
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        return Module(path=path, error=f"cannot be parsed: {reason}")


def _decoded(data: bytes) -> str:
    r"""Return the text with `\n` alone at the ends of lines, as Python's own parser reads it."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def is_for_pytest(decorator: ast.expr) -> bool:
    """Whether only pytest reads the decorator: a mark, or what makes a fixture."""
    path = scope.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
    return ".mark." in f".{path}" or path.rpartition(".")[2] in _FIXTURES


class _Reader:
    def __init__(self, path: str, lines: list[str]) -> None:
        self._path = path
        self._lines = lines

    def module(self, tree: ast.Module) -> Module:
        module = Module(path=self._path, lines=self._lines)
        units: list[Unit] = []
        for nodes in _sharing(mentions.without_docstring(tree.body)):
            unit = self._unit(nodes, None)
            units.append(unit)
            if unit.sort is Sort.CLASS:
                module.members[unit] = self._members(unit)
        module.units = tuple(units)
        for unit in units:
            for name in unit.names:
                module.binders.setdefault(name, []).append(unit)
        definitions = {name: [node for unit in found for node in unit.nodes] for name, found in module.binders.items()}
        for unit in units:
            for name in sorted(binding.filled(unit.nodes, definitions)):
                module.fillers.setdefault(name, []).append(unit)
        module.known = _summary(tree, module)
        return module

    def _members(self, owner: Unit) -> tuple[Unit, ...]:
        (node,) = owner.nodes
        assert isinstance(node, ast.ClassDef)
        if not owner.split:
            return ()
        return tuple(self._unit(nodes, owner) for nodes in _sharing(node.body))

    def _unit(self, nodes: tuple[ast.stmt, ...], owner: Unit | None) -> Unit:
        split = owner is None and self._is_split(nodes)
        runs, masked = [], []
        for first, last in self._ranges(nodes, split=split):
            lines = self._lines[first - 1 : last]
            text = "\n".join([*lines, ""])
            if masks.may_hold(text):
                lines, touched = masks.applied(lines, first, list(masks.places(nodes)))
                text = "\n".join([*lines, ""])
                masked += touched
            runs.append((first, text))
        return Unit(
            path=self._path,
            sort=_sort(nodes),
            owner=owner,
            names=tuple(dict.fromkeys(name for node in nodes for name in binding.names(node))),
            nodes=nodes,
            runs=tuple(runs),
            split=split,
            masked=tuple(masked),
        )

    def _is_split(self, nodes: tuple[ast.stmt, ...]) -> bool:
        """Whether it is a class whose body begins on a line of its own."""
        match nodes:
            case (ast.ClassDef(body=[first, *_]) as node,) if _first(first) > node.lineno:
                decorated = bool(getattr(first, "decorator_list", ()))
                return decorated or not self._lines[first.lineno - 1].encode()[: first.col_offset].strip()
            case _:
                return False

    def _ranges(self, nodes: tuple[ast.stmt, ...], *, split: bool) -> Iterator[tuple[int, int]]:
        """Yield first and last line of each run of lines that is kept."""
        first, last = _first(nodes[0]), max(node.end_lineno or node.lineno for node in nodes)
        node = nodes[0]
        if split and isinstance(node, ast.ClassDef):
            last = _first(node.body[0]) - 1
        elif last < len(self._lines) and not self._lines[last].strip(" \t"):
            last += 1
        if len(nodes) == 1 and isinstance(node, scope.Function | ast.ClassDef):
            for item in node.decorator_list:
                if is_for_pytest(item) and self._lines[item.lineno - 1].lstrip().startswith("@"):
                    if item.lineno > first:
                        yield first, item.lineno - 1
                    first = (item.end_lineno or item.lineno) + 1
        yield first, last


def _summary(tree: ast.Module, module: Module) -> summary.Summary:
    """Return as much of the file's summary as the resolution of names needs."""
    kinds = {Sort.FUNCTION: "f", Sort.CLASS: "c"}
    units = [
        summary.Unit(f"{unit.owner.names[0]}.{name}" if unit.owner else name, kinds.get(unit.sort, "v"), "", "", [])
        for unit in module.every
        if unit.sort is not Sort.IMPORT
        for name in unit.names
    ]
    imports: list[summary.Import] = []
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            imports += [summary.Import(0, item.name, "", item.asname or "", "") for item in node.names]
        elif isinstance(node, ast.ImportFrom):
            named = [(item.name, item.asname or item.name) for item in node.names]
            imports += [summary.Import(node.level, node.module or "", name, alias, "") for name, alias in named]
    return summary.Summary(error=None, units=units, imports=imports, words=[], details=b"[{},[]]")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what holds statements, and every statement, inside a node."""
    waiting = [node]
    while waiting:
        item = waiting.pop()
        yield item
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(item, name, ())
            waiting += inner if isinstance(inner, list) else ()


def _first(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, scope.Function | ast.ClassDef) else []
    return min(node.lineno, *(item.lineno for item in decorators), node.lineno)


def _sharing(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.stmt, ...]]:
    """Yield the statements of a body, together where one begins on the line where another ends."""
    together: list[ast.stmt] = []
    for node in body:
        if together and _first(node) > (together[-1].end_lineno or 0):
            yield tuple(together)
            together = []
        together.append(node)
    if together:
        yield tuple(together)


def _sort(nodes: tuple[ast.stmt, ...]) -> Sort:
    if all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes):
        return Sort.IMPORT
    match nodes:
        case (ast.FunctionDef() | ast.AsyncFunctionDef(),):
            return Sort.FUNCTION
        case (ast.ClassDef(),):
            return Sort.CLASS
        case _:
            return Sort.STATEMENT


def is_docstring(unit: Unit) -> bool:
    """Whether the unit is a constant string by itself."""
    match unit.nodes:
        case (ast.Expr(value=ast.Constant(value=str())),):
            return True
        case _:
            return False
