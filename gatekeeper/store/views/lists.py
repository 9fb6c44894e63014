"""Lists of reviews."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import review
from gatekeeper.outcomes import settlement
from gatekeeper.store import database, hostedmodels, models, outcomemodels
from gatekeeper.store.views import seen
from gatekeeper.verdicts import verdict
from gatekeeper.views import audience as audiences
from gatekeeper.views import reviews as views

# repositories to choose from
_CHOICES = 1_000
# the latest reviews whose engines can be chosen
_LATEST = 1_000
# the start of a SHA, or of an id made of hexadecimal digits
_SHA = re.compile(r"[0-9a-f]{1,64}")

_Row = models.Review
_Evaluation = hostedmodels.Evaluation
_Settlement = outcomemodels.Settlement


def reviews(
    engine: sqlalchemy.Engine,
    audience: audiences.Audience,
    chosen: views.Filter,
    cursor: views.Cursor | None = None,
    limit: int = 50,
) -> views.ReviewsPage:
    """Return at most `limit` reviews that the filter lets through, newest first, from the cursor on.

    A repository that may not be seen has none. Raises StoreError.
    """
    with database.session(engine) as session:
        visible = seen.repositories(session, audience)
        ids = _ids(session, visible, chosen, cursor, limit + 1)
        lines = tuple(_lines(session, ids[:limit]))
        more = len(ids) > limit and lines
        return views.ReviewsPage(
            filter=chosen,
            lines=lines,
            following=views.Cursor(started=lines[-1].listed.started, id=lines[-1].listed.id) if more else None,
            repositories=_repositories(session, visible),
            engines=_engines(session, visible),
        )


def page(
    session: orm.Session,
    audience: audiences.Audience,
    chosen: views.Filter,
    cursor: views.Cursor | None,
    limit: int,
) -> tuple[views.Line, ...]:
    """Return the lines alone, as `reviews` does."""
    visible = seen.repositories(session, audience)
    return tuple(_lines(session, _ids(session, visible, chosen, cursor, limit)))


def line(session: orm.Session, identity: str) -> views.Line:
    """Return the line of a review that is there."""
    return next(_lines(session, [identity]))


def _ids(
    session: orm.Session,
    visible: Sequence[int] | None,
    chosen: views.Filter,
    cursor: views.Cursor | None,
    limit: int,
) -> Sequence[str]:
    """Return the ids alone, which an index has with all that is filtered by: the rows are long."""
    query = sqlalchemy.select(_Row.id).where(*_conditions(chosen))
    if visible is not None:
        query = query.where(seen.among(session, _Row.repository_id, visible))
    if cursor is not None:
        place = sqlalchemy.tuple_(
            sqlalchemy.literal(cursor.started, _Row.started.type), sqlalchemy.literal(cursor.id, _Row.id.type)
        )
        query = query.where(sqlalchemy.tuple_(_Row.started, _Row.id) < place)
    return session.scalars(query.order_by(_Row.started.desc(), _Row.id.desc()).limit(limit)).all()


def _conditions(chosen: views.Filter) -> Iterator[sqlalchemy.ColumnElement[bool]]:
    if chosen.repository is not None:
        yield _Row.repository_id == chosen.repository if seen.small(chosen.repository) else sqlalchemy.false()
    if chosen.conclusion is not None:
        yield _Row.conclusion == chosen.conclusion.value
    if chosen.result is not None:
        yield _Row.result == chosen.result.value
    if chosen.engine is not None:
        yield _Row.engine == chosen.engine
    if chosen.first is not None:
        yield _Row.started >= datetime.combine(chosen.first, time.min, UTC)
    if chosen.last is not None:
        yield _Row.started <= datetime.combine(chosen.last, time.max, UTC)
    if chosen.pull is not None:
        yield _of_pull(chosen)
    if chosen.sha is not None:
        yield _named(chosen.sha.lower())


def _of_pull(chosen: views.Filter) -> sqlalchemy.ColumnElement[bool]:
    if chosen.pull is None or not seen.small(chosen.pull):
        return sqlalchemy.false()
    mine = sqlalchemy.select(_Evaluation.review_id).where(
        _Evaluation.pull == chosen.pull, _Evaluation.review_id.is_not(None)
    )
    if chosen.repository is not None and seen.small(chosen.repository):
        number = sqlalchemy.select(models.Repository.number).where(models.Repository.id == chosen.repository)
        mine = mine.where(_Evaluation.repository == number.scalar_subquery())
    return _Row.id.in_(mine)


def _named(start: str) -> sqlalchemy.ColumnElement[bool]:
    """Return whether head or id begins so, as ranges that an index finds."""
    if not _SHA.fullmatch(start):
        return sqlalchemy.false()
    # the letter after the last that is a digit
    end = f"{start}g"
    heads = sqlalchemy.select(_Row.id).where(_Row.head >= start, _Row.head < end)
    ids = sqlalchemy.select(_Row.id).where(_Row.id >= start, _Row.id < end)
    return _Row.id.in_(heads.union(ids))


def _lines(session: orm.Session, ids: Sequence[str]) -> Iterator[views.Line]:
    """Yield the lines of reviews that are there, in the order given."""
    # a review has one evaluation; were there two, of the same pull request
    pull = sqlalchemy.select(sqlalchemy.func.max(_Evaluation.pull)).where(_Evaluation.review_id == _Row.id)
    query = (
        sqlalchemy.select(*_LISTED, models.Repository.name, pull.scalar_subquery().label("pull"), _Settlement.label)
        .join(models.Repository, models.Repository.id == _Row.repository_id)
        .outerjoin(_Settlement, _Settlement.review_id == _Row.id)
        .where(_Row.id.in_(ids))
    )
    found = {row.id: _line(row) for row in session.execute(query)}
    yield from (found[identity] for identity in ids)


_LISTED = (
    _Row.id,
    _Row.repository_id,
    _Row.started,
    _Row.seconds,
    _Row.engine,
    _Row.base,
    _Row.head,
    _Row.conclusion,
    _Row.result,
    _Row.reason,
    _Row.selected,
    _Row.of,
    _Row.would_fail,
)


def _line(row: sqlalchemy.Row[*tuple[Any, ...]]) -> views.Line:
    return views.Line(
        listed=review.Listed(
            id=row.id,
            repository=row.name,
            started=row.started,
            seconds=row.seconds,
            engine=row.engine,
            base=row.base,
            head=row.head,
            conclusion=verdict.Conclusion(row.conclusion),
            reason=row.reason,
            selected=row.selected,
            of=row.of,
            would_fail=row.would_fail,
        ),
        repository_id=row.repository_id,
        pull=row.pull,
        label=None if row.label is None else settlement.Label(row.label),
        result=views.Result(row.result),
    )


def _repositories(session: orm.Session, visible: Sequence[int] | None) -> tuple[tuple[int, str], ...]:
    table = models.Repository
    query = sqlalchemy.select(table.id, table.name).order_by(table.name).limit(_CHOICES)
    if visible is not None:
        query = query.where(seen.among(session, table.id, visible))
    return tuple((row.id, row.name) for row in session.execute(query))


def _engines(session: orm.Session, visible: Sequence[int] | None) -> tuple[str, ...]:
    latest = sqlalchemy.select(_Row.engine).order_by(_Row.started.desc(), _Row.id.desc()).limit(_LATEST)
    if visible is not None:
        latest = latest.where(seen.among(session, _Row.repository_id, visible))
    return tuple(sorted(session.scalars(sqlalchemy.select(latest.subquery().c.engine).distinct())))
