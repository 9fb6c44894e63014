"""What a function does, while it runs, with a function that it is given: a wrapper keeps it, a runner calls it."""

import ast
from collections.abc import Iterator

from gatekeeper.impact import scope

# these look at what they are given, or put it somewhere, without calling it
_LOOKERS_WORDS = (
    "isinstance issubclass callable hasattr getattr setattr id type repr super len partial partialmethod wraps "
    "update_wrapper signature unwrap iscoroutinefunction tuple list dict set frozenset append add setdefault "
    "update insert extend get pop isclass isfunction ismethod iscoroutine cast property staticmethod classmethod"
)
_LOOKERS = frozenset(_LOOKERS_WORDS.split())

_BINDERS = (
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.NamedExpr,
    ast.For,
    ast.AsyncFor,
    ast.comprehension,
    ast.withitem,
)


def use(node: scope.Function) -> str:
    """Return `C` where the function calls an argument, `c` where it hands one to something that may, else "".

    `self` and `cls` do not count.
    """
    parameters = _parameters(node)
    if not parameters:
        return ""
    own = list(_own_nodes(node))
    given = _derived(parameters, own)
    calls = [item for item in own if isinstance(item, ast.Call)]
    if any(_calls(call, given) for call in calls) or _calls_inside(node, given, calls):
        return "C"
    return "c" if any(_hands_on(call, given) for call in calls) else ""


def runs_what_it_makes(node: scope.Function) -> bool:
    """Whether a function that is defined in the function may run before it returns."""
    own = list(_own_nodes(node))
    made = _derived({item.name for item in own if isinstance(item, scope.Function)}, own)
    return any(_calls(item, made) or _hands_on(item, made) for item in own if isinstance(item, ast.Call))


def _calls_inside(node: scope.Function, given: set[str], calls: list[ast.Call]) -> bool:
    """Whether a function that is made here, and called here, uses an argument."""
    inner = [item for item in ast.walk(node) if isinstance(item, scope.Function) and item is not node]
    called = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    return any(one.name in called and any(_occurs(part, given) for part in one.body) for one in inner)


def _parameters(node: scope.Function) -> set[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {item.arg for item in every if item} - {"self", "cls"}


def _own_nodes(node: scope.Function) -> Iterator[ast.AST]:
    """Yield the nodes of the function's body that run when it does."""
    waiting: list[ast.AST] = [*node.body]
    while waiting:
        item = waiting.pop()
        yield item
        if isinstance(item, scope.Function):
            waiting += item.decorator_list
        elif not isinstance(item, ast.Lambda):
            waiting += ast.iter_child_nodes(item)


def _derived(names: set[str], nodes: list[ast.AST]) -> set[str]:
    """Return `names` and every name that is bound to something in which one of them occurs."""
    bindings = [(bound, _names(node)) for node in nodes if (bound := set(_bound(node)))]
    found = set(names)
    grows = True
    while grows:
        known = len(found)
        for bound, occurring in bindings:
            if not found.isdisjoint(occurring):
                found |= bound
        grows = len(found) > known
    return found


def _names(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


def _bound(node: ast.AST) -> Iterator[str]:
    targets: list[ast.expr] = []
    if not isinstance(node, _BINDERS):
        return
    match node:
        case ast.Assign():
            targets = node.targets
        case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr() | ast.For() | ast.AsyncFor() | ast.comprehension():
            targets = [node.target]
        case ast.withitem() if node.optional_vars:
            targets = [node.optional_vars]
    for target in targets:
        yield from (item.id for item in ast.walk(target) if isinstance(item, ast.Name))


def _occurs(node: ast.AST, names: set[str]) -> bool:
    return not names.isdisjoint(_names(node))


def _calls(call: ast.Call, given: set[str]) -> bool:
    path = scope.dotted(call.func)
    if path:
        return path.partition(".")[0] in given and path.rpartition(".")[2] not in _LOOKERS
    return not isinstance(call.func, ast.Call) and _occurs(call.func, given)


def _hands_on(call: ast.Call, given: set[str]) -> bool:
    path = scope.dotted(call.func)
    if path.rpartition(".")[2] in _LOOKERS:
        return False
    arguments = (*call.args, *(keyword.value for keyword in call.keywords))
    return (not path and _occurs(call.func, given)) or any(_hands_over(item, given) for item in arguments)


def _hands_over(node: ast.expr, given: set[str]) -> bool:
    """Whether the expression is one of `given`, or something that holds one."""
    match node:
        case ast.Name():
            return node.id in given
        case ast.Attribute() | ast.Constant() | ast.JoinedStr() | ast.Call() | ast.Compare():
            # calls inside are looked at by themselves
            return False
    return any(_hands_over(item, given) for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr))
