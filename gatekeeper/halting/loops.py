"""A change -> the functions that it changes, adds or newly reaches and that can loop, with what a reasoner needs."""

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gatekeeper.diffs import diff, symbols, tree
from gatekeeper.halting import calls, listing, source, spots

# functions that are newly reached, of one change
MOST_REACHED = 20


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
    # base's version; None where the function is new, or newly reached
    before: listing.Listing | None
    # whether the change leaves it as it was, and calls it from where it was not called
    newly_reached: bool = False

    def holds(self, path: str, line: int) -> bool:
        """Whether the 1-based line of a file lies in the function."""
        return path == self.path and self.function.first <= line <= self.function.last

    @property
    def recursive(self) -> bool:
        """Whether it may come to run itself again, by the text."""
        return any(spot.cause in {spots.Cause.RECURSION, spots.Cause.MUTUAL} for spot in self.spots)

    @property
    def at(self) -> int:
        """The 1-based line that people should look at."""
        return self.spots[0].line if self.spots else self.line

    def told(self, reason: str) -> str:
        """Return a reason that says too that the function is newly reached, where it is."""
        return f"{reason}; the change newly reaches it" if self.newly_reached else reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touched:
    """A function that does not run as before."""

    now: source.Function
    module: source.Module
    # None where it is new
    old: source.Function | None
    base: source.Module | None

    def control(self, earlier: calls.Calls) -> listing.Listing | None:
        return _listing(self.old, self.base, earlier) if self.old is not None and self.base is not None else None


def find(change: diff.Diff, before: tree.Tree, after: tree.Tree) -> Iterator[Suspect]:
    """Yield the functions that the change touches and that can loop, by file in the diff's order, then by line.

    Then up to `MOST_REACHED` that it leaves as they were, and that functions call which it touches and which did not
    call them before. A change of comments, docstrings or formatting is none. Files that do not parse are passed over:
    that they do not is a finding of its own.
    """
    earlier, later = calls.Calls(before), calls.Calls(after)
    touched: list[_Touched] = []
    for file in change.files:
        if file.after is not None and file.after.endswith(".py"):
            touched.extend(_in_file(file.before, file.after, earlier, later, _changed(file, before, after)))
    for one in touched:
        suspect = _suspect(one.now, one.module, later, before=one.control(earlier))
        if suspect.spots:
            yield suspect
    yield from itertools.islice(_newly_reached(touched, earlier, later), MOST_REACHED)


def _newly_reached(touched: Sequence[_Touched], earlier: calls.Calls, later: calls.Calls) -> Iterator[Suspect]:
    seen = {(one.now.path, one.now.name) for one in touched}
    for one in touched:
        known = {callee.name for _, callee in earlier.called(one.old)} if one.old is not None else set()
        for _, callee in later.called(one.now):
            module = later.module(callee.path)
            if (callee.path, callee.name) in seen or callee.name in known or module is None:
                continue
            seen.add((callee.path, callee.name))
            suspect = replace(_suspect(callee, module, later, before=None), newly_reached=True)
            if suspect.spots:
                yield suspect


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
        if module is not None and any(callee == suspect.function for _, callee in known.called(function)):
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
) -> Iterator[_Touched]:
    """Yield the functions of a file that do not run the same as before, by line."""
    module = later.module(after)
    if module is None:
        return
    base = earlier.module(before) if before is not None else None
    for function in sorted(
        (item for items in module.functions.values() for item in items), key=lambda item: item.first
    ):
        old = _counterpart(function, module, base) if function.name in changed else None
        if function.name in changed and (old is None or not _same(old, function)):
            yield _Touched(now=function, module=module, old=old, base=base)


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
        if callee != function:
            yield callee.name, module.listed(callee)
    for name in dict.fromkeys(node.id for node in ast.walk(function.node) if isinstance(node, ast.Name)):
        for statement in module.names.get(name, ()):
            yield name, listing.lines(module.text, statement.lineno, statement.end_lineno or statement.lineno)
