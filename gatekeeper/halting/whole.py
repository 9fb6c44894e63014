"""What the text of a function tells of the kinds of its values: whole numbers, and collections that nobody else has."""

import ast
from collections.abc import Iterator

from gatekeeper.halting import source
from gatekeeper.impact import scope

# builtins that change nothing that they are given
HARMLESS = frozenset({"abs", "all", "any", "bool", "chr", "enumerate", "float", "int", "isinstance", "len", "list"})
HARMLESS |= {"max", "min", "ord", "print", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple"}
HARMLESS |= {"zip", "divmod", "dict", "bytes", "frozenset"}
_IMMUTABLE = frozenset({"str", "bytes", "tuple", "frozenset", "range"})
_COLLECTIONS = frozenset({"list", "dict", "set", "deque"}) | _IMMUTABLE
# of collections and texts; anything else may run whatever somebody wrote
_METHODS = frozenset(
    {"append", "appendleft", "add", "extend", "insert", "pop", "popleft", "popitem", "remove", "clear"}
)
_METHODS |= {"discard", "update", "setdefault", "get", "items", "keys", "values", "copy", "count", "index", "find"}
_METHODS |= {"rfind", "join", "split", "strip", "lstrip", "rstrip", "lower", "upper", "startswith", "endswith"}
_METHODS |= {"replace", "isdigit", "isalpha", "isspace", "sort", "reverse", "format", "partition", "bit_length"}
_WHOLE = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.RShift, ast.LShift, ast.BitAnd, ast.BitOr, ast.BitXor)


def is_known(call: ast.Call) -> bool:
    """Whether a call is of a builtin, or of a method of texts and collections by its name: each of them ends."""
    match call.func:
        case ast.Name(id=name):
            return name in HARMLESS or name.endswith(("Error", "Exception"))
        case ast.Attribute(attr=name):
            return name in _METHODS
        case _:
            return False


class Kinds:
    """Of one function."""

    def __init__(self, function: source.Function, module: source.Module) -> None:
        """Read the function's text."""
        self._node = function.node
        self._shadowed = module.functions.keys() | module.names.keys() | module.imports.keys()
        self._shared = {
            name
            for part in ast.walk(function.node)
            if isinstance(part, ast.Global | ast.Nonlocal)
            for name in part.names
        }
        given = function.node.args
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        self._said = {one.arg: kind for one in arguments if (kind := _kind(one.annotation))}
        nothing = [one for one in (*given.defaults, *given.kw_defaults) if _is_none(one)]
        self._unsaid = {one.arg for one in arguments if one.arg not in self._said or nothing}
        self._unsaid |= {one.arg for one in (given.vararg, given.kwarg) if one is not None}
        self._set: dict[str, list[ast.expr | None]] = {}
        for node in _scope(function.node):
            self._collect(node)
        self._whole = self._wholes()

    def is_whole(self, name: str) -> bool:
        """Whether a name stands for whole numbers alone, and no other function sets it."""
        return name in self._whole

    def said(self, name: str) -> str:
        """Return the built-in kind that an argument is annotated with; empty where it has none."""
        return "" if name in self._unsaid else self._said.get(name, "")

    def is_alone(self, name: str, loop: ast.While) -> bool:
        """Whether what a name holds is of a built-in kind, and changed in a loop under that name alone."""
        kind = self._kind_of(name)
        if kind in _IMMUTABLE:
            return True
        if kind is None or any(self._hands_on(node, name) for node in _scope(self._node)):
            return False
        return all(self._is_apart(call, name) for call in ast.walk(loop) if isinstance(call, ast.Call))

    def keeps_its_length(self, name: str, loop: ast.While) -> bool:
        """Whether what a name holds is as long after each pass of a loop as before."""
        kind = self._kind_of(name)
        if kind is None or any(_sets(node, name) for node in ast.walk(loop)):
            return False
        if kind in _IMMUTABLE:
            return True
        changed = any(_changes(node, name, kind) for node in ast.walk(loop))
        return not changed and self.is_alone(name, loop)

    def _kind_of(self, name: str) -> str | None:
        """Return the built-in kind of what a name holds; None where it is not told."""
        if name in self._shared:
            return None
        kinds = {_fresh(value, self._shadowed) for value in self._set.get(name, ()) if not _is_part(value, name)}
        if name in self._said and name not in self._unsaid:
            kinds.add(self._said[name])
        elif name in self._unsaid:
            return None
        kind = kinds.pop() if len(kinds) == 1 else None
        return kind if kind in _COLLECTIONS else None

    def _is_apart(self, call: ast.Call, name: str) -> bool:
        """Whether a call changes nothing that `name` may hold, but under that name."""
        match call.func:
            case ast.Name(id=function):
                return function in HARMLESS | {"heappop"} and function not in self._shadowed - {"heappop"}
            case ast.Attribute(value=ast.Name(id=owner), attr=method):
                own = owner == name or self._kind_of(owner) in _IMMUTABLE
                return method in _METHODS and (own or self._is_fresh(owner))
            case ast.Attribute(value=ast.Constant(), attr=method):
                return method in _METHODS
            case _:
                return False

    def _is_fresh(self, name: str) -> bool:
        return name not in self._said.keys() | self._unsaid and self._kind_of(name) is not None

    def _hands_on(self, node: ast.AST, name: str) -> bool:
        """Whether another name, or something else, comes to hold what `name` holds."""
        match node:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) | ast.NamedExpr(value=value):
                return any(isinstance(part, ast.Name) and part.id == name for part in _held(value))
            case ast.Call(func=func, args=given):
                harmless = isinstance(func, ast.Name) and func.id in HARMLESS | {"heappop", "heappush"}
                held = [part for one in given for part in _held(one)]
                return not harmless and any(isinstance(part, ast.Name) and part.id == name for part in held)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                inner = node is not self._node
                return inner and any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
            case _:
                return False

    def _collect(self, node: ast.AST) -> None:  # noqa: C901 - one arm for each form
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(
                values
            ):
                for target, value in zip(targets, values, strict=True):
                    self._bind(target, value)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                self._bind(target, value)
            case ast.AugAssign(target=ast.Name(id=name), op=operator, value=value):
                own = ast.Name(id=name, ctx=ast.Load())
                self._set.setdefault(name, []).append(ast.BinOp(left=own, op=operator, right=value))
            case ast.For(target=target, iter=ast.Call(func=ast.Name(id="range"))):
                self._bind(target, ast.Constant(value=0))
            case ast.For(target=target) | ast.AsyncFor(target=target) | ast.comprehension(target=target):
                self._bind(target, None)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._bind(target, None)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._set.setdefault(name, []).append(None)
            case _:
                pass

    def _bind(self, target: ast.expr, value: ast.expr | None) -> None:
        match target:
            case ast.Name(id=name):
                self._set.setdefault(name, []).append(value)
            case _:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        self._set.setdefault(part.id, []).append(None)

    def _wholes(self) -> set[str]:
        """Return the names that hold nothing but whole numbers: those that are left when all others are gone."""
        able = (self._set.keys() | self._said.keys()) - self._shared - self._unsaid
        able -= {name for name, kind in self._said.items() if kind not in {"int", "bool"}}
        while True:
            kept = {name for name in able if all(self._makes_whole(value, able) for value in self._set.get(name, ()))}
            if kept == able:
                return able
            able = kept

    def _makes_whole(self, value: ast.expr | None, able: set[str]) -> bool:  # noqa: PLR0911 - one arm for each form
        match value:
            case ast.Constant(value=int()):
                return True
            case ast.Name(id=name):
                return name in able
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Invert(), operand=operand):
                return self._makes_whole(operand, able)
            case ast.BinOp(left=left, op=operator, right=right):
                return isinstance(operator, _WHOLE) and self._makes_whole(left, able) and self._makes_whole(right, able)
            case ast.IfExp(body=body, orelse=other):
                return self._makes_whole(body, able) and self._makes_whole(other, able)
            case ast.Call(func=ast.Name(id="len" | "int" | "ord" as name)):
                return name not in self._shadowed
            case ast.Call(func=ast.Name(id="abs" | "min" | "max" as name), args=[_, *_] as given, keywords=[]):
                several = len(given) > 1 or name == "abs"
                return several and name not in self._shadowed and all(self._makes_whole(one, able) for one in given)
            case _:
                return False


