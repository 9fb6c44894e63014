"""The statements of one scope -> a graph of what can run after what, as CPython's line events show it.

A node is what is traced of one statement: all its lines, or those of its header. Within its lines any order is
possible. Bodies of `finally` and exits of `with` have a node for each way in which they are reached, so that a path
tells how a scope is left. Behaviour: PEP 626, and `sys.settrace` of CPython 3.11 to 3.14.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

Statements = Sequence[ast.stmt]
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# bodies of `finally` that lie in one another: each is copied for the ways in which it is reached, up to here
_COPIED = 2


@dataclass(eq=False, slots=True, kw_only=True)
class Node:
    """A place where a scope's run can be."""

    # 1-based lines, both included; no lines at all where `last` < `first`
    first: int = 0
    last: int = -1
    # what comes next: by itself, or because an exception goes on that was told of before
    after: list["Node"] = field(default_factory=list)
    # what comes next after an exception
    raising: list["Node"] = field(default_factory=list)
    # CPython may not tell of it at all
    silent: bool = False
    # CPython may tell of its only line again
    repeats: bool = False
    # a generator or coroutine can rest here
    pauses: bool = False
    # it goes on after an exception: StopIteration ends what it iterates over, or a comprehension is put away
    iterates: bool = False
    # the scope was entered and nothing of it has run
    start: bool = False

    def holds(self, line: int) -> bool:
        """Whether it has that line."""
        return self.first <= line <= self.last


# the scope returns; an exception leaves the scope
LEAVE, OUT = Node(), Node()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """Where control goes from within a statement."""

    on_return: Node
    on_raise: Node
    # None: no loop around
    on_break: Node | None = None
    on_continue: Node | None = None
    # bodies of `finally` around
    finals: int = 0


_OUTMOST = _Around(on_return=LEAVE, on_raise=OUT)


def of_module(body: Statements) -> Node:
    """Return the start of a module; it can begin and end between any two statements, since a text may hold several."""
    start = Node(first=0, last=0, after=[LEAVE], raising=[OUT], start=True, repeats=True)
    after = LEAVE
    for statement in reversed(body):
        entry = _statement(statement, _OUTMOST, after)
        start.after.append(entry)
        after = Node(after=[entry, LEAVE], silent=True)
    return start


def of_class(lines: tuple[int, int], body: Statements) -> Node:
    """Return the start of a class's body, which runs its header's `lines` first, and may run them last."""
    end = Node(first=lines[0], last=lines[1], after=[LEAVE], raising=[OUT], silent=True)
    entry = Node(first=lines[0], last=lines[1], after=[_block(body, _OUTMOST, end)], raising=[OUT], silent=True)
    return Node(first=lines[0], last=lines[1], after=[entry], raising=[OUT], start=True)


def of_function(lines: tuple[int, int], body: Statements) -> Node:
    """Return the start of a function that is entered on `lines`."""
    entry = _block(body, _OUTMOST, LEAVE)
    # a docstring is no code
    entry.silent |= isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    # the header runs where there is nothing else, and at times where there is
    return Node(first=lines[0], last=lines[1], after=[entry], raising=[OUT], start=True, repeats=True)


def of_expression(line: int, last: int, *, pauses: bool) -> Node:
    """Return the start of a lambda or comprehension, of which any line may follow any other."""
    inner = Node(
        first=line,
        last=last,
        after=[LEAVE, OUT],
        raising=[OUT],
        repeats=True,
        silent=True,
        pauses=pauses,
        iterates=True,
    )
    return Node(first=line, last=last, after=[inner], raising=[OUT], start=True)


def _block(statements: Statements, around: _Around, after: Node) -> Node:
    for statement in reversed(statements):
        after = _statement(statement, around, after)
    return after


