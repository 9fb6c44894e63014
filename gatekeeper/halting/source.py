"""One Python file taken apart: its functions, what it imports, and the text that may be shown of it."""

import ast
import io
import itertools
import tokenize
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gatekeeper.halting import listing
from gatekeeper.impact import scope

_PROMPT = ">>>"
# examples of one module, and characters of one
_EXAMPLES, _LONGEST = 200, 500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Function:
    """One definition of a function or method; nested ones belong to it.

    Two are equal that stand at the same place, so that one tree may be read more than once.
    """

    path: str
    # qualified within the module: `Class.method`
    name: str
    node: scope.Function
    # the class that it is a method of, else None
    owner: ast.ClassDef | None = None
    # qualified name of that class, else ""
    owned_by: str = ""

    @property
    def _place(self) -> tuple[str, str, int]:
        return self.path, self.name, self.node.lineno

    def __eq__(self, other: object) -> bool:
        """Whether both are the same definition."""
        return isinstance(other, Function) and self._place == other._place

    def __hash__(self) -> int:
        """Hash the place."""
        return hash(self._place)

    @property
    def first(self) -> int:
        """1-based first line, decorators included."""
        return min(item.lineno for item in (self.node, *self.node.decorator_list))

    @property
    def last(self) -> int:
        """1-based last line."""
        return self.node.end_lineno or self.node.lineno


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a name of a module stands for."""

    # dots of a relative import
    level: int
    # `package.module` or `package.module.name`
    dotted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file that parses."""

    path: str
    # by line, without comments, docstrings and secrets
    text: Sequence[str]
    # qualified name -> its definitions, in the file's order
    functions: Mapping[str, Sequence[Function]]
    imports: Mapping[str, Imported]
    # modules of which every name is imported
    stars: Sequence[Imported]
    # name -> the simple statements at the module's level that set it
    names: Mapping[str, Sequence[ast.stmt]]
    # qualified name -> its last definition
    classes: Mapping[str, ast.ClassDef] = field(default_factory=dict)
    # calls that the module's docstrings, and other texts that stand by themselves, show after `>>>`
    examples: Sequence[ast.Call] = ()

    def meaning(self, callee: ast.AST) -> str:
        """Return `package.module.name` where a callee is reached through an absolute import, else what is written."""
        root, _, rest = scope.dotted(callee).partition(".")
        known = self.imports.get(root)
        if known is None or known.level:
            return f"{root}.{rest}" if rest else root
        return f"{known.dotted}.{rest}" if rest else known.dotted

    def listed(self, function: Function) -> tuple[listing.Line, ...]:
        """Return a function's lines, after the line of its class."""
        own = listing.lines(self.text, function.first, function.last)
        if function.owner is None:
            return own
        return (*listing.lines(self.text, function.owner.lineno, function.owner.lineno), *own)


def read(path: str, content: bytes) -> Module | None:
    """Take a file apart, in the encoding that it declares; None where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = _decoded(content)
            tree = ast.parse(text)
        module = _Parts(path)
        module.scope(tree.body, None, "")
        shown = listing.cleaned(text, tree)
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError):
        return None
    return Module(
        path=path,
        text=shown,
        functions=module.functions,
        imports=module.imports,
        stars=module.stars,
        names=module.names,
        classes=module.classes,
        examples=tuple(itertools.islice(_examples(tree), _EXAMPLES)),
    )


def _examples(tree: ast.Module) -> Iterator[ast.Call]:
    told = (
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )
    lines = (line for one in told if isinstance(one.value, str) for line in one.value.splitlines())
    for line in (line.strip() for line in lines):
        if line.startswith(_PROMPT) and len(line) <= _LONGEST:
            try:
                body = ast.parse(line.removeprefix(_PROMPT).strip()).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            yield from (node for part in body for node in ast.walk(part) if isinstance(node, ast.Call))


def _decoded(content: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline=None).read()


@dataclass(slots=True)
class _Parts:
    path: str
    functions: dict[str, list[Function]] = field(default_factory=dict)
    imports: dict[str, Imported] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)
    names: dict[str, list[ast.stmt]] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)

    def scope(self, body: Sequence[ast.stmt], owner: ast.ClassDef | None, prefix: str) -> None:
        """Collect from the body of a module or a class."""
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    name = f"{prefix}.{node.name}" if prefix else node.name
                    function = Function(path=self.path, name=name, node=node, owner=owner, owned_by=prefix)
                    self.functions.setdefault(name, []).append(function)
                    self._imports(ast.walk(node))
                case ast.ClassDef():
                    name = f"{prefix}.{node.name}" if prefix else node.name
                    self.classes[name] = node
                    self.scope(node.body, node, name)
                case ast.Import() | ast.ImportFrom():
                    self._imports(iter([node]))
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign() if owner is None:
                    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                        self.names.setdefault(scope.dotted(target).partition(".")[0], []).append(node)
                case _:
                    self.scope(list(_statements(node)), owner, prefix)

    def _imports(self, nodes: Iterator[ast.AST]) -> None:
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    dotted = alias.name if alias.asname else alias.name.partition(".")[0]
                    self.imports[alias.asname or dotted] = Imported(level=0, dotted=dotted)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name == "*":
                        self.stars.append(Imported(level=node.level, dotted=node.module or ""))
                        continue
                    dotted = f"{node.module}.{alias.name}" if node.module else alias.name
                    self.imports[alias.asname or alias.name] = Imported(level=node.level, dotted=dotted)


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements within a compound one."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.stmt):
            yield part
        elif isinstance(part, ast.ExceptHandler | ast.match_case):
            yield from part.body
