"""Expressions and statements -> the words by which they may reach other code (the forms are in `summary`)."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?::[A-Za-z_][\w.]*)?")
_IMPORT_IN_TEXT = re.compile(r"\b(?:import|from)\s+([A-Za-z_][\w.]*)")
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
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr", "object"})
_REFLECTION = frozenset({"getmembers", "attrgetter", "methodcaller", "getattr_static"})
_LISTINGS = frozenset({"vars", "dir"})
_FILLERS = frozenset({"append", "add", "register", "setdefault", "update", "insert", "extend", "connect"})
_NAMESPACES = frozenset({"globals", "exec", "eval", "compile"})
_IMPORTERS = frozenset(
    {"import_module", "__import__", "importorskip", "run_module", "resolve_name", "find_spec", "import_string"}
)
_SUBTREES = frozenset({"iter_modules", "walk_packages", "__path__"})
_PROCESSES = frozenset(
    [
        "subprocess",
        "Popen",
        "check_output",
        "check_call",
        "getoutput",
        "system",
        "popen",
        "pexpect",
        "run_path",
        "run_module",
        "posix_spawn",
        "create_subprocess_exec",
        "create_subprocess_shell",
        "testdir",
        "pytester",
        "script_runner",
    ]
)
_LONGEST_WORD = 80

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True, kw_only=True)
class Found:
    """What a walk over one scope has found so far."""

    # (root name, attributes) of every chain of attributes that starts at a name
    chains: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    # names that the scope binds
    bound: set[str] = field(default_factory=set)
    # names that the scope declares `global`
    outer: set[str] = field(default_factory=set)
    # names bound in a part of the scope only (comprehensions, class bodies): they may also be global elsewhere in it
    loose: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    # import statements inside the scope
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    # roots of what is filled: `REGISTRY[name] = ...`, `kept.append(...)`
    filled: set[str] = field(default_factory=set)

    @property
    def keeps(self) -> bool:
        """Whether something that outlives the scope is filled."""
        return bool(self.outer or self.filled - self.bound)


def of_function(node: Function, *, method: bool) -> Found:
    """Return the mentions of a function with its decorators and defaults; `method`: its first argument is the object."""
    found = _scope(node)
    positional = [*node.args.posonlyargs, *node.args.args]
    own = positional[0].arg if method and positional and not _is_static(node) else ""
    _settle(found, own)
    return found


def of_nodes(nodes: Iterable[ast.AST]) -> Found:
    """Return the mentions of expressions or statements outside any function, and the names that they bind."""
    found = Found()
    _walk(list(nodes), found)
    found.loose |= found.bound
    found.outer |= found.bound
    _settle(found, "")
    return found


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a chain of attributes that starts at a name, else ""."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body without its docstring."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body


def constant_start(node: ast.expr) -> str:
    """Return the constant text that a computed string starts with, or ""."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    while isinstance(node, ast.BinOp):
        node = node.left
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return text.partition("%")[0].partition("{")[0]


def _is_static(node: Function) -> bool:
    return any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in node.decorator_list)


def _settle(found: Found, own: str) -> None:
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


def _scope(node: Function | ast.Lambda) -> Found:
    found = Found()
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found.bound.update(item.arg for item in every if item)
    _walk(_parts(node), found)
    return found


def _parts(node: Function | ast.Lambda) -> list[ast.AST]:
    if isinstance(node, ast.Lambda):
        return [node.args, node.body]
    returns = [node.returns] if node.returns else []
    return [node.args, *without_docstring(node.body), *node.decorator_list, *returns]


def _walk(stack: list[ast.AST], found: Found) -> None:
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            _name(node, found)
        elif isinstance(node, ast.Attribute):
            stack.extend(_attribute(node, found))
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                _string(node.value, found)
        elif isinstance(node, ast.Call):
            stack.extend(_call(node, found))
        elif isinstance(node, ast.stmt):
            stack.extend(_statement(node, found))
        else:
            stack.extend(_expression(node, found))


