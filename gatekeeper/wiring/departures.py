"""Where failing tests depart from their runs before the change: both are traced, from their first frame on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass

from gatekeeper.diffs import diff
from gatekeeper.diffs import tree as trees
from gatekeeper.repair import cause, departure, proposal
from gatekeeper.sandbox import engine, planning, process, tracing, workspace
from gatekeeper.simulation import prediction, trace

# seconds of wall clock for the traces of one review, and of how many faults they are
SECONDS, TRACED = 5.0, 3
# frames that are described where what a review keeps of a run is not all of it
LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Departing:
    """The runs of one review."""

    before: trees.Tree
    after: trees.Tree
    change: diff.Diff
    said: Sequence[prediction.Prediction]
    sandbox: engine.SandboxEngine
    # seconds, as `time.monotonic` counts them
    now: Callable[[], float]
    cancelled: Callable[[], bool]

    def find(self, faults: Sequence[proposal.Fault]) -> Iterator[cause.Departure]:
        """Yield for each fault where the run of one of its tests departs from the one before the change."""
        known = {said.test: said.trace for said in self.said if said.trace is not None and not said.imagined}
        chosen = [next((test for test in fault.tests if test in known), None) for fault in faults[:TRACED]]
        tests = [test for test in chosen if test and planning.module(test) in self.before.entries]
        if not tests:
            return
        # of the others, all frames were kept
        longer = [test for test in tests if known[test].left_out]
        before, after = self._both(tests, longer)
        for test in tests:
            there = after.get(test, known[test])
            if test in before and (found := departure.find(before[test], there, self.change)):
                yield found

    def _both(
        self, tests: Sequence[str], longer: Sequence[str]
    ) -> tuple[Mapping[str, trace.Trace], Mapping[str, trace.Trace]]:
        """Return the traces before, and those of `longer` after the change; at the same time where two can be."""
        spaces, workers = self.sandbox.spaces, self.sandbox.workers
        half = len(workers) // 2 if longer else 0
        after = self._tracing(spaces.after, self.after, longer, workers[:half] or workers)
        before = self._tracing(spaces.before, self.before, tests, workers[half:])
        if not half:
            return before(), after() if longer else {}
        with futures.ThreadPoolExecutor(1) as pool:
            there = pool.submit(after)
            return before(), there.result()

    def _tracing(
        self,
        space: Callable[[trees.Tree], workspace.Workspace],
        tree: trees.Tree,
        tests: Sequence[str],
        workers: Sequence[process.Process],
    ) -> Callable[[], Mapping[str, trace.Trace]]:
        end = self.now() + SECONDS

        def over() -> str | None:
            return "cancelled" if self.cancelled() else "budget" if self.now() > end else None

        def traced() -> Mapping[str, trace.Trace]:
            run = tracing.runner(space(tree), workers, over)
            return tracing.beginnings(run, planning.exactly(tests), self.sandbox.limits, LONGEST)

        return traced