def _kind(annotation: ast.expr | None) -> str:
    """Return the name of the built-in kind that an annotation says; empty where it says something else."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ""
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    name = scope.dotted(outer).rpartition(".")[2] if outer is not None else ""
    lowered = name.lower() if name in {"List", "Dict", "Set", "Deque", "Tuple"} else name
    return lowered if lowered in _COLLECTIONS | {"int", "bool"} else ""


def _fresh(value: ast.expr | None, shadowed: set[str]) -> str | None:
    """Return the kind of a collection that an expression makes anew; None where it makes none in sight."""
    match value:
        case ast.List() | ast.ListComp():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case ast.Set() | ast.SetComp():
            return "set"
        case ast.JoinedStr() | ast.Constant(value=str()):
            return "str"
        case ast.Call(func=ast.Name(id=name)) if name in _COLLECTIONS and name not in shadowed - {"deque"}:
            return name
        case _:
            return None


def _is_part(value: ast.expr | None, name: str) -> bool:
    """Whether a value is a part of what the name holds, and so of the same kind."""
    match value:
        case ast.Subscript(value=ast.Name(id=owner), slice=ast.Slice()):
            return owner == name
        case _:
            return False


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _held(value: ast.expr) -> Iterator[ast.AST]:
    """Yield the parts of an expression whose own objects its value may hold."""
    yield value
    match value:
        case ast.Subscript() | ast.Compare() | ast.Call() | ast.BinOp():
            return
        case _:
            for part in ast.iter_child_nodes(value):
                if isinstance(part, ast.expr):
                    yield from _held(part)


def _sets(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def _changes(node: ast.AST, name: str, kind: str) -> bool:
    """Whether a node changes how long the collection is that a name holds."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)):
            looking = {"get", "items", "keys", "values", "copy", "count", "index", "sort", "reverse"}
            return owner == name and method not in looking
        case ast.Call(args=given):
            return isinstance(node.func, ast.Name) and node.func.id not in HARMLESS and _is_given(given, name)
        case ast.Subscript(value=ast.Name(id=owner), slice=part, ctx=context):
            at_one = kind == "list" and isinstance(context, ast.Store) and not isinstance(part, ast.Slice)
            return owner == name and not isinstance(context, ast.Load) and not at_one
        case _:
            return False


def _is_given(given: list[ast.expr], name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in given)


def _scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is under a node, but for what is inside of functions, lambdas and classes there."""
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, scope.Function | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(part))
