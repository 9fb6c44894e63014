"""`FILE::FUNCTION` and its arguments -> what is to be called. Files are read as data."""

import ast
import difflib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import errors
from gatekeeper.impact import scope
from gatekeeper.simulation.program import located, needs, project
from gatekeeper.wiring.trace import folder

_LISTED = 5
# bytes of a source file
_LARGEST = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A function of a file."""

    # relative to the tree's root
    path: str
    # `test_b`, `TestA::test_b`, `Stack.push`
    name: str
    # `[1-2]` of a test with parameters; "" where none are named
    parameters: str
    node: scope.Function
    # the class that holds it; None: the module
    owner: str | None

    @property
    def id(self) -> str:
        """`FILE::FUNCTION` with its parameters, for people."""
        return f"{self.path}::{self.name}{self.parameters}"


def find(text: str, base: Path, tree: folder.FolderTree) -> Target:
    """Return what `text` names; FILE is relative to `base`. Raises UsageError where there is none."""
    file, colons, rest = text.partition("::")
    name, bracket, parameters = rest.partition("[")
    if not (colons and file and name):
        raise errors.UsageError(f"{text!r} names no function: write FILE::FUNCTION, such as tests/test_a.py::test_b")
    path = _path(file, base, tree)
    found = dict(_functions(_module(path, tree)))
    dotted = name.replace("::", ".")
    node = found.get(dotted) or _elsewhere(path, dotted, tree)
    if node is None:
        near = difflib.get_close_matches(dotted, found, n=_LISTED, cutoff=0.5) or list(found)[:_LISTED]
        known = f"it has {', '.join(near)}" if near else "it has no functions at all"
        raise errors.UsageError(f"{path} has no function {dotted}: {known}")
    owner = dotted.rpartition(".")[0] or None
    return Target(path=path, name=name, parameters=bracket + parameters, node=node, owner=owner)


def call(target: Target, given: str | None) -> str:
    """Return the expression that calls the target with the arguments `given`, as written between brackets.

    A generator is exhausted. Raises UsageError where arguments are missing or are none, with the names of those that
    are wanted.
    """
    dotted = target.name.replace("::", ".")
    if isinstance(target.node, ast.AsyncFunctionDef):
        raise errors.UsageError(f"{dotted} is asynchronous: name a test or a function that runs it")
    arguments = _arguments(given or "", dotted)
    if missing := _missing(target, arguments):
        mend = f"give --args with {', '.join(missing)}"
        if missing[0] == _own(target):
            mend += f"; {missing[0]} is the object itself, such as {target.owner}()"
        raise errors.UsageError(f"{dotted} of {target.path} lacks arguments: {mend}")
    written = f"{dotted}({', '.join([*map(ast.unparse, arguments.args), *map(_keyword, arguments.keywords)])})"
    return f"list({written})" if _yields(target.node) else written


def _path(file: str, base: Path, tree: folder.FolderTree) -> str:
    place = (base / file).resolve()
    if not place.is_relative_to(tree.root):
        raise errors.UsageError(f"{file} is not inside {tree.root}: name its project with --repo")
    path = place.relative_to(tree.root).as_posix()
    if not place.is_file():
        near = difflib.get_close_matches(path, [name for name in tree.entries if name.endswith(".py")], cutoff=0.7)
        raise errors.UsageError(f"there is no file {path} in {tree.root}{f'; near it: {near[0]}' if near else ''}")
    if path not in tree.entries:
        raise errors.UsageError(f"{path} is hidden or ignored by git, and so not part of the project")
    return path


def _module(path: str, tree: folder.FolderTree) -> ast.Module:
    if tree.entries[path].size > _LARGEST:
        raise errors.UsageError(f"{path} is larger than {_LARGEST:,} bytes: no function of it is traced")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(tree.read(path))
    except SyntaxError as problem:
        raise errors.UsageError(
            f"{path}:{problem.lineno or 1}: {problem.msg}: mend the syntax, then trace again"
        ) from problem
    except (ValueError, RecursionError, MemoryError) as problem:
        raise errors.UsageError(f"{path} is not Python that can be parsed: {problem}") from problem


def _functions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, scope.Function]]:
    """Yield the functions of a module and of its classes by their dotted names, also those under an `if`."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield f"{prefix}{child.name}", child
            case ast.ClassDef():
                yield from _functions(child, f"{prefix}{child.name}.")
            case ast.stmt() | ast.ExceptHandler():
                yield from _functions(child, prefix)
            case _:
                pass


def _elsewhere(path: str, dotted: str, tree: folder.FolderTree) -> scope.Function | None:
    """Return a function that the file imports, or that a class of it inherits from the tree."""
    files = project.Trees(tree, tree).after
    found = located.Locator(files, needs.Resolver(files)).locate(path, dotted.replace(".", "::"))
    return found.node if found else None


def _arguments(given: str, dotted: str) -> ast.Call:
    try:
        found = ast.parse(f"f({given}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise errors.UsageError(_no_arguments(given, dotted)) from problem
    if not isinstance(found, ast.Call) or not isinstance(found.func, ast.Name):
        raise errors.UsageError(_no_arguments(given, dotted))
    return found


def _no_arguments(given: str, dotted: str) -> str:
    return f"--args {given!r} is not what stands between the brackets of {dotted}(…): write it as in Python"


def _missing(target: Target, given: ast.Call) -> list[str]:
    """Return the required parameters that are not given; nothing where what is given is not known before it runs."""
    if any(isinstance(item, ast.Starred) for item in given.args) or any(word.arg is None for word in given.keywords):
        return []
    wanted, named = target.node.args, {word.arg for word in given.keywords}
    names = [item.arg for item in (*wanted.posonlyargs, *wanted.args)]
    if target.owner and "classmethod" in _decorators(target.node):
        names = names[1:]
    required = names[: len(names) - len(wanted.defaults)] if wanted.defaults else names
    rest = [name for name in required[len(given.args) :] if name not in named]
    with_defaults = zip(wanted.kwonlyargs, wanted.kw_defaults, strict=True)
    return [*rest, *(item.arg for item, default in with_defaults if default is None and item.arg not in named)]


def _own(target: Target) -> str | None:
    """Return the name of a method's first parameter, the object."""
    if target.owner is None or _decorators(target.node) & {"staticmethod", "classmethod"}:
        return None
    wanted = [*target.node.args.posonlyargs, *target.node.args.args]
    return wanted[0].arg if wanted else None


def _decorators(node: scope.Function) -> set[str]:
    return {item.id for item in node.decorator_list if isinstance(item, ast.Name)}


def _keyword(word: ast.keyword) -> str:
    return f"{word.arg}={ast.unparse(word.value)}" if word.arg else f"**{ast.unparse(word.value)}"


def _yields(node: ast.AST) -> bool:
    """Whether a function's own body has a `yield`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(child, scope.Function | ast.Lambda | ast.ClassDef) and _yields(child):
            return True
    return False
