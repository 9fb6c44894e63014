"""The port through which many versions of a tree are tried on few tests. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatekeeper.repair import functions
from gatekeeper.simulation import prediction

# file -> its other text; None: it is not there
Files = Mapping[str, str | None]
# functions that have another body
Bodies = Sequence[functions.Body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one test ended on one version."""

    # UNKNOWN: it did not run, or nothing is known
    outcome: prediction.Outcome
    # `Type: message` of the exception that ended it; empty where there was none
    exception: str = ""
    # changed lines that it ran, in the order of their last run; only where it did not pass
    touched: tuple[prediction.Location, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it passed."""
        return self.outcome is prediction.Outcome.PASS

    def like(self, other: "Ended") -> bool:
        """Whether both failed alike: by the same type of exception, or both without an end."""
        hangs = [one.outcome is prediction.Outcome.HANG for one in (self, other)]
        return self.outcome.broken and other.outcome.broken and hangs[0] == hangs[1] and self.kind == other.kind

    @property
    def kind(self) -> str:
        """The type of the exception, without its message."""
        return self.exception.partition(":")[0]


NOTHING = Ended(outcome=prediction.Outcome.UNKNOWN)


class Screen(Protocol):
    """Something that tries versions; what it does not know after the seconds is `NOTHING`."""

    def exchanged(self, tests: Sequence[str], versions: Sequence[Bodies], seconds: float) -> Sequence[Sequence[Ended]]:
        """Return how each of the tests, all of one module, ends on each version: functions of an imported tree.

        Quick, and wrong where a module computed something from the old functions when it was imported.
        """

    def imported(self, test: str, versions: Sequence[Files], seconds: float) -> Sequence[Ended]:
        """Return how the test ends on each version, imported afresh."""
