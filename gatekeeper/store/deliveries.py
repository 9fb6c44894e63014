"""Webhooks as received: kept so that none is lost and none is done twice."""

import zlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.store import database, hostedmodels

_Row = hostedmodels.Delivery
# made once: to make it takes longer than to carry it out
_BEGAN = (
    sqlalchemy.update(database.table(_Row))
    .where(_Row.id == sqlalchemy.bindparam("delivery"))
    .values(workflow=sqlalchemy.bindparam("begun"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook, without what it says."""

    # the GUID that all attempts share
    id: str
    event: str
    action: str | None
    installation: int | None
    repository: int | None
    # id of the work that it began
    workflow: str | None


def accept(session: orm.Session, delivery: Delivery, body: bytes, now: datetime) -> bool:
    """Keep the delivery in the caller's transaction; return False where it is known."""
    row = {
        "id": delivery.id,
        "event": delivery.event,
        "action": delivery.action,
        "installation": delivery.installation,
        "repository": delivery.repository,
        "workflow": delivery.workflow,
        "received": now,
        "body": zlib.compress(body, 1),
    }
    return database.insert_new(session, _Row, row)


def began(session: orm.Session, identity: str, workflow: str | None) -> None:
    """Note in the caller's transaction which work the delivery began."""
    if workflow is not None:
        session.execute(_BEGAN, {"delivery": identity, "begun": workflow})


def known(engine: sqlalchemy.Engine, ids: list[str]) -> frozenset[str]:
    """Return those of the GUIDs that were accepted. Raises StoreError."""
    with database.session(engine) as session:
        return frozenset(session.scalars(sqlalchemy.select(_Row.id).where(_Row.id.in_(ids))))


def received(engine: sqlalchemy.Engine, identity: str) -> datetime | None:
    """Return when the delivery came, or None for one that is not known. Raises StoreError."""
    with database.session(engine) as session:
        return session.scalar(sqlalchemy.select(_Row.received).where(_Row.id == identity))


def forget_bodies(engine: sqlalchemy.Engine, before: datetime) -> int:
    """Remove what deliveries older than that say, and return how many; that they came stays. Raises StoreError."""
    old = sqlalchemy.update(_Row).where(_Row.received < before, _Row.body.is_not(None)).values(body=None)
    with database.session(engine) as session, session.begin():
        return len(session.scalars(old.returning(_Row.id)).all())
