"""Functions that can loop, tried in the sandbox one after the other, beside what a model said of them."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.diffs import tree as trees
from gatekeeper.halting import calls, conclusion, loops, probing, risk
from gatekeeper.sandbox import component, process, session, workspace
from gatekeeper.wiring.halting import executing

ENGINE = "sandbox"
# of one review, for all functions together: seconds, and functions that are tried
SECONDS = 20.0
MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """What functions of one tree are tried with."""

    tree: trees.Tree
    # test modules, whose calls are tried first
    tests: Sequence[str]
    # asked for only where there is something to try
    space: Callable[[], workspace.Workspace]
    workers: Sequence[process.Process]
    limits: session.Limits
    cancelled: Callable[[], bool]

    def risks(
        self, suspects: Iterable[loops.Suspect], asked: Sequence[risk.HaltingRisk], seconds: float
    ) -> Iterator[risk.HaltingRisk]:
        """Yield one risk for each function, in order; `asked` is what a model said of some of them."""
        end = time.monotonic() + seconds
        known = calls.Calls(self.tree)
        told = {(said.path, said.function): said for said in asked}
        for number, suspect in enumerate(suspects):
            tried = probing.Tried(evidence=(), why=f"not tried: beyond the {MOST} functions of one review")
            if number < MOST:
                tried = self._tried(suspect, known, lambda: end - time.monotonic())
            yield conclusion.conclude(
                suspect,
                tried,
                told.get((suspect.path, suspect.name)),
                engine=ENGINE,
                version=component.digest(),
            )

    def _tried(self, suspect: loops.Suspect, known: calls.Calls, left: Callable[[], float]) -> probing.Tried:
        if left() <= 0:
            return probing.Tried(evidence=(), why="not tried: there was no time left for it")
        sandboxed = executing.Sandboxed(
            space=self.space(), workers=self.workers, limits=self.limits, cancelled=self.cancelled
        )
        return probing.attempt(suspect, known, self.tests, sandboxed, left)
