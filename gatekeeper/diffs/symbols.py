"""Two versions of a Python file -> the functions, classes and module-level names that differ.

Syntax trees are compared without positions, so that comments, blank lines and formatting change nothing. A docstring
belongs to its function, class or module: doctests and `__doc__` read it.
"""

import ast
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Change(StrEnum):
    """What happened to a symbol."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolChange:
    """One changed symbol of a file."""

    # qualified within the module: `Class.method`; "" for statements that only run when the module is imported
    name: str
    kind: Change
    # whether importing the module evaluates something else than before (a decorator, a base, a computed value), so
    # that the import itself may now fail
    at_import: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs between two versions of a file."""

    # by name
    symbols: tuple[SymbolChange, ...]
    # the parser's message where a version does not parse, whose symbols are then unknown
    before_error: str | None = None
    after_error: str | None = None


class _Code:
    """Syntax that equals other syntax with the same tree; the same lines are the same tree, and cheaper to compare."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, nodes: Sequence[ast.AST], lines: list[bytes]) -> None:
        self._nodes = nodes
        self._lines = lines

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Code):
            return NotImplemented
        return self._text == other._text or self._tree == other._tree

    @property
    def _text(self) -> list[object]:
        return [_span(node, self._lines) or ast.dump(node) for node in self._nodes]

    @property
    def _tree(self) -> list[str]:
        return [ast.dump(node) for node in self._nodes]


def _span(node: ast.AST, lines: list[bytes]) -> list[bytes]:
    """Return the lines of a node with its decorators; empty for a node without a place of its own."""
    if not isinstance(node, ast.stmt | ast.expr | ast.alias) or not node.end_lineno:
        return []
    first = min(item.lineno for item in (node, *getattr(node, "decorator_list", ())))
    return lines[first - 1 : node.end_lineno]


@dataclass(slots=True)
class _Definition:
    # everything that belongs to the symbol
    content: list[_Code] = field(default_factory=list)
    # what is evaluated when the module is imported
    imported: list[_Code] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Definitions:
    """A file taken apart: symbols by name, and for the module and each class its statements in order."""

    lines: list[bytes] = field(default_factory=list)
    symbols: dict[str, _Definition] = field(default_factory=dict)
    # scope -> its statements; a definition is represented by its name alone, as (name,)
    order: dict[str, list[_Code | str | tuple[str]]] = field(default_factory=dict)

    def code(self, nodes: Sequence[ast.AST]) -> _Code:
        """Return syntax of this file, to be compared."""
        return _Code(nodes, self.lines)

    def add(self, scope: str, name: str, content: Sequence[ast.AST], imported: Sequence[ast.AST]) -> None:
        """Add one definition of `name`, qualified, to `scope`."""
        definition = self.symbols.setdefault(name, _Definition())
        definition.content.append(self.code(content))
        definition.imported.append(self.code(imported))
        self.order[scope].append((name,))


def changed_symbols(before: bytes | None, after: bytes | None) -> Changes:
    """Return what differs between two versions of a Python file; None: the file does not exist on that side.

    Encodings are those the files declare. Where a version does not parse, `symbols` is empty and the error says why.
    """
    earlier, before_error = _parsed(before)
    later, after_error = _parsed(after)
    if before_error or after_error:
        return Changes(symbols=(), before_error=before_error, after_error=after_error)
    try:
        return Changes(symbols=tuple(sorted(_compare(earlier, later), key=lambda change: change.name)))
    except RecursionError:
        message = "nested too deeply to be compared"
        return Changes(symbols=(), before_error=message, after_error=message)


def _parsed(source: bytes | None) -> tuple[_Definitions, str | None]:
    definitions = _Definitions()
    if source is None:
        return definitions, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        definitions.lines = source.splitlines()
        _scope("", tree.body, definitions)
    except SyntaxError as error:
        return definitions, f"{error.msg} (line {error.lineno})" if error.lineno else error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return definitions, str(error) or type(error).__name__
    return definitions, None


def _compare(before: _Definitions, after: _Definitions) -> Iterable[SymbolChange]:
    for name in before.symbols.keys() | after.symbols.keys():
        earlier, later = before.symbols.get(name), after.symbols.get(name)
        if earlier is None or later is None:
            kind = Change.REMOVED if later is None else Change.ADDED
            evaluated = later or _Definition()
            yield SymbolChange(name=name, kind=kind, at_import=any(evaluated.imported))
        elif earlier != later or _order(name, before, after) != _order(name, after, before):
            at_import = earlier.imported != later.imported
            yield SymbolChange(name=name, kind=Change.MODIFIED, at_import=at_import)
    if _order("", before, after) != _order("", after, before):
        yield SymbolChange(name="", kind=Change.MODIFIED, at_import=True)


def _order(scope: str, here: _Definitions, there: _Definitions) -> list[_Code | str | tuple[str]]:
    """Return the statements of a scope in order, without the definitions that only one side has."""
    return [item for item in here.order.get(scope, []) if not isinstance(item, tuple) or item[0] in there.symbols]


def _scope(scope: str, body: list[ast.stmt], into: _Definitions) -> None:
    into.order.setdefault(scope, [])
    docstring = body[0] if body and _is_docstring(body[0]) else None
    if docstring:
        into.add(scope, _qualified(scope, "__doc__"), [docstring], [])
    for statement in body[1:] if docstring else body:
        _statement(scope, statement, into)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _qualified(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def _statement(scope: str, node: ast.stmt, into: _Definitions) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            evaluated = [*node.decorator_list, *_computed(node.args.defaults), *_computed(node.args.kw_defaults)]
            into.add(scope, _qualified(scope, node.name), [node], evaluated)
        case ast.ClassDef():
            name = _qualified(scope, node.name)
            outside = [*node.bases, *node.keywords, *node.decorator_list]
            into.add(scope, name, outside, outside)
            _scope(name, node.body, into)
        case ast.Import() | ast.ImportFrom() if not _only_runs(node):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                parts = [*_origin(node), alias]
                into.add(scope, _qualified(scope, name), parts, [] if _is_safe(node, alias) else parts)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            into.add(scope, _qualified(scope, name), [node], _computed([node.value]))
        case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
            _compound(scope, node, into)
        case _:
            into.order[scope].append(into.code([node]))


def _compound(scope: str, node: ast.stmt, into: _Definitions) -> None:
    into.order[scope].append(type(node).__name__)
    for name, value in ast.iter_fields(node):
        into.order[scope].append(name)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.stmt):
                _statement(scope, part, into)
            elif isinstance(part, ast.ExceptHandler):
                into.order[scope].append(f"except {part.name}")
                into.order[scope].append(into.code([part.type] if part.type else []))
                for inner in part.body:
                    _statement(scope, inner, into)
            elif isinstance(part, ast.AST):
                into.order[scope].append(into.code([part]))


def _only_runs(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import is more than the names it binds: `__future__`, or everything of a module."""
    return isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*")


def _origin(node: ast.Import | ast.ImportFrom) -> list[ast.AST]:
    """Return what a name is imported from, without the other names."""
    return [ast.ImportFrom(module=node.module, names=[], level=node.level)] if isinstance(node, ast.ImportFrom) else []


def _is_safe(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
    """Whether the import cannot fail: a module of the standard library as a whole."""
    return isinstance(node, ast.Import) and alias.name in sys.stdlib_module_names


def _computed(nodes: Iterable[ast.expr | None]) -> list[ast.expr]:
    """Return the expressions that are more than literals."""
    literal = ast.Constant | ast.Tuple | ast.List | ast.Set | ast.Dict | ast.Load | ast.UnaryOp | ast.unaryop
    return [node for node in nodes if node and not all(isinstance(item, literal) for item in ast.walk(node))]
