"""A Proposal -> a FixCandidate: it is made, and the affected tests are run with it. Pure over the port `Executor`."""

import ast
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatekeeper.diffs import tree
from gatekeeper.impact import selection
from gatekeeper.repair import candidate, narrowing, proposal, text
from gatekeeper.simulation import prediction

# of wall clock, for all that is searched and tried in one review
SECONDS = 30.0
# fuel of the affected tests from which those that a fix cannot affect are not run with it: seconds of one core
LONG = 15 * 10**9
_BURNING = frozenset({prediction.Outcome.HANG, prediction.Outcome.UNKNOWN})


class Executor(Protocol):
    """Something that runs tests of a tree with one file changed."""

    # recorded with each candidate
    name: str

    def edited(self, path: str, content: bytes) -> tree.Tree:
        """Return the judged tree with the bytes of one file replaced."""

    def run(self, patched: tree.Tree, tests: selection.Selection, seconds: float) -> Iterable[prediction.Prediction]:
        """Return how the tests would end on the tree; what is not known after `seconds` is `unknown` or left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was said of the judged tree."""

    tests: selection.Selection
    said: Sequence[prediction.Prediction]
    faults: Sequence[proposal.Fault]
    # tells which tests the difference of a patched tree from the judged one can affect; None: any
    reached: Callable[[tree.Tree], selection.Selection] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One proposal being tried on all tests that the change affects.

    It holds where it parses, at least one test of its faults passes with it, and so does every other affected test that
    passes without it. Where these take long, those that it cannot affect are not run again.
    """

    proposed: proposal.Proposal
    judged: Judged
    executor: Executor
    # seconds
    left: Callable[[], float]

    def result(self) -> candidate.FixCandidate | None:
        """Return the candidate; None where the proposal does not hold."""
        change = self.proposed.replacement
        content = text.replaced(self.proposed.text, change).encode()
        if not _parses(content):
            return None
        patched = self.executor.edited(change.path, content)
        broken = dict.fromkeys(test for fault in self.proposed.faults for test in fault.tests)
        known = [said.test for said in self.judged.said]
        same = self._beyond(patched, known).difference(broken)
        outcomes = self._outcomes(patched, broken, [*self._fruitless(broken), *same])
        kept = [said.test for said in self.judged.said
                if said.outcome is prediction.Outcome.PASS and said.test not in same]  # fmt: skip
        if outcomes is None or not all(_passes(test, outcomes) for test in kept):
            return None
        return self._candidate(outcomes, len(kept))

    def _beyond(self, patched: tree.Tree, known: Sequence[str]) -> frozenset[str]:
        """Return the tests that the change cannot affect, where running them all would take long."""
        reached = self.judged.reached
        if reached is None or sum(said.cost.fuel for said in self.judged.said) < LONG:
            return frozenset()
        return narrowing.beyond(reached(patched), known)

    def _outcomes(
        self, patched: tree.Tree, broken: Collection[str], left_out: Collection[str]
    ) -> dict[str, prediction.Outcome] | None:
        """Return how the tests end, but for those left out; None where none of the broken ones passes."""
        known = [said.test for said in self.judged.said]
        if self.proposed.seen:
            # one of them passes with it: all are run at once
            every = {*known, *broken}.difference(left_out)
            outcomes = self._run(patched, narrowing.divide(self.judged.tests, known, every, left_out).first)
        else:
            parts = narrowing.divide(self.judged.tests, known, broken, left_out)
            outcomes = self._run(patched, parts.first)
            if any(_passes(test, outcomes) for test in broken):
                outcomes |= self._run(patched, parts.rest)
        return outcomes if any(_passes(test, outcomes) for test in broken) else None

    def _fruitless(self, tested: Collection[str]) -> list[str]:
        """Return tests that say nothing of the proposal, each of which may burn all that a test may.

        These are hangs that other faults are to blame for, and tests of which it is not known how they end.
        """
        said = [one for one in self.judged.said if one.test not in tested]
        burning = [one.test for one in said if one.outcome in _BURNING and "::" in one.test]
        # parametrisations are run together
        kept = {narrowing.function(one.test) for one in said if one.outcome not in _BURNING}
        return sorted(test for test in burning if narrowing.function(test) not in kept)

    def _run(self, patched: tree.Tree, tests: selection.Selection) -> dict[str, prediction.Outcome]:
        seconds = self.left()
        if not tests.affected or seconds <= 0:
            return {}
        return {said.test: said.outcome for said in self.executor.run(patched, tests, seconds)}

    def _candidate(self, outcomes: dict[str, prediction.Outcome], kept: int) -> candidate.FixCandidate:
        mended = {test for fault in self.judged.faults for test in fault.tests if _passes(test, outcomes)}
        return candidate.FixCandidate(
            source=self.proposed.source,
            replacement=self.proposed.replacement,
            diff=text.unified(self.proposed.text, self.proposed.replacement),
            mends=tuple(fault.fingerprint for fault in self.judged.faults if not mended.isdisjoint(fault.tests)),
            mended=tuple(said.test for said in self.judged.said if said.test in mended),
            kept=kept,
            tried_by=self.executor.name,
            agreement=self.proposed.agreement,
        )


def _passes(test: str, outcomes: dict[str, prediction.Outcome]) -> bool:
    """Whether the test passes; a module or function that could not be imported was one test, and may now be several."""
    if test in outcomes:
        return outcomes[test] is prediction.Outcome.PASS
    parts = [outcome for name, outcome in outcomes.items() if name.startswith((f"{test}[", f"{test}::"))]
    return bool(parts) and all(outcome is prediction.Outcome.PASS for outcome in parts)


def _parses(content: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
