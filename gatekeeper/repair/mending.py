"""Faults -> what of the change each is due to, and what mends it: searched likeliest first, then tried.

First the culprit is isolated; then small edits around it are screened, many at once, on the one test that stands for
the fault; what passes is screened on the tests beside it, and the best are tried on all that the change affects.
Undoing a block comes after every edit that is likely. Pure over the ports `Screen` and `Executor`.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gatekeeper.repair import candidate, culprit, picked, proposal, screening, trial, undo, units
from gatekeeper.repair import proposer as proposers
from gatekeeper.simulation import prediction

# of wall clock, for the search for culprits and edits of one review
SEARCHING = 10.0
# fixes that are shown; faults that are looked at
SHOWN, FAULTS = 3, 5
# edits, and undone blocks, of one fault that are tried on all tests
TRIED = 3
# those that are believed first
SOURCES = (candidate.Source.EDIT, candidate.Source.MODEL, candidate.Source.UNDO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found."""

    # of the faults, those of most tests first, as far as they were looked at
    culprits: tuple[culprit.Culprit, ...]
    # the one that mends most tests first
    fixes: tuple[candidate.FixCandidate, ...]
    # edits that were screened
    screened: int = 0


@dataclass(slots=True, kw_only=True)
class Mending:
    """One review's search."""

    judged: trial.Judged
    of: units.Change
    screen: screening.Screen
    executor: trial.Executor
    # seconds, as `time.monotonic` counts them
    now: Callable[[], float]
    cancelled: Callable[[], bool]
    # asked for what edits do not mend; None: nobody
    proposer: proposers.Proposer | None = None
    seconds: float = trial.SECONDS
    searching: float = SEARCHING
    _end: float = 0.0
    # when searching must pause so that time is left to try, and what it has taken
    _until: float = 0.0
    _searched: float = 0.0
    _culprits: list[culprit.Culprit] = field(default_factory=list)
    _fixes: list[candidate.FixCandidate] = field(default_factory=list)
    _screened: int = 0

    def search(self) -> Found:
        """Return the culprits and the fixes, as far as the seconds allow."""
        self._end = self.now() + self.seconds
        changed = units.read(self.of)
        # what mends many tests may mend the others, too
        for fault in sorted(self.judged.faults, key=lambda fault: -len(fault.tests))[:FAULTS]:
            if self._left() <= 0 or len(self._fixes) >= SHOWN:
                break
            self._mend(fault, changed)
        self._mend_whole()
        return Found(culprits=tuple(self._culprits), fixes=tuple(self._best()), screened=self._screened)

    def _best(self) -> list[candidate.FixCandidate]:
        """Return the best fixes, best first, without those that mend nothing that a better one does not."""
        kept: list[candidate.FixCandidate] = []
        for one in sorted((one for one in self._fixes if not self._by_chance(one)), key=ranked):
            if not any(set(one.mended) <= set(other.mended) for other in kept):
                kept.append(one)
        return kept[:SHOWN]

    def _by_chance(self, one: candidate.FixCandidate) -> bool:
        """Whether another fix mends the same tests and more: as where `a * b` is as good as `a + b` for 2 and 2."""
        return any(set(one.mended) < set(other.mended) for other in self._fixes)

    def _mend(self, fault: proposal.Fault, changed: units.Changed) -> None:
        found = self._undoing(fault) or self._culprit(fault, changed)
        if found is not None:
            self._culprits.append(found)
        if set(fault.tests) <= {test for fix in self._fixes for test in fix.mended}:
            return
        for proposed in self._proposals(fault, found, changed):
            if set(fault.tests) <= self._tried(proposed):
                break

    def _undoing(self, fault: proposal.Fault) -> culprit.Culprit | None:
        """Return the culprit without which all tests of the fault were seen to pass when its lines were taken back."""
        for fix in self._fixes:
            if fix.source is not candidate.Source.UNDO or not set(fault.tests) <= set(fix.mended):
                continue
            there = fix.replacement
            for known in self._culprits:
                places = [(unit.path, unit.start, unit.end) for unit in known.lines]
                if known.exact and places == [(there.path, there.start, there.end)]:
                    test, why = representative(fault, self.judged).test, "without these lines the test passes"
                    return replace(known, fingerprint=fault.fingerprint, test=test, runs=0, why=why, touched=())
        return None

    def _tried(self, proposed: proposal.Proposal) -> set[str]:
        """Keep the fix if it holds; return the tests that it mends."""
        held = trial.Trial(proposed=proposed, judged=self.judged, executor=self.executor, left=self._left).result()
        if held is None:
            return set()
        self._fixes.append(held)
        return set(held.mended)

    def _mend_whole(self) -> None:
        """Take back the one block at fault where no edit of it mends all that fails: those fit some tests by chance."""
        broken = {test for fault in self.judged.faults for test in fault.tests}
        sources = {fix.source for fix in self._fixes}
        known = [found for found in self._culprits if found.exact]
        if not sources or candidate.Source.UNDO in sources or len({found.blocks for found in known}) != 1:
            return
        if any(broken <= set(fix.mended) for fix in self._fixes):
            return
        fault = next(fault for fault in self.judged.faults if fault.fingerprint == known[0].fingerprint)
        for proposed in self._undone(fault, known[0]):
            self._tried(proposed)

    def _left(self) -> float:
        return 0.0 if self.cancelled() else self._end - self.now()

    def _search_left(self) -> float:
        return min(self._left(), self._until - self.now())

    @contextlib.contextmanager
    def _searching(self) -> Iterator[None]:
        """Count the time as that of searching."""
        began = self.now()
        self._until = began + self.searching - self._searched
        try:
            yield
        finally:
            self._searched += self.now() - began

    def _culprit(self, fault: proposal.Fault, changed: units.Changed) -> culprit.Culprit | None:
        said = representative(fault, self.judged)
        with self._searching():
            if self._search_left() <= 0:
                return None
            search = culprit.Search(
                fault=fault,
                test=said.test,
                ended=screening.Ended(outcome=said.outcome, exception=said.exception or ""),
                changed=changed,
                screen=self.screen,
                left=self._search_left,
                likely=tuple(unit for known in self._culprits for unit in known.lines),
            )
            return search.find()

    def _proposals(
        self, fault: proposal.Fault, found: culprit.Culprit | None, changed: units.Changed
    ) -> Iterator[proposal.Proposal]:
        """Yield likely edits that passed the screen, what a model wrote, blocks that may be undone, the other edits."""
        edited = self._edited(fault, found, changed)[:TRIED] if found is not None else ()
        yield from (one for one in edited if not one.guessed)
        if self.proposer is not None:
            said = representative(fault, self.judged)
            asked = proposers.Asked(fault=fault, said=said, culprit=found, of=self.of)
            yield from self.proposer.propose(asked, self._left)
        yield from self._undone(fault, found)
        yield from (one for one in edited if one.guessed)

    def _undone(self, fault: proposal.Fault, found: culprit.Culprit | None) -> Sequence[proposal.Proposal]:
        """Return blocks taken back, those at fault first, and no others where these alone are known to be."""
        of = self.of
        at_fault = {(unit.path, unit.start) for unit in found.blocks} if found else set()
        isolated = at_fault if found and found.exact else ()
        blocks = list(undo.propose([fault], of.diff, of.before, of.after, of.head, of.is_test, isolated))
        there = [one for one in blocks if (one.replacement.path, one.replacement.start) in at_fault]
        if isolated:
            # each block alone makes the test pass, or all of them together
            return [replace(one, seen=len(at_fault) == 1) for one in there[:TRIED]]
        return [*there, *(one for one in blocks if one not in there)][:TRIED]

    def _edited(
        self, fault: proposal.Fault, found: culprit.Culprit, changed: units.Changed
    ) -> Sequence[proposal.Proposal]:
        picking = picked.Picking(
            fault=fault,
            said=representative(fault, self.judged),
            culprit=found,
            changed=changed,
            judged=self.judged,
            of=self.of,
            screen=self.screen,
            left=self._search_left,
        )
        with self._searching():
            proposals = picking.pick()
        self._screened += picking.screened
        return proposals


def representative(fault: proposal.Fault, judged: trial.Judged) -> prediction.Prediction:
    """Return what was said of the test that stands for a fault: the one that cost least, a doctest only at need."""
    there = (said for said in judged.said if said.test in fault.tests)
    return min(there, key=lambda said: ("." in said.test.partition("[")[0].rpartition("::")[2], said.cost.fuel))


def ranked(one: candidate.FixCandidate) -> tuple[bool, int, int, int, int]:
    """Return what fixes are ordered by: undoing last; then tests mended, lines, agreement of samples, source."""
    lines = sum(line.startswith(("+", "-")) for line in one.diff.split("\n")[2:])
    return one.source is candidate.Source.UNDO, -len(one.mended), lines, -one.agreement, SOURCES.index(one.source)
