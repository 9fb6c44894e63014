"""The protocol that every engine implements: `sandbox`, `cwm`, `reasoning`, `cascade`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from gatekeeper.diffs import tree
from gatekeeper.impact import selection
from gatekeeper.simulation import prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one review may spend."""

    # wall-clock seconds for the whole review; tests not reached by then are `unknown`
    seconds: float = 600.0
    # affected tests beyond this number are `unknown`
    tests: int = 100_000
    # tokens that models read and write; None: as many as the seconds allow
    tokens: int | None = None


class Engine(Protocol):
    """Something that says how tests will end."""

    @property
    def name(self) -> str:
        """Recorded with each prediction; no decision branches on it."""

    def predict(
        self,
        tests: selection.Selection,
        before: tree.Tree,
        after: tree.Tree,
        budget: Budget,
        cancelled: Callable[[], bool],
    ) -> Iterator[prediction.Prediction]:
        """Yield one prediction for each affected test, in the order in which they become known.

        Polls `cancelled` between tests and ends early when it is true.
        """
