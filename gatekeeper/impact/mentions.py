"""Expressions and statements -> the words by which they may reach other code (the forms are in `summary`)."""

import ast
from collections.abc import Iterable

from gatekeeper.impact import reflection, scope

# attributes of these are not the project's
_LITERALS = (
    ast.Constant,
    ast.JoinedStr,
    ast.List,
    ast.Tuple,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
)
# methods that put what they are given into their object
_FILLERS = frozenset({"append", "add", "register", "setdefault", "update", "insert", "extend", "connect"})


def of_function(node: scope.Function, *, method: bool) -> scope.Scope:
    """Return the mentions of a function with its decorators and defaults; the object is a method's first argument."""
    found = _scope(node)
    positional = [*node.args.posonlyargs, *node.args.args]
    own = positional[0].arg if method and positional and not _is_static(node) else ""
    _settle(found, own)
    return found


def of_nodes(nodes: Iterable[ast.AST]) -> scope.Scope:
    """Return the mentions of expressions or statements outside any function, and the names that they bind."""
    found = scope.Scope()
    _walk(list(nodes), found)
    found.loose |= found.bound
    found.outer |= found.bound
    _settle(found, "")
    return found


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body without its docstring."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body


def _is_static(node: scope.Function) -> bool:
    return any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)


def _settle(found: scope.Scope, own: str) -> None:
    """Turn chains into mentions, now that the scope's own names are known."""
    local = found.bound - found.outer
    for root, attributes in found.chains:
        if root == own and attributes:
            found.mentions.add("~" + attributes[0])
            found.mentions.update("." + name for name in attributes[1:])
            continue
        if root not in local:
            found.mentions.add(".".join((root, *attributes)))
        if root in local or root in found.loose:
            found.mentions.update("." + name for name in attributes)
    found.mentions.update("#" + chain for chain in found.handed if chain.partition(".")[0] not in local)


def _scope(node: scope.Function | ast.Lambda) -> scope.Scope:
    found = scope.Scope()
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found.bound.update(item.arg for item in every if item)
    if not isinstance(node, ast.Lambda):
        found.mentions |= decorating(node)[0]
    _walk(_parts(node), found)
    return found


def _parts(node: scope.Function | ast.Lambda) -> list[ast.AST]:
    if isinstance(node, ast.Lambda):
        return [node.args, node.body]
    returns = [node.returns] if node.returns else []
    return [node.args, *without_docstring(node.body), *decorating(node)[1], *returns]


def decorating(node: scope.Function | ast.ClassDef) -> tuple[set[str], list[ast.AST]]:
    """Return the decorators of a definition as mentions, and what is to be walked of them beside.

    `@registry.add` does not run all that the registry holds.
    """
    found: set[str] = set()
    rest: list[ast.AST] = []
    for item in node.decorator_list:
        path = scope.dotted(item.func if isinstance(item, ast.Call) else item)
        if not path:
            rest.append(item)
            continue
        found.add(f"&{path}")
        rest += [*item.args, *item.keywords] if isinstance(item, ast.Call) else []
    return found, rest


def _walk(stack: list[ast.AST], found: scope.Scope) -> None:
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            _name(node, found)
        elif isinstance(node, ast.Attribute):
            stack.extend(_attribute(node, found))
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                reflection.string(node.value, found)
        elif isinstance(node, ast.Call):
            stack.extend(reflection.call(node, found))
        elif isinstance(node, ast.stmt):
            stack.extend(_statement(node, found))
        else:
            stack.extend(_expression(node, found))


def _statement(node: ast.stmt, found: scope.Scope) -> Iterable[ast.AST]:
    """Record what a statement binds; return the parts still to be walked."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            found.bound.add(node.name)
            _nested(_scope(node), found)
            return ()
        case ast.ClassDef():
            found.bound.add(node.name)
            inner = scope.Scope()
            _walk(list(_children(node)), inner)
            inner.loose |= inner.bound
            inner.bound = set()
            _nested(inner, found)
            return ()
        case ast.Import() | ast.ImportFrom():
            found.imports.append(node)
            return ()
        case ast.Global():
            found.outer.update(node.names)
            return ()
    return _children(node)


def _expression(node: ast.AST, found: scope.Scope) -> Iterable[ast.AST]:
    """Record what any other node binds; return the parts still to be walked."""
    match node:
        case ast.Lambda():
            _nested(_scope(node), found)
            return ()
        case ast.comprehension():
            found.loose.update(item.id for item in ast.walk(node.target) if isinstance(item, ast.Name))
            return (node.iter, *node.ifs)
        case ast.Subscript():
            if not isinstance(node.ctx, ast.Load):
                found.filled.add(scope.dotted(node.value).partition(".")[0])
                if isinstance(node.value, ast.Call) and scope.dotted(node.value.func) == "globals":
                    # fills the module's names, and reads none of them
                    return (node.slice, node.value.func)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            found.bound.add(name)
        case ast.MatchMapping(rest=str(name)):
            found.bound.add(name)
    return _children(node)


def _children(node: ast.AST) -> Iterable[ast.AST]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield from [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            yield value


def _nested(inner: scope.Scope, found: scope.Scope) -> None:
    """Take over what a nested scope found, as far as it is not about its own names."""
    local = inner.bound - inner.outer
    for root, attributes in inner.chains:
        if root not in local:
            found.chains.add((root, attributes))
        if root in local or root in inner.loose:
            found.mentions.update("." + name for name in attributes)
    found.mentions |= inner.mentions
    found.imports += inner.imports
    found.handed |= {chain for chain in inner.handed if chain.partition(".")[0] not in local}
    found.outer |= inner.outer
    found.filled |= inner.filled - local


def _name(node: ast.Name, found: scope.Scope) -> None:
    if isinstance(node.ctx, ast.Store):
        found.bound.add(node.id)
    if not isinstance(node.ctx, ast.Load):
        return
    found.chains.add((node.id, ()))
    reflection.word(node.id, found)


def _attribute(node: ast.Attribute, found: scope.Scope) -> Iterable[ast.AST]:
    names: list[str] = []
    value: ast.expr = node
    while isinstance(value, ast.Attribute):
        names.append(value.attr)
        value = value.value
    names.reverse()
    reflection.attributes(names, found)
    if isinstance(value, ast.Name):
        found.chains.add((value.id, tuple(names)))
        reflection.word(value.id, found)
        if not isinstance(node.ctx, ast.Load) or names[-1] in _FILLERS:
            found.filled.add(value.id)
        return ()
    if isinstance(value, _LITERALS):
        del names[0]
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "super":
        found.mentions.add("~" + names.pop(0))
    found.mentions.update("." + name for name in names)
    return (value,)
