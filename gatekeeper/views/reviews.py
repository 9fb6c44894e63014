"""Lists of reviews, with filters that an address can hold."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gatekeeper import review
from gatekeeper.outcomes import settlement
from gatekeeper.verdicts import verdict


class Result(StrEnum):
    """How a verdict compares with real CI."""

    RIGHT = "right"
    FALSE_ALARM = "false_alarm"
    MISS = "miss"
    # labelled, but there was no verdict
    ABSTAINED = "abstained"
    # no label, or not yet
    UNSETTLED = "unsettled"


def result(label: settlement.Label | None, conclusion: verdict.Conclusion) -> Result:
    """Return how a verdict compares with what real CI said of the change."""
    if label is None or label is settlement.Label.NONE:
        return Result.UNSETTLED
    broken = label is settlement.Label.BROKEN
    match conclusion:
        case verdict.Conclusion.NOT_ANALYSED:
            return Result.ABSTAINED
        case verdict.Conclusion.WOULD_FAIL:
            return Result.RIGHT if broken else Result.FALSE_ALARM
        case verdict.Conclusion.WOULD_PASS:
            return Result.MISS if broken else Result.RIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which reviews; None: whatever it is."""

    # number in these records
    repository: int | None = None
    pull: int | None = None
    conclusion: verdict.Conclusion | None = None
    result: Result | None = None
    engine: str | None = None
    # began on these UTC days, both included
    first: date | None = None
    last: date | None = None
    # start of a head's SHA, or of a review's id
    sha: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A review in a list."""

    listed: review.Listed
    repository_id: int
    # None for a merge group, or outside the service
    pull: int | None
    label: settlement.Label | None
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a page of the list begins: after this review, by time and id."""

    started: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsPage:
    """One page of the list, newest first."""

    filter: Filter
    lines: tuple[Line, ...]
    # where the next page begins; None at the end
    following: Cursor | None
    # names by number, for the choice of a filter
    repositories: tuple[tuple[int, str], ...]
    engines: tuple[str, ...]
