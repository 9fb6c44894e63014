"""The smallest part of something that still fails. Pure.

Andreas Zeller and Ralf Hildebrandt, *Simplifying and Isolating Failure-Inducing Input*, IEEE Transactions on Software
Engineering 28 (2), 2002: the algorithm ddmin.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import TypeVar

# of two parts, one is the rest of the other
HALVES = 2

Item = TypeVar("Item")
# parts -> whether each fails; None: no more may be asked
Failing = Callable[[Sequence[Sequence[Item]]], Sequence[bool] | None]


def minimal(items: Sequence[Item], failing: Failing[Item]) -> tuple[tuple[Item, ...], bool]:
    """Return a part of `items`, which fails as a whole, that fails too, and whether it is certain to be minimal.

    Minimal: it no longer fails where any one item is left out. All parts of one round are asked about at once.
    """
    left, grains = tuple(items), 2
    while len(left) > 1:
        parts = _parts(left, min(grains, len(left)))
        rests = [tuple(one for one in left if one not in part) for part in parts] if len(parts) > HALVES else []
        said = failing([*parts, *rests])
        if said is None:
            return left, False
        smaller = next((one for one, fails in zip([*parts, *rests], said, strict=True) if fails), None)
        if smaller is not None:
            grains = 2 if smaller in parts else max(grains - 1, 2)
            left = smaller
        elif grains >= len(left):
            return left, True
        else:
            grains = min(2 * grains, len(left))
    return left, True


def _parts(items: tuple[Item, ...], number: int) -> list[tuple[Item, ...]]:
    ends = [round(len(items) * part / number) for part in range(number + 1)]
    return [items[start:end] for start, end in itertools.pairwise(ends)]
