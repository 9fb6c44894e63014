"""A selection divided: the tests that are to be mended, all others, and those that an edit cannot affect. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gatekeeper.impact import selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """Two selections that have no test in common."""

    first: selection.Selection
    rest: selection.Selection


def divide(
    tests: selection.Selection, known: Iterable[str], first: Collection[str], left_out: Collection[str]
) -> Divided:
    """Return the part of `tests` with the functions of `first`, and the part with neither them nor `left_out`'s.

    All are ids of tests, `known` those that `tests` was found to consist of. Parametrisations of a function stay
    together.
    """
    modules: dict[str, set[str]] = {}
    for test in known:
        path, _, name = function(test).partition("::")
        modules.setdefault(path, set()).add(name)
    wanted, unwanted = _by_module(first), _by_module(left_out)
    others = {
        path: names - wanted.get(path, frozenset()) - unwanted.get(path, frozenset()) for path, names in modules.items()
    }
    return Divided(first=_part(tests, modules, wanted), rest=_part(tests, modules, others))


def beyond(reached: selection.Selection, known: Iterable[str]) -> frozenset[str]:
    """Return those of the `known` tests, by id, that are not among the `reached` ones."""
    modules = frozenset(reached.modules)
    found = set()
    for test in known:
        path, _, name = function(test).partition("::")
        if path not in modules or name in reached.unaffected.get(path, ()):
            found.add(test)
    return frozenset(found)


def function(test: str) -> str:
    """Return the id without its parametrisation."""
    return test.partition("[")[0]


def _by_module(tests: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for test in tests:
        path, _, name = function(test).partition("::")
        found.setdefault(path, set()).add(name)
    return found


def _part(
    tests: selection.Selection, known: Mapping[str, Collection[str]], wanted: Mapping[str, Collection[str]]
) -> selection.Selection:
    """Return the part of `tests` whose functions are `wanted`, by module; the nameless one is a module as a whole."""
    modules = {path: frozenset(names) for path, names in wanted.items() if names}
    affected = tuple(
        selection.AffectedTest(path=path, name=name, reason="run with a fix")
        for path, names in modules.items()
        for name in sorted(names)
    )
    unaffected = {
        path: tests.unaffected.get(path, frozenset())
        | (frozenset() if "" in names else frozenset(known.get(path, ())) - names)
        for path, names in modules.items()
    }
    return replace(tests, affected=affected, unaffected=unaffected)
