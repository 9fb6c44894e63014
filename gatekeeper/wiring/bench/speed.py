"""Times as values: what every review costs, and what it costs beyond that against the native suite."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# a review of at most this share of a suite stands for a change that affects few tests
FEW = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """Wall-clock seconds of the program before it does anything; medians."""

    # the interpreter alone
    interpreter: float
    # the interpreter with everything that a review imports
    imports: float
    # `gatekeeper review --help`
    help: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One review's wall-clock seconds, and how many of the suite's tests it selected."""

    seconds: float
    selected: int
    of: int

    @property
    def few(self) -> bool:
        """Whether the change affects few of the tests."""
        return self.selected <= self.of * FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One package: its whole suite under native pytest, and the reviews of changes to it."""

    package: str
    # wall-clock seconds of each native run
    native: tuple[float, ...]
    # of each empty review
    empty: tuple[float, ...]
    reviews: tuple[Timed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """All packages."""

    startup: Startup
    suites: tuple[Suite, ...]

    @property
    def fixed(self) -> float:
        """Median of the empty reviews of all packages."""
        return statistics.median(seconds for suite in self.suites for seconds in suite.empty)

    def ratio(self, suites: Sequence[Suite], *, few: bool = False) -> float | None:
        """Return the time of the suites' reviews beyond the fixed cost, over as many native runs of the whole suite.

        `few`: of the reviews with few affected tests alone. None where there is none.
        """
        taken = [(timed, suite) for suite in suites for timed in suite.reviews if timed.few or not few]
        beyond = sum(timed.seconds - self.fixed for timed, _ in taken)
        native = sum(statistics.median(suite.native) for _, suite in taken)
        return beyond / native if taken else None
