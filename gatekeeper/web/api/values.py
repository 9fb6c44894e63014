"""What the API answers with, where it is not what a page shows as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gatekeeper import offers, review
from gatekeeper.halting import risk
from gatekeeper.impact import selection
from gatekeeper.repair import fate
from gatekeeper.verdicts import authority, verdict
from gatekeeper.views import exports, fixes, overview, repository, reviewpage, reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Repositories:
    """All repositories that may be seen."""

    # days back
    window: int
    repositories: tuple[overview.Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository; its trend, calibrators and changes of authority have addresses of their own."""

    id: int
    name: str
    number: int | None
    window: repository.Window
    authority: authority.Authority | None
    why_authority: str
    standings: tuple[repository.Standing, ...]
    scored: tuple[repository.Scored, ...]
    intervals_since: date | None
    # when the figures were made; None: now
    made: datetime | None
    slowest: tuple[repository.TestLine, ...]
    flakiest: tuple[repository.TestLine, ...]
    most_often_wrong: tuple[repository.TestLine, ...]
    value: overview.Value
    labelled: float | None
    uncounted: Mapping[str, int]
    fixes: tuple[fixes.FixFigures, ...]
    matched: int
    unselected: int
    unmatched: int
    engines: tuple[str, ...]
    # path of its badge, which everybody may see who knows it
    badge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A repository day by day."""

    days: tuple[repository.Day, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrators:
    """The calibrators made lately, newest first."""

    calibrators: tuple[repository.Calibrator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The latest changes of authority, newest first."""

    changes: tuple[repository.Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """One page of a list of reviews, newest first."""

    reviews: tuple[reviews.Line, ...]
    # `after` of the next page; None at the end
    following: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review; its predictions have an address of their own."""

    line: reviews.Line
    subject: review.Subject
    policy: verdict.Policy
    verdict: verdict.Verdict
    notes: tuple[str, ...]
    timings: Mapping[str, float]
    affected: tuple[selection.AffectedTest, ...]
    unreached: tuple[str, ...]
    unparsable: Mapping[str, str]
    halting: tuple[risk.HaltingRisk, ...]
    # unified, as it was judged
    diff: str
    authority: authority.Authority | None
    why_authority: str
    settled: reviewpage.Settled | None
    jobs: tuple[reviewpage.Job, ...]
    offered: offers.Offers
    fates: tuple[fate.Fate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """A part of a review's tests, predicted and real."""

    predictions: tuple[exports.PredictionLine, ...]
    # `after` of the next page; None at the end
    following: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """A parameter that cannot be read."""

    parameter: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request was not answered (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Invalid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """When, and about what."""

    now: datetime
    # names in the path -> what stood there
    path: Mapping[str, str]
    # a repository's number in these records -> the path of its badge
    badge: Callable[[int], str]

    def number(self, name: str) -> int:
        """Return a number of the path; -1, which nothing has, where it is none that a database counts by."""
        text = self.path[name]
        few = len(text) <= len(str(2**31))
        return int(text) if few and text.isascii() and text.isdigit() else -1
