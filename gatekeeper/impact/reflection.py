"""What calls, attributes and strings reach beside the names in them: computed attributes, namespaces, processes."""

import ast
import re
from collections.abc import Iterable

from gatekeeper.impact import scope

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?::[A-Za-z_][\w.]*)?")
_IMPORT_IN_TEXT = re.compile(r"\b(?:import|from)\s+([A-Za-z_][\w.]*)")
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr", "object"})
_REFLECTION = frozenset({"getmembers", "attrgetter", "methodcaller", "getattr_static"})
_LISTINGS = frozenset({"vars", "dir"})
_NAMESPACES = frozenset({"globals", "exec", "eval"})
_IMPORTERS = frozenset({"import_module", "__import__", "importorskip", "run_module", "resolve_name", "import_string"})
_SUBTREES = frozenset({"iter_modules", "walk_packages"})
_PROCESSES_WORDS = (
    "subprocess Popen check_output check_call getoutput pexpect run_path run_module posix_spawn "
    "create_subprocess_exec create_subprocess_shell testdir pytester script_runner"
)
_PROCESSES = frozenset(_PROCESSES_WORDS.split())
_LONGEST_WORD = 80


def word(text: str, into: scope.Scope) -> None:
    """Record a name that is read."""
    if text in _PROCESSES:
        into.mentions.add("$")


def attributes(names: list[str], into: scope.Scope) -> None:
    """Record what the attributes of a chain stand for, beside themselves."""
    for name in names:
        if name in _REFLECTION or name == "__dict__":
            into.mentions.add("?")
        elif name in _SUBTREES:
            into.mentions.add("%")
        elif name in _PROCESSES:
            into.mentions.add("$")


def string(text: str, into: scope.Scope) -> None:
    """Record what a constant string may name."""
    if len(text) <= _LONGEST_WORD and text.isidentifier():
        into.mentions.add("." + text)
    elif len(text) <= _LONGEST_WORD and _DOTTED.fullmatch(text):
        into.mentions.add("'" + text.replace(":", "."))
    elif "import" in text:
        into.mentions.update("!" + name for name in _IMPORT_IN_TEXT.findall(text))


def call(node: ast.Call, into: scope.Scope) -> Iterable[ast.AST]:
    """Record what a call reaches beside the names in it (computed attributes, namespaces, modules); return the rest."""
    func, arguments = node.func, node.args
    into.handed.update(chain for item in arguments if (chain := scope.dotted(item)))
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
    if name in _BY_NAME and len(arguments) > 1 and _named_attribute(arguments[0], arguments[1], into):
        into.handed.discard(scope.dotted(arguments[0]))
        return (func, *arguments[1:], *node.keywords)
    if name in _NAMESPACES and isinstance(func, ast.Name):
        into.mentions.update(_namespace(name, len(arguments)))
    elif scope.dotted(func) in {"os.system", "os.popen"}:
        into.mentions.add("$")
    elif name in _LISTINGS and arguments:
        into.mentions.add("?")
    elif name in _IMPORTERS and arguments:
        _computed_import(arguments[0], into)
    elif name in _SUBTREES:
        into.mentions.add("%")
    return (func, *arguments, *node.keywords)


def _namespace(name: str, arguments: int) -> set[str]:
    """Return what `globals`, or code in a string, may read: with a namespace of its own, nothing of this module."""
    own = name == "globals" or arguments == 1
    return ({"*"} if own else set()) | (set() if name == "globals" else {"?"})


def _named_attribute(target: ast.expr, name: ast.expr, into: scope.Scope) -> bool:
    """Record `getattr(target, name)` as the attribute it reads; return whether that says all of `target`."""
    if isinstance(name, ast.Constant):
        path = scope.dotted(target)
        if isinstance(name.value, str) and path:
            root, *attributes = path.split(".")
            into.chains.add((root, (*attributes, name.value)))
        return bool(path)
    if isinstance(name, ast.Attribute) and name.attr == "_testMethodName":
        # unittest runs the test; it is selected for itself
        return True
    own = isinstance(target, ast.Name) and target.id in {"self", "cls"}
    into.mentions.add(("~?" if own else "?") + _constant_start(name))
    return False


def _computed_import(name: ast.expr, into: scope.Scope) -> None:
    if isinstance(name, ast.Constant):
        if isinstance(name.value, str):
            into.mentions.add("!" + name.value)
    elif isinstance(name, ast.BinOp | ast.JoinedStr | ast.Call):
        # anything else hands on what something named by a constant; this may be any module nearby
        into.mentions.add("%" + _constant_end(name))


def _constant_end(node: ast.expr) -> str:
    """Return the constant last part of a computed dotted name, or ""."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[-1]
    elif isinstance(node, ast.BinOp):
        node = node.right if isinstance(node.op, ast.Add) else node.left
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    last = text.rpartition(".")[2]
    return last if "." in text and last.isidentifier() else ""


def _constant_start(node: ast.expr) -> str:
    """Return the constant text that a computed string starts with, or ""."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    while isinstance(node, ast.BinOp):
        node = node.left
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return text.partition("%")[0].partition("{")[0]
