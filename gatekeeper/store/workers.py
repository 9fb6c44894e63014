"""Heartbeats of the processes that do durable work."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy

from gatekeeper.store import database, hostedmodels

_Row = hostedmodels.Worker


# seconds between two heartbeats, after which there was a gap: a database that was down, a machine that slept
_GAP = timedelta(seconds=30)


def beat(engine: sqlalchemy.Engine, executor: str, *, version: str, host: str, now: datetime) -> None:
    """Say that the worker in this slot is alive. Raises StoreError."""
    values = {"version": version, "host": host, "seen": now}
    with database.session(engine) as session, session.begin():
        if not database.insert_new(session, _Row, {"id": executor, **values, "since": now}):
            gap = sqlalchemy.or_(_Row.seen < now - _GAP, _Row.host != host)
            since = sqlalchemy.case((gap, sqlalchemy.literal(now, _Row.since.type)), else_=_Row.since)
            session.execute(sqlalchemy.update(_Row).where(_Row.id == executor).values(since=since, **values))


def steady_since(engine: sqlalchemy.Engine, executor: str) -> datetime | None:
    """Return since when the worker in this slot has been heard of without a gap; None for one that never was.

    Raises StoreError.
    """
    with database.session(engine) as session:
        return session.scalar(sqlalchemy.select(_Row.since).where(_Row.id == executor))


def leave(engine: sqlalchemy.Engine, executor: str) -> None:
    """Say that the worker in this slot has ended, so that others need not wait for its silence. Raises StoreError."""
    with database.session(engine) as session, session.begin():
        session.execute(sqlalchemy.delete(_Row).where(_Row.id == executor))


def versions(engine: sqlalchemy.Engine, since: datetime) -> Mapping[str, str]:
    """Return the version of the worker in each slot that was heard of since then. Raises StoreError."""
    with database.session(engine) as session:
        found = session.scalars(sqlalchemy.select(_Row).where(_Row.seen >= since))
        return {row.id: row.version for row in found}
