"""One repository."""

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.accuracy import counts, parts
from gatekeeper.store import database, hostedmodels, models, outcomemodels
from gatekeeper.store.views import fixes, measured, seen, standings
from gatekeeper.verdicts import authority, verdict
from gatekeeper.views import audience as audiences
from gatekeeper.views import overview
from gatekeeper.views import repository as views

_CHANGES = 50
_CALIBRATORS = 50
_TESTS = 10
# the latest settled reviews that make the medians
_LATEST = 2_000

_Test = outcomemodels.TestRecord


def repository(
    engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int, window: views.Window
) -> views.RepositoryPage | None:
    """Return the repository with that number in these records over the window, or None. Raises StoreError."""
    with database.session(engine) as session:
        found = seen.repository(session, audience, identity)
        return None if found is None else _page(session, found, window)


def trend(
    engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int, window: views.Window
) -> tuple[views.Day, ...] | None:
    """Return the repository's days in the window, the oldest first, or None. Raises StoreError."""
    with database.session(engine) as session:
        if seen.repository(session, audience, identity) is None:
            return None
        return tuple(_trend(_days(session, identity, window), measured.sums(session, identity, window)))


def plotted(
    engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int, window: views.Window
) -> views.Plotted | None:
    """Return what the repository's plots show, or None. Raises StoreError."""
    with database.session(engine) as session:
        if seen.repository(session, audience, identity) is None:
            return None
        added = measured.sums(session, identity, window)
        days = _trend(_days(session, identity, window), added)
        return views.Plotted(window=window, trend=tuple(days), scored=tuple(measured.plotted(added, window)))


def calibrators(
    engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int
) -> tuple[views.Calibrator, ...] | None:
    """Return the calibrators made for the repository lately, newest first, or None. Raises StoreError."""
    with database.session(engine) as session:
        found = seen.repository(session, audience, identity)
        return None if found is None else tuple(_calibrators(session, identity))


def changes(engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int) -> tuple[views.Change, ...] | None:
    """Return the latest changes of the authority of the repository's gate, newest first, or None. Raises StoreError."""
    with database.session(engine) as session:
        found = seen.repository(session, audience, identity)
        return None if found is None else tuple(_changes(session, identity))


def _page(session: orm.Session, found: models.Repository, window: views.Window) -> views.RepositoryPage:
    held_to = _held_to(session, found)
    made = measured.kept(session, found.id, window)
    added = measured.sums(session, found.id, window, gate=made is not None)
    if made is None:
        figured = measured.everyone(session, found.id, window, added, waiting=True)
        engines = measured.engines(one.key.engine for one in added)
    else:
        figured = made[0]
        engines = measured.engines(one.engine for one in figured.scored)
    days = _days(session, found.id, window)
    reviews, settled = sum(day.reviews for day in days), sum(day.settled for day in days)
    totals = _totals(days)
    return views.RepositoryPage(
        id=found.id,
        name=found.name,
        number=found.number,
        window=window,
        authority=authority.Authority(held_to.authority) if held_to and held_to.authority else None,
        why_authority=held_to.why_authority if held_to else "",
        standings=tuple(_standings(session, found.id)),
        changes=tuple(_changes(session, found.id)),
        scored=figured.scored,
        trend=tuple(_trend(days, added)),
        slowest=tuple(_tests(session, found.id, _Test.seconds)),
        flakiest=tuple(_tests(session, found.id, _Test.flaky)),
        most_often_wrong=tuple(_tests(session, found.id, _Test.wrong)),
        value=made[1] if made else _value(session, found.id, window, reviews, settled, totals),
        labelled=settled / reviews if reviews else None,
        uncounted=_uncounted(days),
        matched=int(totals["matched"]),
        unselected=int(totals["unselected"]),
        unmatched=int(totals["unmatched"]),
        calibrators=tuple(_calibrators(session, found.id)),
        engines=engines,
        intervals_since=figured.since,
        made=figured.made,
        fixes=fixes.figures(session, [found.id], window.first, window.last),
    )


def _held_to(session: orm.Session, found: models.Repository) -> hostedmodels.Evaluation | None:
    """Return the evaluation of the latest review, which says what its verdict might do."""
    asked = hostedmodels.Evaluation
    latest = sqlalchemy.select(standings.latest()).where(models.Repository.id == found.id).scalar_subquery()
    return session.scalars(sqlalchemy.select(asked).where(asked.review_id == latest).limit(1)).first()


def _standings(session: orm.Session, repository: int) -> Iterator[views.Standing]:
    table = outcomemodels.Standing
    for row in session.scalars(sqlalchemy.select(table).where(table.repository_id == repository).order_by(table.basis)):
        yield views.Standing(
            basis=row.basis,
            level=authority.Authority(row.level),
            since=row.since,
            figures=row.figures,
            terms=row.terms,
        )


