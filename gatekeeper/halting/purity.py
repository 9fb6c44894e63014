"""`while` loops in which a state that comes back proves that they never end, as far as their text tells.

One iteration is then a function of the values that it reads: it calls nothing but what is listed here, which depends on
its arguments alone, and nothing that it uses is hidden from whoever compares the values. Whether these are of exact
built-in types is seen only when it runs. What is only added to, and never read, decides nothing and is left out.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.halting import source

# builtins that depend on their arguments alone, where these are of exact built-in types
_FUNCTIONS = frozenset(
    {"abs", "all", "any", "bin", "bool", "bytes", "chr", "dict", "divmod", "enumerate", "float", "hex", "int", "len"}
    | {"isinstance", "list", "max", "min", "oct", "ord", "pow", "range", "repr", "reversed", "round", "sorted", "str"}
    | {"frozenset", "set", "sum", "tuple", "zip"}
)
# go through all of a generator at once
_CONSUMERS = frozenset({"all", "any", "dict", "list", "max", "min", "sorted", "sum", "tuple", "join"})
_MODULES = frozenset(
    {"math.ceil", "math.comb", "math.cos", "math.exp", "math.fabs", "math.floor", "math.fmod", "math.gcd"}
    | {"math.hypot", "math.isclose", "math.isfinite", "math.isinf", "math.isnan", "math.isqrt", "math.lcm", "math.log"}
    | {"math.log10", "math.log2", "math.pow", "math.prod", "math.sin", "math.sqrt", "math.tan", "math.trunc"}
)
# methods of lists, dictionaries, texts and bytes; those of sets among them depend on no order
_METHODS = frozenset(
    {
        "append",
        "clear",
        "copy",
        "count",
        "extend",
        "get",
        "index",
        "insert",
        "items",
        "keys",
        "pop",
        "popitem",
        "remove",
    }
    | {"reverse", "setdefault", "sort", "update", "values", "add", "discard", "issubset", "issuperset", "isdisjoint"}
    | {"casefold", "capitalize", "center", "endswith", "find", "isalnum", "isalpha", "isdecimal", "isdigit", "islower"}
    | {"isspace", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace"}
    | {"rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip"}
    | {"swapcase", "title", "translate", "upper", "zfill", "bit_length", "bit_count", "is_integer"}
)
_EXCEPTIONS = frozenset(
    {"ArithmeticError", "AssertionError", "Exception", "IndexError", "KeyError", "LookupError", "OverflowError"}
    | {"RuntimeError", "TypeError", "ValueError", "ZeroDivisionError"}
)
_PURE = (
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While, ast.Try, ast.Pass, ast.Break,
    ast.Continue, ast.Return, ast.Raise, ast.Assert, ast.Delete, ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp,
    ast.IfExp, ast.Subscript, ast.Slice, ast.Starred, ast.Tuple, ast.List, ast.Dict, ast.JoinedStr, ast.FormattedValue,
    ast.NamedExpr, ast.keyword, ast.ListComp, ast.DictComp, ast.comprehension, ast.expr_context, ast.operator,
    ast.unaryop, ast.boolop, ast.cmpop, ast.Match, ast.match_case, ast.MatchValue, ast.MatchSingleton, ast.MatchOr,
)  # fmt: skip
# what goes over something shows the order of a set, which is no part of its value
_ORDERED = (ast.For, ast.comprehension, ast.Starred)
_ORDERED_CALLS = frozenset(
    {"enumerate", "list", "max", "min", "reversed", "sum", "tuple", "zip", "pop", "popitem", "dict"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A `while` loop, and what to compare."""

    # 1-based first and last line of the statement
    first: int
    last: int
    # 1-based lines on which a statement begins, alone on its line, with nothing half done
    lines: frozenset[int]
    # names whose values decide what an iteration does
    names: frozenset[str]
    # names of what is only added to: a proof as long as it is none of what those hold
    added_to: frozenset[str]
    # whether a set may be among the values
    sets: bool


def loops(function: source.Function, module: source.Module) -> Iterator[Loop]:
    """Yield the function's own `while` loops of which a repeated state would be a proof, by line."""
    shadowed = _bound(function) | module.functions.keys() | module.names.keys() | module.imports.keys()
    if any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in ast.walk(function.node)):
        return
    for node in ast.walk(function.node):
        if isinstance(node, ast.While):
            reader = _Reader(module, frozenset(shadowed))
            lines = frozenset(_lines(node))
            if lines and all(map(reader.is_pure, _repeated(node))):
                added_to = frozenset(_only_added_to(node))
                yield Loop(
                    first=node.lineno,
                    last=node.end_lineno or node.lineno,
                    lines=lines,
                    names=frozenset(reader.names - added_to),
                    added_to=added_to,
                    sets=not reader.ordered,
                )


