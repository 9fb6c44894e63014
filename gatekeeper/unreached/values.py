"""Values that annotations admit, as source text: literals, and objects of the project's own classes made of such."""

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence

from gatekeeper.diffs import tree as trees
from gatekeeper.halting import literals
from gatekeeper.impact import layout, scope

# of one annotation; objects within objects
MOST, _NESTED = 5, 2
# what no one would write into a test
_ODD = ("lambda", "iter(", "__import__", "float('nan')")
_OF_FIELDS = frozenset({"dataclass"})
_PLAIN = frozenset({"", "object", "NamedTuple", "Protocol", "ABC", "Generic"})
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "MutableSequence"})
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})

Fields = list[tuple[str, ast.expr | None]]


def is_odd(text: str) -> bool:
    """Whether a value is one that no one would write into a test."""
    return any(odd in text for odd in _ODD)


class Values:
    """What annotations in the files of one tree admit."""

    def __init__(self, files: trees.Tree) -> None:
        """Read classes in `files` as they are asked for."""
        self._files = files
        self._layout = layout.Layout(path for path in files.entries if path.endswith(".py"))
        self._parsed: dict[str, Mapping[str, ast.stmt]] = {}

    def of(self, annotation: ast.expr | None, path: str, depth: int = 0) -> list[str]:
        """Return a few values, the typical first, in the names of the file at `path`; none where nothing is known."""
        plain = itertools.islice((text for text in literals.edges(annotation) if not is_odd(text)), MOST)
        found = list(plain) or list(itertools.islice(self._made(annotation, path, depth), MOST))
        return list(dict.fromkeys(found))

    def _made(self, annotation: ast.expr | None, path: str, depth: int) -> Iterator[str]:
        match annotation:
            case ast.Constant(value=str() as text):
                try:
                    yield from self.of(ast.parse(text, mode="eval").body, path, depth)
                except SyntaxError:
                    return
            case ast.Name(id=name):
                node = self._class(path, name)
                if node is not None and depth < _NESTED:
                    yield from self.objects(node, name, path, depth + 1)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from [*self.of(left, path, depth), *self.of(right, path, depth)]
            case ast.Subscript(value=outer, slice=inner):
                yield from self._of_generic(scope.dotted(outer).rpartition(".")[2], inner, path, depth)

    def _of_generic(self, name: str, inner: ast.expr, path: str, depth: int) -> Iterator[str]:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        each = [self.of(part, path, depth) for part in parts if not _is_ellipsis(part)]
        if not all(each):
            return
        if name in _LISTS:
            yield from (f"[{each[0][0]}]", "[]", f"[{', '.join(each[0][:3])}]")
        elif name in {"tuple", "Tuple"}:
            yield from (f"({', '.join(one[at % len(one)] for one in each)},)" for at in range(3))
        elif name == "Optional":
            yield from [*each[0], "None"]
        elif name in _MAPPINGS and len(each) > 1:
            yield from (f"{{{each[0][0]}: {each[1][0]}}}", "{}")

    def objects(self, owner: ast.ClassDef, name: str, path: str, depth: int = 0) -> Iterator[str]:
        """Yield expressions that make an instance of a class; none where it does not say what it takes."""
        bases = {scope.dotted(_outer(base)).rpartition(".")[2] for base in owner.bases}
        if bases & _ENUMS:
            yield from (f"{name}.{member}" for member in _members(owner))
            return
        fields = _fields(owner) if bases <= _PLAIN else None
        if fields is None:
            return
        values = [self.of(annotation, path, depth) for _, annotation in fields]
        if not all(values):
            return
        for at in range(max(map(len, values), default=1)):
            words = [f"{word}{each[at % len(each)]}" for (word, _), each in zip(fields, values, strict=True)]
            yield f"{name}({', '.join(words)})"

    def _class(self, path: str, name: str, hops: int = 2) -> ast.ClassDef | None:
        """Return the class that a name of a file stands for; None where that is no class of the tree."""
        match self._names(path).get(name):
            case ast.ClassDef() as node:
                return node
            case ast.ImportFrom() as node if hops:
                original = next(one.name for one in node.names if name in {one.asname, one.name})
                places = (
                    self._layout.relative(node.level, node.module or "", path)
                    if node.level
                    else self._layout.modules(node.module or "", path)
                )
                found = (self._class(place, original, hops - 1) for place in places if place.endswith(".py"))
                return next((one for one in found if one is not None), None)
        return None

    def _names(self, path: str) -> Mapping[str, ast.stmt]:
        if path not in self._parsed:
            try:
                body: Sequence[ast.stmt] = ast.parse(trees.content(self._files, path) or b"").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                body = ()
            names: dict[str, ast.stmt] = {}
            for node in body:
                if isinstance(node, ast.ClassDef):
                    names[node.name] = node
                elif isinstance(node, ast.ImportFrom):
                    names |= dict.fromkeys([one.asname or one.name for one in node.names], node)
            self._parsed[path] = names
        return self._parsed[path]


def called(decorator: ast.expr) -> ast.expr:
    """Return what a decorator names, its own arguments left out."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def without_first(given: ast.arguments) -> ast.arguments:
    """Return the arguments without `self`."""
    return ast.arguments(
        posonlyargs=given.posonlyargs[1:],
        args=given.args if given.posonlyargs else given.args[1:],
        vararg=given.vararg,
        kwonlyargs=given.kwonlyargs,
        kw_defaults=given.kw_defaults,
        kwarg=given.kwarg,
        defaults=given.defaults,
    )


def needed(given: ast.arguments) -> Fields:
    """Return what a call must give: `name=` for what is only taken by name, and the annotation."""
    positional = [*given.posonlyargs, *given.args]
    without = positional[: len(positional) - len(given.defaults)]
    named = [one for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None]
    return [*(("", one.annotation) for one in without), *((f"{one.arg}=", one.annotation) for one in named)]


def _fields(owner: ast.ClassDef) -> Fields | None:
    """Return what an instance must be made with; None where that is not known."""
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return needed(without_first(node.args))
    made = {scope.dotted(called(decorator)).rpartition(".")[2] for decorator in owner.decorator_list}
    named = any(scope.dotted(base).rpartition(".")[2] == "NamedTuple" for base in owner.bases)
    if made & _OF_FIELDS or named:
        plain = (node for node in owner.body if isinstance(node, ast.AnnAssign) and _is_needed(node))
        return [(f"{node.target.id}=", node.annotation) for node in plain if isinstance(node.target, ast.Name)]
    return None if made else []


def _is_needed(node: ast.AnnAssign) -> bool:
    """Whether a field must be given; `field(...)` without a default is one that must."""
    if "ClassVar" in ast.unparse(node.annotation):
        return False
    if isinstance(node.value, ast.Call) and scope.dotted(node.value.func).rpartition(".")[2] == "field":
        return not {keyword.arg for keyword in node.value.keywords} & {"default", "default_factory", "init"}
    return node.value is None


def _members(owner: ast.ClassDef) -> Iterator[str]:
    for node in owner.body:
        if isinstance(node, ast.Assign):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name) and not one.id.startswith("_"))


def _outer(base: ast.expr) -> ast.expr:
    return base.value if isinstance(base, ast.Subscript) else base


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