def _statement(statement: ast.stmt, around: _Around, after: Node) -> Node:  # noqa: C901, PLR0911, PLR0912 - an arm each
    match statement:
        case ast.Return():
            return _node(statement, [statement], around, around.on_return)
        case ast.Raise(exc=None):
            return _node(statement, [statement], around, around.on_raise)
        case ast.Raise():
            return _node(statement, [statement], around)
        case ast.Break():
            return _node(statement, [], around, around.on_break or LEAVE)
        case ast.Continue():
            return _node(statement, [], around, around.on_continue or LEAVE)
        case ast.If():
            return _if(statement, around, after)
        case ast.While():
            return _while(statement, around, after)
        case ast.For() | ast.AsyncFor():
            return _for(statement, around, after)
        case ast.With() | ast.AsyncWith():
            return _with(statement, around, after)
        case ast.Try() | ast.TryStar():
            return _try(statement, around, after)
        case ast.Match():
            return _match(statement, around, after)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return _definition(statement, around, after)
        case ast.Global() | ast.Nonlocal() | ast.AnnAssign(value=None):
            return _node(statement, [statement], around, after, silent=True)
        case _:
            return _node(statement, [statement], around, after)


def _node(
    statement: ast.stmt | ast.ExceptHandler | ast.pattern,
    parts: Iterable[ast.AST | None],
    around: _Around,
    *after: Node,
    silent: bool = False,
) -> Node:
    """Return the node of a statement of which only `parts` run on its own lines."""
    known = [part for part in parts if part is not None]
    first, last = span(statement, known)
    node = Node(first=first, last=last, after=list(after), raising=[around.on_raise], silent=silent)
    for part in known:
        _mark(node, part)
    if node.iterates:
        # what a comprehension set aside is put back after an exception, which then goes on
        node.after.append(around.on_raise)
    return node


def span(statement: ast.stmt | ast.ExceptHandler | ast.pattern, parts: Iterable[ast.AST]) -> tuple[int, int]:
    """Return the first and the last line of a statement's parts."""
    first = last = statement.lineno
    for part in parts:
        first = min(first, getattr(part, "lineno", first))
        last = max(last, getattr(part, "end_lineno", None) or last)
    return first, last


def _mark(node: Node, part: ast.AST) -> None:
    rest = [part]
    while rest:
        found = rest.pop()
        match found:
            case ast.Lambda():
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                node.repeats = node.iterates = True
            case ast.Yield() | ast.YieldFrom() | ast.Await():
                node.pauses = node.repeats = node.iterates = True
            case ast.BoolOp() | ast.IfExp() | ast.Compare():
                # CPython 3.12 tells of a line again behind a jump within it
                node.repeats = True
            case _:
                pass
        rest.extend(ast.iter_child_nodes(found))


def _if(statement: ast.If, around: _Around, after: Node) -> Node:
    # an `elif` is an `if` within `else`: thousands of them are no recursion here
    chain = [statement]
    while len(chain[-1].orelse) == 1 and isinstance(following := chain[-1].orelse[0], ast.If):
        chain.append(following)
    otherwise = _block(chain[-1].orelse, around, after)
    for one in reversed(chain):
        otherwise = _node(one, [one.test], around, _block(one.body, around, after), otherwise)
    return otherwise


def _while(statement: ast.While, around: _Around, after: Node) -> Node:
    constant = isinstance(statement.test, ast.Constant)
    header = _node(statement, [statement.test], around, silent=constant)
    inner = replace(around, on_break=after, on_continue=header)
    header.after.append(_block(statement.body, inner, header))
    if not (isinstance(statement.test, ast.Constant) and statement.test.value):
        header.after.append(_block(statement.orelse, around, after))
    return header


def _for(statement: ast.For | ast.AsyncFor, around: _Around, after: Node) -> Node:
    header = _node(statement, [statement.target, statement.iter], around)
    header.iterates = True
    if isinstance(statement, ast.AsyncFor):
        header.pauses = header.repeats = True
    inner = replace(around, on_break=after, on_continue=header)
    header.after += [_block(statement.body, inner, header), _block(statement.orelse, around, after)]
    return header