class _Reader:
    """Goes over the nodes of one loop."""

    def __init__(self, module: source.Module, shadowed: frozenset[str]) -> None:
        self._module, self._shadowed = module, shadowed
        # callees, which are no values
        self._called: set[int] = set()
        self._consumed: set[int] = set()
        self.names: set[str] = set()
        self.ordered = False

    def is_pure(self, node: ast.AST) -> bool:  # noqa: PLR0911 - one arm for each kind of node
        """Whether the node adds nothing beyond values; parents come before their children."""
        self.ordered |= isinstance(node, _ORDERED)
        match node:
            case _ if id(node) in self._called:
                return True
            case ast.Call():
                return self._is_pure_call(node)
            case ast.MatchAs(pattern=None, name=None):
                return True
            case ast.GeneratorExp():
                return id(node) in self._consumed
            case ast.Compare(ops=operators, comparators=others):
                return all(map(_by_value, operators, others))
            case ast.Raise(exc=ast.Name(id=name) as raised):
                self._called.add(id(raised))
                return name in _EXCEPTIONS and name not in self._shadowed
            case ast.ExceptHandler(type=caught):
                return caught is None or self._catches(caught)
            case ast.Name(id=name):
                self.names.add(name)
                return True
            case _:
                return isinstance(node, _PURE)

    def _is_pure_call(self, node: ast.Call) -> bool:
        called = node.func
        if any(keyword.arg is None or keyword.arg == "key" for keyword in node.keywords):
            return False
        if _last_name(called) in _CONSUMERS:
            self._consumed |= set(map(id, node.args))
        match called:
            case ast.Name(id=name) if name in _FUNCTIONS | _EXCEPTIONS and name not in self._shadowed:
                self._called.add(id(called))
                self.ordered |= name in _ORDERED_CALLS
                return name != "isinstance" or self._is_of_builtins(node)
            case ast.Attribute() if self._module.meaning(called) in _MODULES:
                self._called |= {id(part) for part in ast.walk(called)}
                return True
            case ast.Attribute(attr=name) if name in _METHODS:
                self._called.add(id(called))
                self.ordered |= name in _ORDERED_CALLS
                return True
            case _:
                return False

    def _is_of_builtins(self, node: ast.Call) -> bool:
        kinds = [part for argument in node.args[1:] for part in ast.walk(argument)]
        self._called |= {id(part) for part in kinds}
        known = _FUNCTIONS | {"set", "frozenset"}
        return all(part.id in known - self._shadowed for part in kinds if isinstance(part, ast.Name))

    def _catches(self, caught: ast.expr) -> bool:
        parts = list(ast.walk(caught))
        self._called |= {id(part) for part in parts}
        return all(part.id in _EXCEPTIONS - self._shadowed for part in parts if isinstance(part, ast.Name))


def _last_name(called: ast.expr) -> str:
    match called:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _only_added_to(loop: ast.While) -> Iterator[str]:
    """Yield the names that occur only where something is added to what they hold, which cannot fail later."""
    added: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for node in _repeated(loop):
        if isinstance(node, ast.Name):
            there[node.id] += 1
        elif isinstance(node, ast.stmt) and (found := _addition(node)) is not None:
            added[found[0]] += found[1]
    yield from (name for name, number in added.items() if number == there[name])


def _addition(node: ast.stmt) -> tuple[str, int] | None:
    """Return the name that a statement only adds to, and how often the statement has it."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() | ast.Mult()):
            return name, 1
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.Name(id=left), op=ast.Add() | ast.Sub() | ast.Mult()),
        ) if left == name:
            return name, 2
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(op=ast.Add(), right=ast.Name(id=right))) if (
            right == name
        ):
            return name, 2
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add"))):
            return name, 1
        case _:
            return None


def _repeated(loop: ast.While) -> Iterator[ast.AST]:
    """Yield the nodes that every iteration may run, parents first."""
    for part in (loop.test, *loop.body):
        waiting: list[ast.AST] = [part]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _by_value(operator: ast.cmpop, other: ast.expr) -> bool:
    """Whether a comparison looks at values; `is` looks at more, but for the constants that are there once."""
    once = isinstance(other, ast.Constant) and (other.value is None or isinstance(other.value, bool))
    return once or not isinstance(operator, ast.Is | ast.IsNot)


def _bound(function: source.Function) -> set[str]:
    """Return the names that the function, or a function in it, sets itself."""
    stored = (node for node in ast.walk(function.node) if isinstance(node, ast.Name))
    names = {node.id for node in stored if not isinstance(node.ctx, ast.Load)}
    return names | {node.arg for node in ast.walk(function.node) if isinstance(node, ast.arg)}


def _lines(loop: ast.While) -> Iterator[int]:
    """Yield lines that hold the start of one statement, and at which nothing is kept beside the names.

    What goes over something keeps how far it has come, a handler what it handles; both hide it.
    """
    taken: set[int] = set()
    for statement in (loop, *_plain(loop.body)):
        node = statement.test if isinstance(statement, ast.If | ast.While) else statement
        alone = statement.lineno == node.lineno == node.end_lineno and statement.lineno not in taken
        taken.add(statement.lineno)
        if alone and not any(isinstance(part, ast.comprehension) for part in ast.walk(node)):
            yield statement.lineno


def _plain(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        match statement:
            case ast.If() | ast.While():
                yield statement
                yield from _plain(statement.body)
                yield from _plain(statement.orelse)
            case ast.Try():
                yield from _plain(statement.body)
            case ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith() | ast.Match():
                pass
            case _:
                yield statement
