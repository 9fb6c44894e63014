"""What a program lacks of what its test may reach, and where it shows other than what the tree holds."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from gatekeeper.simulation.program import program, reach, source

_OVER_BUDGET = "is over the budget of tokens"
_MASKED = "holds what looks like a secret, which is masked"
# entries of one program, and the characters of a name in one
_MOST = 200
_LONGEST = 200


def of(found: reach.Reach, own: Iterable[source.Unit], taken: Mapping[source.Unit, int]) -> tuple[program.LeftOut, ...]:
    """Return what is left out of the program of a test with units of its `own` in a context of those `taken`."""
    units = dict.fromkeys(own)
    held = [*units, *(unit for unit in found.distances if unit in taken)]
    entries = (*_dropped(found, units.keys() | taken.keys()), *_clashing(held), *_masked(held), *_missing(found))
    unique = dict.fromkeys(entries)
    return tuple(islice(unique, _MOST))


def _dropped(found: reach.Reach, held: set[source.Unit]) -> Iterator[program.LeftOut]:
    nearest = sorted(found.distances, key=lambda unit: (found.distances[unit], unit.path, unit.line))
    return (_left(f"{unit.path}::{unit.name}", _OVER_BUDGET) for unit in nearest if unit not in held)


def _clashing(units: Iterable[source.Unit]) -> Iterator[program.LeftOut]:
    """Yield what shares its name with something of another file: one text has one of them."""
    holders: dict[str, source.Unit] = {}
    for unit in units:
        if unit.owner is None and unit.sort is not source.Sort.IMPORT:
            for name in unit.names:
                first = holders.setdefault(name, unit)
                if first.path != unit.path:
                    yield _left(f"{unit.path}::{name}", f"has the name of something in {first.path}")


def _masked(units: Iterable[source.Unit]) -> Iterator[program.LeftOut]:
    return (_left(f"{unit.path}::{unit.name}", _MASKED) for unit in units if unit.masked)


def _missing(found: reach.Reach) -> Iterator[program.LeftOut]:
    return (_left(what, why) for what, why in sorted(found.missing.items()))


def _left(what: str, why: str) -> program.LeftOut:
    return program.LeftOut(what=what[:_LONGEST], why=why[:_LONGEST])
