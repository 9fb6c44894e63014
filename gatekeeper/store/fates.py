"""What became of fixes that were offered."""

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.repair import fate
from gatekeeper.store import hostedmodels

_Fix = hostedmodels.Fix


def read(session: orm.Session, review: str) -> tuple[fate.Fate, ...]:
    """Return what became of each fix of the review, in their order."""
    rows = session.scalars(sqlalchemy.select(_Fix).where(_Fix.review_id == review).order_by(_Fix.position))
    return tuple(map(_value, rows))


def _value(row: hostedmodels.Fix) -> fate.Fate:
    return fate.Fate(
        became=fate.Became(row.became),
        commit=row.applied,
        by=row.applied_by,
        at=row.became_at,
        after=None if row.in_ci is None else fate.After(row.in_ci),
    )
