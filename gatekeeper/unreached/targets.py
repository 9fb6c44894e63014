"""Changed symbols that no test reaches -> functions that a test can be written for, or why none can."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gatekeeper.halting import calls, source
from gatekeeper.impact import scope

# modules and functions that say other things each time, or reach beyond the process
_FICKLE = frozenset({"random", "time", "secrets", "socket", "subprocess", "threading"})
_FICKLE_NAMES = frozenset({"input", "id", "hash", "open"})
_FICKLE_METHODS = frozenset({"now", "utcnow", "today", "uuid1", "uuid4"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A changed function or method of the judged tree."""

    # as the selection names it
    symbol: str
    # by which its file is imported
    module: str
    function: source.Function
    # the same before the change; None: it was not there
    before: source.Function | None
    # names at the module's level: classes, and what is imported
    names: frozenset[str]

    @property
    def path(self) -> str:
        """Return its file."""
        return self.function.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A symbol for which nothing is proposed, and why: for people."""

    symbol: str
    why: str


Named = Callable[[str], str | None]


def find(symbols: Iterable[str], before: calls.Calls, known: calls.Calls, module: Named) -> Iterator[Target | Refused]:
    """Yield what each symbol (`path::qualified.name`) is; a class stands for its public methods.

    `known` are after's functions; `module` gives the name by which a file is imported, None where it cannot be.
    """
    seen: set[tuple[str, str]] = set()
    for symbol in symbols:
        path, _, name = symbol.partition("::")
        for each in _functions(known.module(path), name):
            if (path, each) not in seen:
                seen.add((path, each))
                yield _one(f"{path}::{each}", before, known, module)


def _functions(module: source.Module | None, name: str) -> list[str]:
    """Return the functions that a name stands for: itself, or the methods of a class."""
    if module is None or not name:
        return []
    if name in module.functions:
        return [name]
    return [one for one in module.functions if one.rpartition(".")[0] == name and not _last(one).startswith("_")]


def _one(symbol: str, before: calls.Calls, known: calls.Calls, module: Named) -> Target | Refused:
    path, _, name = symbol.partition("::")
    read, dotted = known.module(path), module(path)
    assert read is not None, "a symbol's file parses"
    function = read.functions[name][-1]
    if dotted is None or not all(part.isidentifier() for part in dotted.split(".")):
        return Refused(symbol=symbol, why="its file has no name that it could be imported by")
    if why := _unfit(function, read):
        return Refused(symbol=symbol, why=why)
    there = before.module(path)
    earlier = there.functions.get(name) if there is not None else None
    return Target(
        symbol=symbol,
        module=dotted,
        function=function,
        before=earlier[-1] if earlier else None,
        names=frozenset(read.classes) | frozenset(read.imports),
    )


def _unfit(function: source.Function, module: source.Module) -> str | None:
    """Return why calls of a function tell nothing that could be held on to."""
    if isinstance(function.node, ast.AsyncFunctionDef):
        return "it is asynchronous"
    if _last(function.name).startswith("__"):
        return "it is called by other means than its name"
    for node in ast.walk(function.node):
        if isinstance(node, ast.Call) and _is_fickle(module.meaning(node.func)):
            return f"what it does depends on more than its arguments: it calls {scope.dotted(node.func)[:80]}"
    return None


def _is_fickle(called: str) -> bool:
    root = called.partition(".")[0]
    if root == "os":
        return not called.startswith("os.path.")
    return root in _FICKLE or called in _FICKLE_NAMES or _last(called) in _FICKLE_METHODS


def _last(name: str) -> str:
    return name.rpartition(".")[2]
