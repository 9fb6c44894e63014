"""Plans: which tests of a tree are to be run, and parts of that. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gatekeeper.diffs import tree as trees
from gatekeeper.impact import selection
from gatekeeper.sandbox import session


def planned(tests: selection.Selection, tree: trees.Tree, most: int) -> tuple[session.Plan, list[str]]:
    """Return which modules to run, and the tests that are beyond the budget: whole modules, from the end."""
    modules: dict[str, int] = {}
    for test in tests.affected:
        if test.path in tree.entries:
            modules[test.path] = modules.get(test.path, 0) + 1
    taken, kept = 0, {}
    for path, count in modules.items():
        if taken and taken + count > most:
            continue
        taken, kept[path] = taken + count, count
    beyond = [f"{test.path}::{test.name}" for test in tests.affected if test.path in modules and test.path not in kept]
    return session.Plan(modules=kept, unaffected=tests.unaffected), beyond


def subset(plan: session.Plan, tests: Sequence[str], modules: Sequence[str]) -> session.Plan:
    """Return the part of the plan with only `tests`, and `modules` as a whole."""
    only: dict[str, set[str]] = {}
    for test in tests:
        only.setdefault(module(test), set()).add(test)
    counts = {path: len(ids) for path, ids in only.items()} | {path: plan.modules.get(path, 1) for path in modules}
    return replace(
        plan,
        modules={path: counts[path] for path in plan.modules if path in counts},
        only={path: frozenset(ids) for path, ids in only.items() if path not in modules},
    )


def exactly(tests: Sequence[str]) -> session.Plan:
    """Return the plan of only `tests`, as node ids."""
    return subset(session.Plan(modules=dict.fromkeys(map(module, tests), 1)), tests, [])


def with_stand_ins(plan: session.Plan, lacking: Mapping[str, frozenset[str]]) -> session.Plan:
    """Return the plan with stand-ins for more modules: test module -> the modules that it lacks."""
    absent = dict(plan.absent)
    for path, names in lacking.items():
        absent[path] = absent.get(path, frozenset()) | names
    return replace(plan, absent=absent)


def module(test: str) -> str:
    """Return the file of a test by its node id."""
    return test.partition("::")[0]
