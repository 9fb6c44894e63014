"""A test, or a call of a function -> the closed program that a model simulates and the sandbox runs."""

import ast

from gatekeeper import errors
from gatekeeper.impact import selection
from gatekeeper.simulation.program import assembly, closing, fitting, leftover, needs, program, project, reach
from gatekeeper.wiring.trace import folder, target

_LISTED = 10


def is_test(named: target.Target, tree: folder.FolderTree) -> bool:
    """Whether pytest would collect it."""
    rules = project.Trees(tree, tree).after.rules
    last = named.name.rpartition("::")[2]
    return rules.is_test_file(named.path) and (rules.is_test_function(last) or last.startswith("test"))


def of_test(
    named: target.Target, tree: folder.FolderTree, count: fitting.Count, budget: int
) -> tuple[str, program.Program]:
    """Return the test's id with its parameters, and its program.

    Raises UsageError where the parameters name no single test, and NotAnalysed where it cannot be closed.
    """
    affected = selection.AffectedTest(path=named.path, name=named.name, reason="")
    found = list(closing.close([affected], project.Trees(tree, tree), count, budget))
    if len(found) > 1:
        wanted = [one for one in found if one.test == named.id]
        if not wanted:
            known = ", ".join(one.test for one in found[:_LISTED])
            raise errors.UsageError(f"{named.id} names no single test: name one of {known}")
        found = wanted
    (only,) = found
    if isinstance(only, program.NotClosed):
        raise errors.NotAnalysed(only.why)
    if named.parameters and only.test != named.id:
        raise errors.UsageError(f"{named.id} is no test: name {only.test}")
    return only.test, only.after


def of_call(
    path: str, call: str, tree: folder.FolderTree, count: fitting.Count, budget: int
) -> tuple[str, program.Program]:
    """Return the expression `call`, evaluated in the module `path`, as a closed program of what it reaches.

    Raises NotAnalysed where there is no room for it, or it reaches what has the entry point's name.
    """
    trees = project.Trees(tree, tree)
    sides = [(side, needs.Resolver(side)) for side in (trees.before, trees.after)]
    here, resolver = sides[1]
    expression = ast.parse(call, mode="eval").body
    loose = resolver.of_expressions(path, [expression])
    found = reach.walk({}, loose, resolver, here)
    if any(program.ENTRY in unit.names for unit in found.distances if unit.owner is None):
        raise errors.NotAnalysed(f"it reaches something called `{program.ENTRY}`, which is the name of the entry point")
    main = f"{program.ENTRY_LINE}    return {call}\n"
    taken = _taken(found, trees, fitting.Counted(count), main, budget)
    roots = {(path, name) for name in loose.roots}
    before, after = (
        assembly.Side(tree=side, resolver=names, taken=units, roots=roots)
        for (side, names), units in zip(sides, (taken.before, taken.after), strict=True)
    )
    assembly.divide(before, after, trees)
    _, context = assembly.shared(before, after, trees)
    pieces = (*context, program.Piece(kind=program.Kind.MAIN, text=main))
    closed = program.Program(pieces=pieces, shared=len(context), left_out=leftover.of(found, (), taken.after))
    return f"{path}::{call}", closed


def _taken(found: reach.Reach, trees: project.Trees, counted: fitting.Counted, main: str, budget: int) -> fitting.Taken:
    before, after = fitting.twinned(found.distances, found.distances, trees)
    texts = [main, assembly.FUTURE.text]
    for unit in (*before, *after):
        texts += [assembly.heading(unit.path), *(text for _, text in unit.runs)]
    counted.learn(texts)
    room = budget - counted.of(main)
    if room <= counted.of(assembly.FUTURE.text):
        raise errors.NotAnalysed("it does not fit into the model's context")
    return fitting.fit(before, after, trees, counted, room)
