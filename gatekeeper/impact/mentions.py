"""Expressions and statements -> the words by which they may reach other code (the forms are in `summary`)."""

import ast
from collections.abc import Iterable

from gatekeeper.impact import parameters, reflection, scope

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
# what `_statement` and `_expression` look at; all other nodes are only walked through
_BINDING = frozenset(
    {
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Import,
        ast.ImportFrom,
        ast.Global,
        ast.Lambda,
        ast.comprehension,
        ast.Subscript,
        ast.ExceptHandler,
        ast.MatchAs,
        ast.MatchStar,
        ast.MatchMapping,
    }
)
_LEAVES = frozenset({"ctx", "op", "ops", "type_comment", "kind"})
_KNOWN_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
# decorators that do not read the types of arguments
_BLIND = frozenset(
    {"property", "staticmethod", "classmethod", "overload", "abstractmethod", "setter", "cached_property", "override"}
)
# methods that put what they are given into their object
_FILLERS = frozenset({"append", "add", "register", "setdefault", "update", "insert", "extend", "connect"})


def of_function(node: scope.Function, *, method: bool) -> tuple[scope.Scope, scope.Scope | None]:
    """Return the mentions of a function with its decorators and defaults, and those of functions it makes for later.

    The first argument of a `method` is its object. What it makes and may run itself is its own.
    """
    found = _scope(node)
    made = None
    if found.inner and not parameters.runs_what_it_makes(node):
        made = scope.Scope(bound=found.bound, outer=found.outer)
    _merge(found.inner, found if made is None else made)
    positional = [*node.args.posonlyargs, *node.args.args]
    own = positional[0].arg if method and positional and not _is_static(node) else ""
    _settle(found, own)
    if made is not None:
        _settle(made, own)
    return found, made


def of_nodes(nodes: Iterable[ast.AST]) -> scope.Scope:
    """Return the mentions of expressions or statements outside any function, and the names that they bind."""
    found = scope.Scope()
    _walk(list(nodes), found)
    _merge(found.inner, found)
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
    found.gives_itself = bool(own) and own in found.handed
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
    """Return what a function holds, but for what functions inside it do."""
    found = scope.Scope()
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found.bound.update(item.arg for item in every if item)
    _walk([*arguments.defaults, *(item for item in arguments.kw_defaults if item)], found)
    if isinstance(node, ast.Lambda):
        _walk([node.body], found)
        return found
    annotations = [item.annotation for item in every if item and item.annotation]
    _annotations([*annotations, *([node.returns] if node.returns else [])], node, found)
    decorators, rest = decorating(node)
    found.mentions |= decorators
    _walk([*without_docstring(node.body), *rest], found)
    return found


def _annotations(nodes: list[ast.expr], node: scope.Function, found: scope.Scope) -> None:
    """Record the types of arguments: a decorator may read them, and what else does is known by other words."""
    names = {scope.dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list}
    if any(name.rpartition(".")[2] not in _BLIND for name in names):
        _walk([*nodes], found)
    elif nodes:
        mentioned = of_nodes(nodes).mentions
        found.mentions.update(f":{mention}" for mention in mentioned if mention[0] == "_" or mention[0].isalpha())


def _merge(inner: list[scope.Scope], found: scope.Scope) -> None:
    for item in inner:
        _merge(item.inner, item)
        _nested(item, found)


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
        elif type(node) not in _BINDING:
            stack += _children(node)
        elif isinstance(node, ast.stmt):
            stack.extend(_statement(node, found))
        else:
            stack.extend(_expression(node, found))


def _statement(node: ast.stmt, found: scope.Scope) -> Iterable[ast.AST]:
    """Record what a statement binds; return the parts still to be walked."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            found.bound.add(node.name)
            found.inner.append(_scope(node))
            return ()
        case ast.ClassDef():
            found.bound.add(node.name)
            inner = scope.Scope()
            _walk(_children(node), inner)
            _merge(inner.inner, inner)
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
            _merge([_scope(node)], found)
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


def _children(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for name in _fields(type(node)):
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node that may hold something to walk."""
    if kind not in _KNOWN_FIELDS:
        _KNOWN_FIELDS[kind] = tuple(name for name in kind._fields if name not in _LEAVES)
    return _KNOWN_FIELDS[kind]


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
