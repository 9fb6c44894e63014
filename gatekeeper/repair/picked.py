"""Edits around a culprit -> those that are worth a trial on all tests: screened in bulk, on few tests.

Pure over the port `Screen`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gatekeeper.repair import candidate, culprit, edits, functions, proposal, screening, text, trial, undo, units
from gatekeeper.simulation import prediction

# edits that are screened at once on a test that burns much, and on one that burns less than CHEAP: a session costs more
MANY, MORE, CHEAP = 80, 200, 10**9
# edits that are screened at once where each costs a session, and how many of these in all
FEW, IMPORTED = 8, 24
# isolated lines that are all suspected alike
CLOSE = 3
# edits that are screened further, and how many of the failing tests and of those beside them
SURVIVORS, FAILING, BESIDE = 8, 8, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Screened:
    """An edit with which the test that stands for the fault passes."""

    attempt: edits.Attempt
    # failing tests beside it that pass, too; whether all do
    mended: int
    whole: bool


@dataclass(slots=True, kw_only=True)
class Picking:
    """The search for an edit that mends one fault."""

    fault: proposal.Fault
    # what was said of the test that stands for the fault
    said: prediction.Prediction
    culprit: culprit.Culprit
    changed: units.Changed
    judged: trial.Judged
    of: units.Change
    screen: screening.Screen
    # seconds
    left: Callable[[], float]
    screened: int = 0
    # whether the test fails as it did where functions can be exchanged
    _exchangeable: bool = True
    _sources: dict[str, functions.Source | None] = field(default_factory=dict)

    def pick(self) -> Sequence[proposal.Proposal]:
        """Return the edits with which the test passes, best first."""
        attempts = self._attempts()
        exchangeable = [one for one in attempts if one.body is not None and not self.culprit.blind]
        kept: list[_Screened] = []
        many = MORE if self.said.cost.fuel < CHEAP else MANY
        for start in range(0, len(exchangeable), many):
            passing = self._exchanged([one for one in exchangeable[start : start + many] if self._sound(one)])
            if passing is None:
                break
            kept += self._beside(passing)
            if any(one.whole for one in kept):
                break
        if kept:
            return [self._proposal(one.attempt) for one in sorted(kept, key=lambda one: -one.mended)]
        return [self._proposal(one) for one in self._imported(self._beyond(attempts))]

    def _beyond(self, attempts: Sequence[edits.Attempt]) -> list[edits.Attempt]:
        """Return the edits of which exchanging functions says nothing.

        It is impossible outside functions, and wrong where a module computes something from its functions as it is
        imported. Where taking the culprit back was seen by exchanging, so is an edit of it.
        """
        blind = self.culprit.blind or not self._exchangeable
        return [one for one in attempts if blind or one.body is None][:IMPORTED]

    def _attempts(self) -> list[edits.Attempt]:
        by_file: dict[str, dict[int, float]] = {}
        for place, suspected in self._suspects().items():
            by_file.setdefault(place.path, {})[place.line] = suspected
        found: list[edits.Attempt] = []
        for path, suspects in by_file.items():
            source = self._source(path)
            if source is not None and self.of.mendable(path):
                found += edits.propose(source, suspects, self.said.exception or "")
        return sorted(found, key=lambda one: -one.likelihood)[: edits.MOST]

    def _suspects(self) -> dict[prediction.Location, float]:
        """Return the changed lines that may be at fault with their suspicion: isolated ones, on the way, run last."""
        isolated = [place for unit in self.culprit.lines for place in _places(unit)] if self.culprit.exact else []
        way = [place for place in self._way() if self.of.diff.touches(place.path, place.line)]
        if len(isolated) > CLOSE:
            # which of many lines is at fault is told by those that were run last
            return edits.suspicion([*way, *self.culprit.touched, *isolated])
        return edits.suspicion([*isolated, *way, *self.culprit.touched]) | dict.fromkeys(isolated, 1.0)

    def _way(self) -> Sequence[prediction.Location]:
        return [self.fault.at, *self.fault.frames] if self.fault.at else self.fault.frames

    def _source(self, path: str) -> functions.Source | None:
        if path not in self._sources:
            self._sources[path] = self._read(path)
        return self._sources[path]

    def _read(self, path: str) -> functions.Source | None:
        known = self.changed.sources.get(path)
        if known is None and path.endswith(".py") and not self.of.is_test(path):
            content = undo.plain(self.of.after, path)
            known = functions.read(path, content) if content and len(content) <= units.LONGEST else None
        return None if isinstance(known, str) else known

    def _sound(self, one: edits.Attempt) -> bool:
        source = self._source(one.replacement.path)
        return source is not None and edits.parses(source, one) and not self._undoes(one)

    def _undoes(self, one: edits.Attempt) -> bool:
        """Whether the edit is base's text again: what the author did is undone, which is no mending."""
        change = one.replacement
        near = [
            unit
            for unit in self.changed.units
            if unit.path == change.path and change.start <= unit.start and unit.end <= change.end
        ]
        return any(self.changed.files([unit])[change.path] == self._text(change) for unit in near)

    def _text(self, change: candidate.Replacement) -> str:
        source = self._source(change.path)
        assert source is not None
        return text.replaced(source.text, change)

    def _exchanged(self, attempts: Sequence[edits.Attempt]) -> Sequence[edits.Attempt] | None:
        """Return those with which the test passes; None where nothing more can be found out in this way."""
        if self.left() <= 0 or "::" not in self.said.test:
            return None
        bodies = [[one.body] for one in attempts if one.body]
        control, *said = self.screen.exchanged([self.said.test], [[], *bodies], self.left())
        self.screened += len(attempts)
        self._exchangeable = control[0].outcome.broken
        if not self._exchangeable:
            return None
        return [one for one, ended in zip(attempts, said, strict=True) if ended[0].passed][:SURVIVORS]

    def _imported(self, attempts: Sequence[edits.Attempt]) -> list[edits.Attempt]:
        for start in range(0, len(attempts), FEW):
            if self.left() <= 0:
                break
            some = [one for one in attempts[start : start + FEW] if self._sound(one)]
            files = [{one.replacement.path: self._text(one.replacement)} for one in some]
            said = self.screen.imported(self.said.test, files, self.left())
            self.screened += len(some)
            passing = [one for one, ended in zip(some, said, strict=True) if ended.passed]
            if passing:
                return passing
        return []

    def _beside(self, passing: Sequence[edits.Attempt]) -> list[_Screened]:
        """Return those that break none of the tests beside the failing one."""
        failing, kept = self._tests()
        tests = [*failing, *kept]
        if self.left() <= 0 or not tests or not passing:
            return [_Screened(attempt=one, mended=0, whole=not tests) for one in passing]
        bodies = [[one.body] for one in passing if one.body]
        control, *said = self.screen.exchanged(tests, [[], *bodies], self.left())
        # those that end, exchanged, as they were predicted to
        broken = [at for at, ended in enumerate(control[: len(failing)]) if ended.outcome.broken]
        sound = [at for at, ended in enumerate(control) if at >= len(failing) and ended.passed]
        return [
            _Screened(
                attempt=one,
                mended=sum(ended[at].passed for at in broken),
                whole=all(ended[at].passed for at in broken),
            )
            for one, ended in zip(passing, said, strict=True)
            if not any(ended[at].outcome.broken for at in sound)
        ]

    def _tests(self) -> tuple[list[str], list[str]]:
        """Return other failing tests, those of the fault first, and passing ones, of the same module: the cheapest."""
        module = self.said.test.partition("::")[0]
        here = sorted(
            (one for one in self.judged.said if one.test.partition("::")[0] == module and one.test != self.said.test),
            key=lambda one: (one.test not in self.fault.tests, one.cost.fuel),
        )
        broken = {test for fault in self.judged.faults for test in fault.tests}
        failing = [one.test for one in here if one.test in broken and one.outcome is not prediction.Outcome.HANG]
        passing = [one.test for one in here if one.outcome is prediction.Outcome.PASS]
        return failing[:FAILING], passing[:: max(1, len(passing) // BESIDE)][:BESIDE]

    def _proposal(self, one: edits.Attempt) -> proposal.Proposal:
        source = self._source(one.replacement.path)
        assert source is not None
        return proposal.Proposal(
            source=candidate.Source.EDIT,
            replacement=one.replacement,
            text=source.text,
            faults=(self.fault,),
            likelihood=one.likelihood,
            seen=True,
            guessed=one.guessed,
        )


def _places(unit: units.Unit) -> Iterator[prediction.Location]:
    for line in range(unit.start, max(unit.end, unit.start) + 1):
        yield prediction.Location(path=unit.path, line=line)
