"""A change -> the functions that it changes or adds and that can loop, each with what a reasoner needs of it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.diffs import diff, symbols, tree
from gatekeeper.halting import calls, listing, source, spots


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One function that can loop."""

    path: str
    # qualified within the module: `Class.method`
    name: str
    function: source.Function
    # what in it can loop, the likeliest trouble first; empty where somebody named the function by hand
    spots: tuple[spots.Spot, ...]
    # 1-based line of its `def`
    line: int
    after: listing.Listing
    # base's version; None where the function is new
    before: listing.Listing | None

    def holds(self, path: str, line: int) -> bool:
        """Whether the 1-based line of a file lies in the function."""
        return path == self.path and self.function.first <= line <= self.function.last

    @property
    def at(self) -> int:
        """The 1-based line that people should look at."""
        return self.spots[0].line if self.spots else self.line


def find(change: diff.Diff, before: tree.Tree, after: tree.Tree) -> Iterator[Suspect]:
    """Yield the functions that the change touches and that can loop, by file in the diff's order, then by line.

    A change of comments, docstrings or formatting is none. Files that do not parse are passed over: that they do not is
    a finding of its own.
    """
    earlier, later = calls.Calls(before), calls.Calls(after)
    for file in change.files:
        if file.after is not None and file.after.endswith(".py"):
            yield from _in_file(file.before, file.after, earlier, later, _changed(file, before, after))


def named(module: source.Module, name: str, known: calls.Calls) -> Suspect | None:
    """Return the last function of that qualified name in a module as if it were new, or None where there is none."""
    functions = module.functions.get(name)
    return _suspect(functions[-1], module, known, before=None) if functions else None


def at(path: str, line: int, known: calls.Calls) -> Suspect | None:
    """Return the function around a 1-based line of a file as if it were new; None where there is none."""
    module = known.module(path)
    around = [
        function
        for functions in (module.functions.values() if module else ())
        for function in functions
        if function.first <= line <= function.last
    ]
    if module is None or not around:
        return None
    return _suspect(max(around, key=lambda function: function.first), module, known, before=None)


def callers(suspect: Suspect, known: calls.Calls) -> Iterator[Suspect]:
    """Yield the functions of the same file that call a function and can loop themselves, by line."""
    module = known.module(suspect.path)
    functions = [function for those in module.functions.values() for function in those] if module else []
    for function in sorted(functions, key=lambda one: one.first):
        if module is not None and any(callee is suspect.function for _, callee in known.called(function)):
            found = _suspect(function, module, known, before=None)
            if found.spots:
                yield found


def _changed(file: diff.FileChange, before: tree.Tree, after: tree.Tree) -> frozenset[str]:
    """Return the names of the symbols that differ."""
    assert file.after is not None
    earlier = tree.content(before, file.before) if file.before is not None else None
    differing = symbols.changed_symbols(earlier, tree.content(after, file.after)).symbols
    return frozenset(symbol.name for symbol in differing)


def _in_file(
    before: str | None, after: str, earlier: calls.Calls, later: calls.Calls, changed: frozenset[str]
) -> Iterator[Suspect]:
    module = later.module(after)
    if module is None:
        return
    base = earlier.module(before) if before is not None else None
    for function in sorted(
        (item for items in module.functions.values() for item in items), key=lambda item: item.first
    ):
        if function.name not in changed:
            continue
        old = _counterpart(function, module, base)
        if old is not None and _same(old, function):
            continue
        control = _listing(old, base, earlier) if old is not None and base is not None else None
        suspect = _suspect(function, module, later, before=control)
        if suspect.spots:
            yield suspect


def _suspect(
    function: source.Function, module: source.Module, known: calls.Calls, *, before: listing.Listing | None
) -> Suspect:
    return Suspect(
        path=module.path,
        name=function.name,
        function=function,
        spots=spots.Spots(known).of(function),
        line=function.node.lineno,
        after=_listing(function, module, known),
        before=before,
    )


def _counterpart(
    function: source.Function, module: source.Module, base: source.Module | None
) -> source.Function | None:
    """Return base's definition of a function; of several with one name, the one in the same place among them."""
    if base is None:
        return None
    place = module.functions[function.name].index(function)
    return next(iter(base.functions.get(function.name, ())[place:]), None)


def _same(one: source.Function, other: source.Function) -> bool:
    """Whether two definitions run the same."""
    try:
        return _running(one) == _running(other)
    except RecursionError:
        # nested too deeply to be compared
        return False


def _running(function: source.Function) -> list[str]:
    node = function.node
    told = ast.get_docstring(node, clean=False) is not None
    parts = [node.args, *node.decorator_list, *node.body[int(told) :]]
    return [type(node).__name__, *map(ast.dump, parts)]


def _listing(function: source.Function, module: source.Module, known: calls.Calls) -> listing.Listing:
    own = module.listed(function)
    taken = {line.number for line in own}
    context: list[listing.Line] = []
    left_out: list[str] = []
    for name, lines in _reached(function, module, known):
        new = [line for line in lines if line.number not in taken]
        if listing.size(context) + listing.size(new) > listing.MOST_CONTEXT:
            left_out.append(name)
            continue
        taken |= {line.number for line in new}
        context.extend(new)
    ordered = tuple(sorted(context, key=lambda line: line.number))
    return listing.Listing(function=own, context=ordered, left_out=tuple(left_out))


def _reached(
    function: source.Function, module: source.Module, known: calls.Calls
) -> Iterator[tuple[str, tuple[listing.Line, ...]]]:
    """Yield the functions of the module that a function calls, and the statements that set the names it reads."""
    callees = dict.fromkeys(callee for _, callee in known.called(function) if callee.path == module.path)
    for callee in callees:
        if callee is not function:
            yield callee.name, module.listed(callee)
    for name in dict.fromkeys(node.id for node in ast.walk(function.node) if isinstance(node, ast.Name)):
        for statement in module.names.get(name, ()):
            yield name, listing.lines(module.text, statement.lineno, statement.end_lineno or statement.lineno)
