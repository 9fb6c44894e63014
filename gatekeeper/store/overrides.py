"""Maintainers' words against verdicts, each for one head."""

from datetime import datetime

import sqlalchemy

from gatekeeper import evaluation
from gatekeeper.store import database, evaluations, hostedmodels

_Override = hostedmodels.Override


def override(
    engine: sqlalchemy.Engine, delivery: str, asked: evaluation.Asked, given: evaluation.Override, *, now: datetime
) -> None:
    """Let the maintainer's word hold for the head that was reviewed. Raises StoreError."""
    row = {
        "id": delivery,
        "repository": asked.place.repository,
        "pull": asked.pull,
        "head": asked.head,
        "by": given.by,
        "reason": given.reason,
        "made": now,
    }
    with database.session(engine) as session, session.begin():
        if database.insert_new(session, _Override, row):
            evaluations.raise_revision(session, asked.place.repository, asked.head)


def cancel_override(
    engine: sqlalchemy.Engine, repository: int, pull: int, *, asked: datetime, now: datetime
) -> tuple[str, ...]:
    """Take back what holds for the pull request; return the heads for which something held when that was `asked`.

    Doing it twice returns the same. Raises StoreError.
    """
    ours = (_Override.repository == repository, _Override.pull == pull)
    with database.session(engine) as session, session.begin():
        cancel = sqlalchemy.update(_Override).where(*ours, _Override.cancelled.is_(None)).values(cancelled=now)
        for head in dict.fromkeys(session.scalars(cancel.returning(_Override.head)).all()):
            evaluations.raise_revision(session, repository, head)
        held = sqlalchemy.select(_Override.head).where(*ours, _Override.cancelled >= asked)
        return tuple(dict.fromkeys(session.scalars(held.order_by(_Override.made))))


def expire_overrides(engine: sqlalchemy.Engine, newer: evaluation.Asked, *, now: datetime) -> None:
    """Take back what holds for the pull request's other heads: an override ends with the next push. Raises StoreError.

    What those heads show stays as it is.
    """
    holding = (
        _Override.repository == newer.place.repository,
        _Override.pull == newer.pull,
        _Override.head != newer.head,
        _Override.cancelled.is_(None),
    )
    with database.session(engine) as session, session.begin():
        session.execute(sqlalchemy.update(_Override).where(*holding).values(cancelled=now))


def overridden(engine: sqlalchemy.Engine, asked: evaluation.Asked) -> evaluation.Override | None:
    """Return the newest word that holds for this head of the pull request. Raises StoreError."""
    holding = (
        _Override.repository == asked.place.repository,
        _Override.pull == asked.pull,
        _Override.head == asked.head,
        _Override.cancelled.is_(None),
    )
    with database.session(engine) as session:
        found = session.scalars(sqlalchemy.select(_Override).where(*holding).order_by(_Override.made.desc())).first()
        return None if found is None else evaluation.Override(by=found.by, reason=found.reason)
