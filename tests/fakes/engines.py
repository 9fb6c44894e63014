"""An engine that says what it was told to say."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gatekeeper.diffs import tree as trees
from gatekeeper.impact import selection
from gatekeeper.simulation import engine, prediction


@dataclass(slots=True, kw_only=True)
class Told:
    """Yields the predictions it was given, of the selected functions alone, and keeps what it was asked for."""

    said: Sequence[prediction.Prediction]
    name: str = "told"
    asked: list[tuple[selection.Selection, engine.Budget]] = field(default_factory=list)

    def predict(
        self,
        tests: selection.Selection,
        before: trees.Tree,
        after: trees.Tree,
        budget: engine.Budget,
        cancelled: Callable[[], bool],
    ) -> Iterator[prediction.Prediction]:
        self.asked.append((tests, budget))
        names = {f"{test.path}::{test.name}" if test.name else test.path for test in tests.affected}
        for one in self.said:
            if cancelled():
                return
            if {one.test, one.test.partition("[")[0], one.test.partition("::")[0]} & names:
                yield one
