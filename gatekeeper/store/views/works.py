"""Deliveries and work in progress."""

from datetime import UTC, datetime

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import evaluation
from gatekeeper.store import database, evaluations, hostedmodels, models
from gatekeeper.views import audience as audiences
from gatekeeper.views import work as views

_LIVE = 200
_FAILED = 50
_WORKERS = 100
_DELIVERIES = 100

_Delivery = hostedmodels.Delivery


def work(engine: sqlalchemy.Engine, audience: audiences.Audience, after: str | None = None) -> views.WorkPage | None:
    """Return what is being done, and deliveries from that cursor on; None unless for an administrator.

    A cursor that cannot be read is none. Raises StoreError.
    """
    if not audience.administrator:
        return None
    with database.session(engine) as session:
        deliveries = _deliveries(session, _place(after))
        return views.WorkPage(
            live=evaluations.in_states(session, evaluation.LIVE, _LIVE),
            failed=evaluations.in_states(session, {evaluation.State.FAILED}, _FAILED, newest=True),
            workers=_workers(session),
            deliveries=deliveries[:_DELIVERIES],
            following=_cursor(deliveries[_DELIVERIES - 1]) if len(deliveries) > _DELIVERIES else None,
        )


def _workers(session: orm.Session) -> tuple[views.Worker, ...]:
    table = hostedmodels.Worker
    found = session.scalars(sqlalchemy.select(table).order_by(table.seen.desc(), table.id).limit(_WORKERS))
    return tuple(
        views.Worker(id=row.id, version=row.version, host=row.host, seen=row.seen, since=row.since) for row in found
    )


def _deliveries(session: orm.Session, place: tuple[datetime, str] | None) -> tuple[views.Delivery, ...]:
    """Return one more than are shown, newest first."""
    name = sqlalchemy.select(models.Repository.name).where(models.Repository.number == _Delivery.repository)
    query = sqlalchemy.select(_Delivery, name.scalar_subquery())
    if place is not None:
        before = sqlalchemy.tuple_(
            sqlalchemy.literal(place[0], _Delivery.received.type), sqlalchemy.literal(place[1], _Delivery.id.type)
        )
        query = query.where(sqlalchemy.tuple_(_Delivery.received, _Delivery.id) < before)
    newest = query.order_by(_Delivery.received.desc(), _Delivery.id.desc()).limit(_DELIVERIES + 1)
    return tuple(_delivery(row, repository) for row, repository in session.execute(newest))


def _delivery(row: _Delivery, repository: str | None) -> views.Delivery:
    return views.Delivery(
        id=row.id,
        event=row.event,
        action=row.action,
        repository=repository,
        received=row.received,
        workflow=row.workflow,
    )


def _cursor(last: views.Delivery) -> str:
    return f"{last.received.astimezone(UTC).replace(tzinfo=None).isoformat()}~{last.id}"


def _place(after: str | None) -> tuple[datetime, str] | None:
    received, _, identity = (after or "").partition("~")
    try:
        # of UTC, as `_cursor` wrote it
        return datetime.fromisoformat(received).replace(tzinfo=UTC), identity
    except ValueError:
        return None
