"""Two engines as one: what runs tests is the judge, what imagines them stands in where that cannot.

The table is that of the contract: an executed pass or failure decides; where execution says nothing, the imagined
score does; where neither does, the outcome is unknown. With the model first, an imagined failure, a doubt and a share
of the passes are put before the judge.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

from gatekeeper.diffs import tree as trees
from gatekeeper.impact import selection
from gatekeeper.simulation import engine, prediction

NAME = "cascade"


class Order(StrEnum):
    """Which of the two engines is asked first."""

    SANDBOX_FIRST = "sandbox_first"
    NEURAL_FIRST = "neural_first"


@dataclass(slots=True, kw_only=True)
class Cascade:
    """Implements `simulation.engine.Engine` with two others."""

    # runs tests
    executing: engine.Engine
    # imagines them
    imagining: engine.Engine
    order: Order
    # seconds that only grow
    clock: Callable[[], float]
    # test -> whether it was seen to pass before the change: what the imagining engine reads its controls from
    known: MutableMapping[str, bool] = field(default_factory=dict)
    # share of imagined passes, 0 to 1, that the judge looks at all the same; only with the model first
    spot_checks: float = 0.0
    # what the draw of spot checks depends on beside the test: the judged tree, so that a re-run draws the same
    seed: str = ""
    name: str = NAME
    # imagined passes that were put before the judge, and those of them that it did not confirm
    checked: int = 0
    refuted: int = 0

    def predict(
        self,
        tests: selection.Selection,
        before: trees.Tree,
        after: trees.Tree,
        budget: engine.Budget,
        cancelled: Callable[[], bool],
    ) -> Iterator[prediction.Prediction]:
        """Yield the decided prediction of each test, the other engine's under `attempts`."""
        match self.order:
            case Order.SANDBOX_FIRST:
                first, second, passes_on = self.executing, self.imagining, _undecided
            case Order.NEURAL_FIRST:
                first, second, passes_on = self.imagining, self.executing, self._doubted
        start = self.clock()
        settled: set[str] = set()
        left: dict[str, prediction.Prediction] = {}
        for said in first.predict(tests, before, after, budget, cancelled):
            if passes_on(said):
                left[said.test] = said
            else:
                settled.add(said.test)
                yield said
        if not left or cancelled():
            yield from left.values()
            return
        self.known.update((test, True) for test, said in left.items() if said.passes_before)
        rest = dataclasses.replace(budget, seconds=max(0.0, budget.seconds - (self.clock() - start)))
        yield from self._joined(left, settled, second.predict(_only(tests, left), before, after, rest, cancelled))

    def _joined(
        self,
        left: Mapping[str, prediction.Prediction],
        settled: AbstractSet[str],
        second: Iterator[prediction.Prediction],
    ) -> Iterator[prediction.Prediction]:
        """Yield what is decided of each test that is left, and of those that only the second engine knows."""
        answered = set()
        for other in second:
            meant = _meant(other.test, left)
            for said in meant:
                answered.add(said.test)
                yield self._decided(said, other)
            if not meant and other.test not in settled:
                yield other
        yield from (said for said in left.values() if said.test not in answered)

    def _decided(self, first: prediction.Prediction, second: prediction.Prediction) -> prediction.Prediction:
        executed, imagined = (second, first) if first.imagined else (first, second)
        if imagined.outcome is prediction.Outcome.PASS and self.order is Order.NEURAL_FIRST and _decides(executed):
            self.checked += 1
            self.refuted += executed.outcome.broken and not executed.already_failing
        decides, other = (imagined, executed) if _decides(imagined) and not _decides(executed) else (executed, imagined)
        # one of the two may know no more than the function, or the module
        test = max(first.test, second.test, key=len)
        return dataclasses.replace(decides, test=test, attempts=(*decides.attempts, other))

    def _doubted(self, said: prediction.Prediction) -> bool:
        """Whether an imagined prediction goes before the judge."""
        return said.outcome is not prediction.Outcome.PASS or drawn(said.test, self.seed) < self.spot_checks


def drawn(test: str, seed: str) -> float:
    """Return a number in 0..1 that is even over tests, and the same for the same test and seed."""
    digest = hashlib.sha256(f"{seed}\0{test}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def cheaper(seconds: Mapping[bool, float]) -> Order:
    """Return the order by measured cost: seconds of a decided prediction by whether it was imagined.

    What was not measured is no reason to change: the judge comes first.
    """
    executed, imagined = seconds.get(False), seconds.get(True)
    if executed is None or imagined is None or imagined >= executed:
        return Order.SANDBOX_FIRST
    return Order.NEURAL_FIRST


def _undecided(said: prediction.Prediction) -> bool:
    return not _decides(said)


def _decides(said: prediction.Prediction) -> bool:
    return said.outcome is not prediction.Outcome.UNKNOWN


def _meant(test: str, left: Mapping[str, prediction.Prediction]) -> list[prediction.Prediction]:
    """Return what is left of a test: itself, or all of its parameters, or else its function or its module."""
    if test in left:
        return [left[test]]
    if finer := [said for name, said in left.items() if name.startswith((f"{test}[", f"{test}::"))]:
        return finer
    coarser = (test.partition("[")[0], test.partition("::")[0])
    return [left[name] for name in coarser if name in left][:1]


def _only(tests: selection.Selection, left: Mapping[str, prediction.Prediction]) -> selection.Selection:
    """Return the part of the selection whose tests are left: functions, whatever their parameters."""
    names = {name.partition("[")[0] for name in left}
    modules = {name.partition("::")[0] for name in names}
    kept = tuple(
        test
        for test in tests.affected
        if test.path in modules and (not test.name or names & {test.path, f"{test.path}::{test.name}"})
    )
    known = {(test.path, test.name) for test in kept}
    left_out = {
        path: tests.unaffected.get(path, frozenset())
        | {test.name for test in tests.affected if test.path == path and (path, test.name) not in known}
        for path in {test.path for test in kept}
    }
    return dataclasses.replace(tests, affected=kept, unaffected=left_out)