def _statement(node: ast.stmt, found: Found) -> Iterable[ast.AST]:
    """Record what a statement binds; return the parts still to be walked."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            found.bound.add(node.name)
            _nested(_scope(node), found)
            return ()
        case ast.ClassDef():
            found.bound.add(node.name)
            inner = Found()
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


def _expression(node: ast.AST, found: Found) -> Iterable[ast.AST]:
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
                found.filled.add(dotted(node.value).partition(".")[0])
                if isinstance(node.value, ast.Call) and dotted(node.value.func) == "globals":
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


def _nested(inner: Found, found: Found) -> None:
    """Take over what a nested scope found, as far as it is not about its own names."""
    local = inner.bound - inner.outer
    for root, attributes in inner.chains:
        if root not in local:
            found.chains.add((root, attributes))
        if root in local or root in inner.loose:
            found.mentions.update("." + name for name in attributes)
    found.mentions |= inner.mentions
    found.imports += inner.imports
    found.outer |= inner.outer
    found.filled |= inner.filled - local


def _name(node: ast.Name, found: Found) -> None:
    if not isinstance(node.ctx, ast.Load):
        found.bound.add(node.id)
        return
    found.chains.add((node.id, ()))
    if node.id in _PROCESSES:
        found.mentions.add("$")


def _attribute(node: ast.Attribute, found: Found) -> Iterable[ast.AST]:
    names: list[str] = []
    value: ast.expr = node
    while isinstance(value, ast.Attribute):
        names.append(value.attr)
        value = value.value
    names.reverse()
    _reflection(names, found)
    if isinstance(value, ast.Name):
        found.chains.add((value.id, tuple(names)))
        if value.id in _PROCESSES:
            found.mentions.add("$")
        if not isinstance(node.ctx, ast.Load) or names[-1] in _FILLERS:
            found.filled.add(value.id)
        return ()
    if isinstance(value, _LITERALS):
        del names[0]
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "super":
        found.mentions.add("~" + names.pop(0))
    found.mentions.update("." + name for name in names)
    return (value,)


def _reflection(names: list[str], found: Found) -> None:
    for name in names:
        if name in _REFLECTION or name == "__dict__":
            found.mentions.add("?")
        elif name in _SUBTREES:
            found.mentions.add("%")
        elif name in _PROCESSES:
            found.mentions.add("$")


def _string(text: str, found: Found) -> None:
    if len(text) <= _LONGEST_WORD and text.isidentifier():
        found.mentions.add("." + text)
    elif len(text) <= _LONGEST_WORD and _DOTTED.fullmatch(text):
        found.mentions.add("'" + text.replace(":", "."))
    elif "import" in text:
        found.mentions.update("!" + name for name in _IMPORT_IN_TEXT.findall(text))


def _call(node: ast.Call, found: Found) -> Iterable[ast.AST]:
    """Record what a call reaches beside the names in it (computed attributes, namespaces, modules); return the rest."""
    func, arguments = node.func, node.args
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
    if name in _BY_NAME and len(arguments) > 1 and _named_attribute(arguments[0], arguments[1], found):
        return (func, *arguments[1:], *node.keywords)
    if name in _NAMESPACES and isinstance(func, ast.Name):
        found.mentions.update(("*",) if name == "globals" else ("*", "?"))
    elif name in _LISTINGS and arguments:
        found.mentions.add("?")
    elif name in _IMPORTERS and arguments:
        _computed_import(arguments[0], found)
    elif name in _SUBTREES:
        found.mentions.add("%")
    return (func, *arguments, *node.keywords)


def _named_attribute(target: ast.expr, name: ast.expr, found: Found) -> bool:
    """Record `getattr(target, name)` as the attribute it reads; return whether that says all of `target`."""
    if isinstance(name, ast.Constant):
        path = dotted(target)
        if isinstance(name.value, str) and path:
            root, *attributes = path.split(".")
            found.chains.add((root, (*attributes, name.value)))
        return bool(path)
    own = isinstance(target, ast.Name) and target.id in {"self", "cls"}
    found.mentions.add(("~?" if own else "?") + constant_start(name))
    return False


def _computed_import(name: ast.expr, found: Found) -> None:
    if isinstance(name, ast.Constant):
        if isinstance(name.value, str):
            found.mentions.add("!" + name.value)
    elif not isinstance(name, ast.Name):
        # a plain name hands on what a caller named; anything else may be any module nearby
        found.mentions.add("%")
