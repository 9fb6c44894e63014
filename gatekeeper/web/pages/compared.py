"""A review's predicted tests beside what real CI made of them: what differs first."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict
from gatekeeper.views import reviewpage


class Kind(StrEnum):
    """How a prediction compares with real CI; the order is that of the list."""

    # it broke, and was not predicted to
    MISSED = "missed"
    # it was predicted to break, and did not
    FALSE_ALARM = "false_alarm"
    # held against the change, with an outcome that agrees or with none
    FAILING = "failing"
    # nothing was said of it
    UNKNOWN = "unknown"
    # skipped, or failing before the change too
    ASIDE = "aside"
    PASSING = "passing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One predicted test."""

    # among the review's, from 0
    position: int
    said: prediction.Prediction
    kind: Kind
    outcome: settlement.Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a review's tests."""

    rows: tuple[Row, ...]
    # how many there are of each kind, before anything is left out
    counts: Mapping[Kind, int]
    # rows that the filter lets through, and the number of the first one shown, from 0
    total: int
    first: int
    # number of the first one of the next and of the previous page; None where there is none
    following: int | None
    previous: int | None


def rows(page: reviewpage.ReviewPage) -> list[Row]:
    """Return every predicted test, what differs first, else in the order of the review."""
    found = [
        Row(position=position, said=said, kind=kind(said, page), outcome=page.outcomes.get(said.test))
        for position, said in enumerate(page.done.predictions)
    ]
    order = {one: place for place, one in enumerate(Kind)}
    return sorted(found, key=lambda row: order[row.kind])


def kind(said: prediction.Prediction, page: reviewpage.ReviewPage) -> Kind:
    """Return how a prediction compares with what real CI made of it."""
    fails = verdict.fails(said, page.done.policy)
    real = page.outcomes.get(said.test)
    if real is not None and real.uncounted is None and real.outcome is not prediction.Outcome.SKIP:
        if real.outcome.broken and not fails and said.outcome is not prediction.Outcome.UNKNOWN:
            return Kind.ASIDE if said.already_failing else Kind.MISSED
        if fails and not real.outcome.broken:
            return Kind.FALSE_ALARM
    if fails:
        return Kind.FAILING
    if said.outcome is prediction.Outcome.UNKNOWN:
        return Kind.UNKNOWN
    return Kind.PASSING if said.outcome is prediction.Outcome.PASS else Kind.ASIDE


def listing(every: Sequence[Row], *, show: Kind | None, find: str, first: int, limit: int) -> Listing:
    """Return the rows of one kind (None: all) whose test holds `find`, from the number `first` on."""
    kept = [row for row in every if show in {None, row.kind} and find.casefold() in row.said.test.casefold()]
    start = min(first, max(0, len(kept) - 1)) // limit * limit
    return Listing(
        rows=tuple(kept[start : start + limit]),
        counts=dict(_counted(every)),
        total=len(kept),
        first=start,
        following=start + limit if start + limit < len(kept) else None,
        previous=start - limit if start else None,
    )


def _counted(every: Sequence[Row]) -> Iterator[tuple[Kind, int]]:
    counted = Counter(row.kind for row in every)
    yield from ((one, counted[one]) for one in Kind if counted[one])
