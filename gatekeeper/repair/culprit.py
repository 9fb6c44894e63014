"""A failure -> the changed lines that it is due to: taken back and put in place one by one, in the sandbox. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gatekeeper.repair import delta, functions, proposal, screening, units
from gatekeeper.simulation import prediction

# blocks that are tried at once: where functions can be exchanged, and where each costs a session
MOST, FEW = 24, 3
# runs that one finding may take
RUNS = 200
# lines of a block that are told apart
LINES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """What of the change a finding is due to."""

    # of the finding
    fingerprint: str
    # the test that was run
    test: str
    # whole blocks of the diff, and those of their lines that matter; empty: not found
    blocks: tuple[units.Unit, ...]
    lines: tuple[units.Unit, ...]
    # True: seen by running; False: what the failing test ran of the change, the likeliest first
    exact: bool
    # versions of the tree that were run
    runs: int
    # one sentence for people
    why: str
    # changed lines that the test ran, the last one first
    touched: tuple[prediction.Location, ...] = ()
    # whether functions alone were at fault and yet modules had to be imported afresh to find that out: exchanging shows
    # nothing of them
    blind: bool = False


# (versions without these units) -> how the test ended on each; empty where nothing more may be run
Without = Callable[[Sequence[Sequence[units.Unit]]], Sequence[screening.Ended]]


@dataclass(slots=True, kw_only=True)
class Search:
    """The search for what one failing test is due to."""

    fault: proposal.Fault
    # the test of the fault that is run, and how it ended on the judged tree
    test: str
    ended: screening.Ended
    changed: units.Changed
    screen: screening.Screen
    # seconds
    left: Callable[[], float]
    # what other failures of the change are due to
    likely: tuple[units.Unit, ...] = ()
    runs: int = 0
    touched: tuple[prediction.Location, ...] = field(default=())

    def find(self) -> Culprit:
        """Return the culprit: the smallest part of the change that causes the failure, as far as time allows."""
        ordered = self._ordered()
        for without, most, imported in ((self._exchanging, MOST, False), (self._importing, FEW, True)):
            found = self._isolated(ordered[:most], ordered, without) if ordered else ()
            if found:
                blind = imported and _sound(self.changed.bodies(found)) is not None
                return replace(self._culprit(found, self._lines(found, without)), blind=blind)
        return self._unknown()

    def _ordered(self) -> list[units.Unit]:
        """Return the units, likeliest first: on the way of the failure, in files on it, others."""
        places = [self.fault.at, *self.fault.frames] if self.fault.at else list(self.fault.frames)
        files = [place.path for place in places]

        def rank(unit: units.Unit) -> tuple[bool, int, bool]:
            on = next((number for number, place in enumerate(places) if unit.holds(place)), len(places))
            known = any(unit.path == other.path and unit.start <= other.start <= unit.end for other in self.likely)
            return not known, on, unit.path not in files

        return sorted(self.changed.units, key=rank)

    def _isolated(
        self, tried: Sequence[units.Unit], every: Sequence[units.Unit], without: Without
    ) -> tuple[units.Unit, ...]:
        """Return the units without each of which the test passes, confirmed or reduced; empty where there are none."""
        said = without([[], every, *([unit] for unit in tried)])
        if not said or not said[0].like(self.ended):
            return ()
        self.touched = self.touched or tuple(reversed(said[0].touched))
        needed = tuple(unit for unit, ended in zip(tried, said[2:], strict=True) if ended.passed)
        if needed or not said[1].passed:
            return needed
        # no one of them alone: several are enough each, or the culprit was not among those tried
        return delta.minimal(every, lambda parts: self._fails(parts, every, without))[0]

    def _fails(
        self, parts: Sequence[Sequence[units.Unit]], every: Sequence[units.Unit], without: Without
    ) -> list[bool] | None:
        """Return which of the parts fails alike where it alone is in place."""
        said = without([[unit for unit in every if unit not in part] for part in parts])
        return [ended.like(self.ended) for ended in said] if said else None

    def _lines(self, found: Sequence[units.Unit], without: Without) -> tuple[units.Unit, ...]:
        """Return those lines of the units without which alone the test still fails as it does."""
        kept: list[units.Unit] = []
        for unit in found:
            lines = units.parts(unit, self.changed)
            if not 1 < len(lines) <= LINES:
                kept.append(unit)
                continue
            kept += delta.minimal(lines, lambda parts, lines=lines: self._fails(parts, lines, without))[0]  # type: ignore[misc]
        return tuple(kept)

    def _exchanging(self, back: Sequence[Sequence[units.Unit]]) -> list[screening.Ended]:
        made = [_sound(self.changed.bodies(part)) for part in back]
        there = [bodies for bodies in made if bodies is not None]
        # the judged tree alone says nothing
        if len(there) < 2 or not self._allowed(len(there)):  # noqa: PLR2004 - itself and another
            return []
        said = iter(self.screen.exchanged([self.test], there, self.left()))
        return [screening.NOTHING if bodies is None else next(said)[0] for bodies in made]

    def _importing(self, back: Sequence[Sequence[units.Unit]]) -> list[screening.Ended]:
        if not self._allowed(len(back)):
            return []
        return list(self.screen.imported(self.test, [self.changed.files(part) for part in back], self.left()))

    def _allowed(self, runs: int) -> bool:
        if self.left() <= 0 or self.runs + runs > RUNS:
            return False
        self.runs += runs
        return True

    def _culprit(self, blocks: tuple[units.Unit, ...], lines: tuple[units.Unit, ...]) -> Culprit:
        what = _what(blocks[0]) if len(blocks) == 1 else f"these {len(blocks)} parts of the change"
        return self._made(blocks, lines, f"without {what} the test passes, and without no other", exact=True)

    def _unknown(self) -> Culprit:
        held = [unit for place in self.touched for unit in self.changed.units if unit.holds(place)]
        why = "what of the change the failing test ran last" if held else "the failing test runs none of these lines"
        return self._made(tuple(dict.fromkeys(held)), (), why, exact=False)

    def _made(self, blocks: tuple[units.Unit, ...], lines: tuple[units.Unit, ...], why: str, *, exact: bool) -> Culprit:
        return Culprit(
            fingerprint=self.fault.fingerprint,
            test=self.test,
            blocks=blocks,
            lines=lines or blocks,
            exact=exact,
            runs=self.runs,
            why=why,
            touched=self.touched,
        )


def _sound(bodies: list[functions.Body] | None) -> list[functions.Body] | None:
    parsed = bodies is not None and all(functions.parsed(body.text) for body in bodies)
    return bodies if parsed else None


def _what(unit: units.Unit) -> str:
    match unit.whole:
        case None:
            return "these lines"
        case units.Whole(kind="added"):
            return "this file, which was added,"
        case units.Whole(kind="deleted"):
            return "the deletion of this file"
        case units.Whole(kind="moved", source=source):
            return f"the move of this file from {source}"
    raise AssertionError(unit.whole)
