"""What the tests of a group reach -> as much of it as a budget of tokens holds, nearest first, on both sides alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.simulation.program import assembly, project, reach, source

# texts -> tokens of each
Count = Callable[[Sequence[str]], Sequence[int]]


class Counted:
    """Tokens of texts, counted many at once and remembered."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._known: dict[str, int] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Count the texts that are not known, in one call."""
        asked = [text for text in dict.fromkeys(texts) if text not in self._known]
        if asked:
            self._known.update(zip(asked, self._count(asked), strict=True))

    def of(self, text: str) -> int:
        """Return the tokens of a text that was learnt."""
        return self._known[text]

    def of_unit(self, unit: source.Unit) -> int:
        """Return the tokens of a unit, whose runs were learnt."""
        return sum(self._known[text] for _, text in unit.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What fits."""

    before: Mapping[source.Unit, int]
    after: Mapping[source.Unit, int]


@dataclass(frozen=True, slots=True)
class _Slot:
    """A unit on each side that has it: both or neither is taken."""

    distance: int
    before: source.Unit | None
    after: source.Unit | None

    @property
    def key(self) -> tuple[int, str, int]:
        unit = self.after or self.before
        assert unit is not None
        return self.distance, unit.path, unit.line


def twinned(
    before: Mapping[source.Unit, int], after: Mapping[source.Unit, int], trees: project.Trees
) -> tuple[dict[source.Unit, int], dict[source.Unit, int]]:
    """Return what either side reaches, on each side that has it with the same text."""
    earlier, later = dict(before), dict(after)
    for units, other, here, there in (
        (before, later, trees.before, trees.after),
        (after, earlier, trees.after, trees.before),
    ):
        for unit, distance in units.items():
            if (twin := trees.twin(unit, here, there)) is not None:
                other[twin] = min(distance, other.get(twin, distance))
    for units, tree in ((earlier, trees.before), (later, trees.after)):
        for unit, distance in [*units.items()]:
            _whole(unit, distance, units, tree)
    return earlier, later


def _whole(unit: source.Unit, distance: int, units: dict[source.Unit, int], tree: project.Project) -> None:
    """Add the class of a member, and the member that a class cannot do without."""
    owner = unit.owner or unit
    units.setdefault(owner, distance)
    if inside := tree.module(owner.path).members.get(owner):
        units.setdefault(reach.anchor(inside, tree), units[owner])


def fit(
    before: Mapping[source.Unit, int],
    after: Mapping[source.Unit, int],
    trees: project.Trees,
    counted: Counted,
    room: int,
) -> Taken:
    """Return what of both sides fits into `room` tokens; the mappings are those of `twinned`."""
    slots = sorted(_slots(before, after, trees), key=lambda slot: slot.key)
    sides = [_Filling(trees.before, counted, room), _Filling(trees.after, counted, room)]
    for slot in slots:
        wanted = [
            side.with_class(unit) if unit else [] for side, unit in zip(sides, (slot.before, slot.after), strict=True)
        ]
        if all(side.holds(units) for side, units in zip(sides, wanted, strict=True)):
            for side, units in zip(sides, wanted, strict=True):
                side.take(units, slot.distance)
    earlier, later = sides
    return Taken(before=earlier.taken, after=later.taken)


def _slots(
    before: Mapping[source.Unit, int], after: Mapping[source.Unit, int], trees: project.Trees
) -> Iterable[_Slot]:
    paired: set[source.Unit] = set()
    for unit, distance in after.items():
        twin = trees.twin(unit, trees.after, trees.before)
        twin = twin if twin in before else None
        if twin is not None:
            paired.add(twin)
        yield _Slot(distance, twin, unit)
    yield from (_Slot(distance, unit, None) for unit, distance in before.items() if unit not in paired)


class _Filling:
    """One side, as it fills."""

    def __init__(self, tree: project.Project, counted: Counted, room: int) -> None:
        self.taken: dict[source.Unit, int] = {}
        self._tree = tree
        self._counted = counted
        self._room = room - counted.of(assembly.FUTURE.text)
        self._paths: set[str] = set()

    def with_class(self, unit: source.Unit) -> list[source.Unit]:
        """Return the unit with what it cannot stand without and that is not taken."""
        owner = unit.owner or unit
        inside = self._tree.module(owner.path).members.get(owner)
        anchor = [reach.anchor(inside, self._tree)] if inside else []
        return [item for item in dict.fromkeys((owner, *anchor, unit)) if item not in self.taken]

    def holds(self, units: Sequence[source.Unit]) -> bool:
        """Whether there is room for the units."""
        return self._cost(units) <= self._room

    def take(self, units: Sequence[source.Unit], distance: int) -> None:
        """Take the units in."""
        self._room -= self._cost(units)
        self.taken.update(dict.fromkeys(units, distance))
        self._paths.update(unit.path for unit in units)

    def _cost(self, units: Sequence[source.Unit]) -> int:
        # a file may be named twice: where it is unchanged, and where it is changed
        headings = {unit.path for unit in units} - self._paths
        named = sum(2 * self._counted.of(assembly.heading(path)) for path in headings)
        return named + sum(map(self._counted.of_unit, units))
