"""What became of fixes, counted by where they come from."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.repair import candidate, fate
from gatekeeper.store import hostedmodels
from gatekeeper.store.views import seen
from gatekeeper.views import fixes as views

_Fix = hostedmodels.Fix


def figures(
    session: orm.Session, visible: Sequence[int] | None, first: date, last: date
) -> tuple[views.FixFigures, ...]:
    """Return the figures of fixes that count, of reviews begun from the first day to the last, in UTC.

    `visible`: the repositories' numbers in these records; None: all. In the order of the sources; those of which there
    is none are left out.
    """
    start, end = datetime.combine(first, time.min, UTC), datetime.combine(last, time.max, UTC)
    query = (
        sqlalchemy.select(_Fix.source, _Fix.became, _Fix.in_ci, sqlalchemy.func.count())
        .where(_Fix.counted, _Fix.offered.between(start, end))
        .group_by(_Fix.source, _Fix.became, _Fix.in_ci)
    )
    if visible is not None:
        query = query.where(seen.among(session, _Fix.repository_id, visible))
    found = [_Count(*row) for row in session.execute(query)]
    lines = (_figures(source, [one for one in found if one.source == source]) for source in candidate.Source)
    return tuple(one for one in lines if one.offered)


class _Count(NamedTuple):
    source: str
    became: str
    in_ci: str | None
    number: int


def _figures(source: candidate.Source, counts: Sequence[_Count]) -> views.FixFigures:
    applied = [one for one in counts if one.became == fate.Became.APPLIED]
    return views.FixFigures(
        source=source,
        offered=_sum(counts),
        applied=_sum(applied),
        ignored=_sum(one for one in counts if one.became == fate.Became.IGNORED),
        passed=_sum(one for one in applied if one.in_ci == fate.After.PASSED),
        failed=_sum(one for one in applied if one.in_ci == fate.After.FAILED),
    )


def _sum(counts: Iterable[_Count]) -> int:
    return sum(one.number for one in counts)
