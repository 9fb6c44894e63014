"""Heartbeats of the processes that do durable work."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy

from gatekeeper.store import database, hostedmodels

_Row = hostedmodels.Worker


def beat(engine: sqlalchemy.Engine, executor: str, *, version: str, host: str, now: datetime) -> None:
    """Say that the worker in this slot is alive. Raises StoreError."""
    values = {"version": version, "host": host, "seen": now}
    with database.session(engine) as session, session.begin():
        if not database.insert_new(session, _Row, {"id": executor, **values}):
            session.execute(sqlalchemy.update(_Row).where(_Row.id == executor).values(values))


def leave(engine: sqlalchemy.Engine, executor: str) -> None:
    """Say that the worker in this slot has ended, so that others need not wait for its silence. Raises StoreError."""
    with database.session(engine) as session, session.begin():
        session.execute(sqlalchemy.delete(_Row).where(_Row.id == executor))


def alive(engine: sqlalchemy.Engine, since: datetime) -> frozenset[str]:
    """Return the slots of workers that were heard of since then. Raises StoreError."""
    return frozenset(versions(engine, since))


def versions(engine: sqlalchemy.Engine, since: datetime) -> Mapping[str, str]:
    """Return the version of the worker in each slot that was heard of since then. Raises StoreError."""
    with database.session(engine) as session:
        found = session.scalars(sqlalchemy.select(_Row).where(_Row.seen >= since))
        return {row.id: row.version for row in found}