def _with(statement: ast.With | ast.AsyncWith, around: _Around, after: Node) -> Node:
    parts = [part for item in statement.items for part in (item.context_expr, item.optional_vars)]

    def passed(*onward: Node | None) -> Node:
        """Return the header as it is passed again on the way out."""
        node = _node(statement, parts, around, *[one for one in onward if one is not None])
        node.repeats |= len(statement.items) > 1
        if isinstance(statement, ast.AsyncWith):
            node.pauses = node.repeats = node.iterates = True
        return node

    raised = passed(after, around.on_raise)
    inner = _Around(
        on_return=passed(around.on_return),
        on_raise=raised,
        on_break=around.on_break and passed(around.on_break),
        on_continue=around.on_continue and passed(around.on_continue),
        finals=around.finals,
    )
    entered = passed(_block(statement.body, inner, passed(after)))
    if len(statement.items) > 1 or not isinstance(statement.items[0].optional_vars, ast.Name | None):
        # what comes behind the first item's opening may fail
        entered.raising.append(raised)
    return entered


def _try(statement: ast.Try | ast.TryStar, around: _Around, after: Node) -> Node:
    outer, done = _finally(statement.finalbody, around, after) if statement.finalbody else (around, after)
    handler = outer.on_raise
    for one in reversed(statement.handlers):
        handler = _handler(one, handler, outer, done, star=isinstance(statement, ast.TryStar))
    inner = replace(outer, on_raise=handler)
    body = _block(statement.body, inner, _block(statement.orelse, outer, done))
    return _node(statement, [], around, body)


def _handler(handler: ast.ExceptHandler, following: Node, around: _Around, after: Node, *, star: bool) -> Node:
    # each `except*` takes its part of a group, and what is left goes on
    done = Node(after=[following, after], silent=True) if star else after
    body = _block(handler.body, around, done)
    return _node(handler, [handler.type], around, body, *([following] if handler.type or star else []))


def _finally(final: Statements, around: _Around, after: Node) -> tuple[_Around, Node]:
    """Return where control goes from within a `try` with that `finally`, and where it goes at its end."""
    within = replace(around, finals=around.finals + 1)
    first, last = span(final[0], final)
    # CPython 3.11 tells of a line of the body again where the exception goes on
    closing = Node(first=first, last=last, after=[around.on_raise], raising=[around.on_raise], silent=True)
    ways = [around.on_return, around.on_break, around.on_continue, after]
    if around.finals < _COPIED:
        raised = _block(final, replace(within, on_raise=closing), closing)
        returned, broken, continued, done = (_block(final, within, way) if way else None for way in ways)
    else:
        onward = Node(after=[closing, *(way for way in ways if way)], silent=True)
        raised = _block(final, replace(within, on_raise=closing), onward)
        returned, broken, continued, done = (raised if way else None for way in ways)
    outer = replace(
        around,
        on_raise=raised,
        on_return=returned or around.on_return,
        on_break=broken,
        on_continue=continued,
    )
    return outer, done or after


def _match(statement: ast.Match, around: _Around, after: Node) -> Node:
    following = after
    for case in reversed(statement.cases):
        body = _block(case.body, around, after)
        following = _node(case.pattern, [case.pattern, case.guard], around, body, following)
    return _node(statement, [statement.subject], around, following)


def _definition(statement: Defined, around: _Around, after: Node) -> Node:
    parts: list[ast.AST | None] = [*statement.decorator_list]
    if isinstance(statement, ast.ClassDef):
        parts += [*statement.bases, *statement.keywords]
    else:
        parts += [statement.returns, *parameters(statement.args)]
    return _node(statement, parts, around, after)


def parameters(args: ast.arguments) -> list[ast.AST | None]:
    """Return what of parameters runs when a function is defined, and the parameters."""
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [*named, *args.defaults, *args.kw_defaults]
