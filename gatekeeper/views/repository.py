"""One repository: how good its gate is, what it may do, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gatekeeper.accuracy import counts, figures
from gatekeeper.verdicts import authority
from gatekeeper.views import fixes as fix_views
from gatekeeper.views import overview


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One who predicts: the gate as it decided, an engine, or a baseline."""

    # gate, an engine's name, always pass, parrot, historical
    engine: str
    # empty for the gate, baselines, and where versions are added up
    model: str
    version: str
    tests: figures.Figures
    # None for an engine, which says nothing of pull requests
    pull_requests: figures.Figures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the trend."""

    day: date
    reviews: int
    settled: int
    # verdict -> reviews
    conclusions: Mapping[str, int]
    # of pull requests and of tests, decided by the gate
    pull_requests: counts.Counts
    tests: counts.Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLine:
    """A test's history in real CI."""

    # dotted module and classes, `::`, name with parameters
    key: str
    runs: int
    failures: int
    flaky: int
    # mean; 0 where it is not known
    seconds: float
    predicted: int
    wrong: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was earned, by what a verdict rests on."""

    # executed, or the engine that imagined it
    basis: str
    level: authority.Authority
    since: datetime
    # right, blocked, lower_bound; and what it was held to
    figures: Mapping[str, float | int | None]
    terms: Mapping[str, float | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the audit log."""

    at: datetime
    basis: str
    before: authority.Authority
    after: authority.Authority
    why: str
    figures: Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """One attempt to turn raw scores into probabilities."""

    version: str
    engine: str
    fitted: datetime
    # whether several repositories were pooled
    pooled: bool
    method: str
    pulls: int
    judged_pulls: int
    brier: float
    brier_before: float
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which outcomes count: those known from the first day to the last, both included."""

    first: date
    last: date
    # None: all engines, all models and versions
    engine: str | None = None
    model: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPage:
    """All of it."""

    id: int
    name: str
    # GitHub's number; None for what is not there
    number: int | None
    window: Window
    # what a verdict may do now, as last known, and why in one sentence
    authority: authority.Authority | None
    why_authority: str
    standings: tuple[Standing, ...]
    # newest first, bounded
    changes: tuple[Change, ...]
    # the gate first, then engines, then baselines
    scored: tuple[Scored, ...]
    # oldest first, days without reviews left out
    trend: tuple[Day, ...]
    slowest: tuple[TestLine, ...]
    flakiest: tuple[TestLine, ...]
    most_often_wrong: tuple[TestLine, ...]
    value: overview.Value
    # share of the window's reviews with a label, in 0..1
    labelled: float | None
    # why outcomes did not count -> how many tests and jobs
    uncounted: Mapping[str, int]
    # tests that CI reported: matched to a prediction, not predicted, not to be matched
    matched: int
    unselected: int
    unmatched: int
    calibrators: tuple[Calibrator, ...]
    # engines with outcomes in the window, whichever the window asks for
    engines: tuple[str, ...] = ()
    # the first day whose pull requests make the intervals, where the window has more than are looked at; None: all do
    intervals_since: date | None = None
    # when the figures were made; None: now
    made: datetime | None = None
    # offered in the window; sources of which there is none left out
    fixes: tuple[fix_views.FixFigures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plotted:
    """What plots show, without what takes long."""

    window: Window
    # as in the page
    trend: tuple[Day, ...]
    # of tests alone and without intervals: the gate, and the engine that the window asks for
    scored: tuple[Scored, ...]