def _changes(session: orm.Session, repository: int) -> Iterator[views.Change]:
    table = outcomemodels.AuthorityChange
    mine = sqlalchemy.select(table).where(table.repository_id == repository)
    for row in session.scalars(mine.order_by(table.at.desc(), table.id).limit(_CHANGES)):
        yield views.Change(
            at=row.at,
            basis=row.basis,
            before=authority.Authority(row.before),
            after=authority.Authority(row.after),
            why=row.why,
            figures=row.figures,
        )


def _calibrators(session: orm.Session, repository: int) -> Iterator[views.Calibrator]:
    table = outcomemodels.Calibrator
    newest = [
        sqlalchemy.select(table).where(whose).order_by(table.fitted.desc()).limit(_CALIBRATORS)
        for whose in (table.repository_id == repository, table.repository_id.is_(None))
    ]
    found = [row for query in newest for row in session.scalars(query)]
    for row in sorted(found, key=lambda row: (row.fitted, row.version), reverse=True)[:_CALIBRATORS]:
        yield views.Calibrator(
            version=row.version,
            engine=row.engine,
            fitted=row.fitted,
            pooled=row.repository_id is None,
            method=row.method,
            pulls=row.pulls,
            judged_pulls=row.judged_pulls,
            brier=row.brier,
            brier_before=row.brier_before,
            kept=row.kept,
        )


def _tests(
    session: orm.Session, repository: int, by: orm.InstrumentedAttribute[float] | orm.InstrumentedAttribute[int]
) -> Iterator[views.TestLine]:
    """Yield the tests that have most of it; those that have none are left out."""
    mine = sqlalchemy.select(_Test).where(_Test.repository_id == repository, by > 0)
    for row in session.scalars(mine.order_by(by.desc()).limit(_TESTS)):
        yield views.TestLine(
            key=row.key,
            runs=row.runs,
            failures=row.failures,
            flaky=row.flaky,
            seconds=row.seconds,
            predicted=row.predicted,
            wrong=row.wrong,
        )


def _days(session: orm.Session, repository: int, window: views.Window) -> Sequence[outcomemodels.Day]:
    table = outcomemodels.Day
    mine = (table.repository_id == repository, table.day.between(window.first, window.last))
    return session.scalars(sqlalchemy.select(table).where(*mine).order_by(table.day)).all()


def _totals(days: Iterable[outcomemodels.Day]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for day in days:
        totals.update({name: value for name, value in day.totals.items() if name != "uncounted"})
    return totals


def _uncounted(days: Iterable[outcomemodels.Day]) -> Mapping[str, int]:
    kinds: Counter[str] = Counter()
    for day in days:
        kinds.update(day.totals["uncounted"])
    return dict(sorted(kinds.items()))


def _trend(days: Sequence[outcomemodels.Day], added: Iterable[measured.Sum]) -> Iterator[views.Day]:
    """Yield the days on which reviews began, or outcomes became known."""
    # of each day and unit the gate has one sum
    gate = {(one.day, one.key.unit): counts.from_json(one.kept) for one in added if one.key.engine == parts.GATE}
    began = {day.day: day for day in days}
    for day in sorted(began.keys() | {day for day, _ in gate}):
        of_day = began.get(day)
        yield views.Day(
            day=day,
            reviews=of_day.reviews if of_day else 0,
            settled=of_day.settled if of_day else 0,
            conclusions={one.value: of_day.totals.get(one.value, 0) if of_day else 0 for one in verdict.Conclusion},
            pull_requests=gate.get((day, parts.Unit.PULL_REQUEST), counts.Counts()),
            tests=gate.get((day, parts.Unit.TEST), counts.Counts()),
        )


def _value(
    session: orm.Session, repository: int, window: views.Window, reviews: int, settled: int, totals: Mapping[str, float]
) -> overview.Value:
    verdicts, ci = _medians(session, repository, window)
    return overview.Value(
        reviews=reviews,
        settled=settled,
        saved_minutes=totals["saved_seconds"] / 60,
        job_minutes=totals["job_seconds"] / 60,
        verdict_seconds=verdicts,
        ci_seconds=ci,
        cpu_seconds=totals["cpu_seconds"],
        gpu_seconds=totals["gpu_seconds"],
        tokens=int(totals["tokens"]),
    )


def _medians(session: orm.Session, repository: int, window: views.Window) -> tuple[float | None, float | None]:
    """Return the median seconds to the verdict and to the end of CI, over the latest settled reviews."""
    table = outcomemodels.Settlement
    start, end = (
        datetime.combine(day, of_day, UTC) for day, of_day in ((window.first, time.min), (window.last, time.max))
    )
    query = (
        sqlalchemy.select(table.verdict_seconds, table.ci_seconds)
        .where(table.repository_id == repository, table.known.between(start, end))
        .order_by(table.known.desc())
        .limit(_LATEST)
    )
    found = session.execute(query).all()
    columns = ([one for one in column if one is not None] for column in zip(*found, strict=True))
    verdicts, ci = (statistics.median(column) if column else None for column in columns) if found else (None, None)
    return verdicts, ci
