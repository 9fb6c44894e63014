"""Fix candidates that were tried."""

from collections.abc import Sequence

import sqlalchemy

from gatekeeper.repair import candidate
from gatekeeper.store import database, hostedmodels

_Row = hostedmodels.Fix


def record(engine: sqlalchemy.Engine, review: str, fixes: Sequence[candidate.FixCandidate]) -> None:
    """Keep the fixes of a recorded review, the best first; twice changes nothing. Raises StoreError."""
    with database.session(engine) as session, session.begin():
        for position, fix in enumerate(fixes):
            row = {
                "review_id": review,
                "position": position,
                "source": fix.source.value,
                "path": fix.replacement.path,
                "start": fix.replacement.start,
                "end": fix.replacement.end,
                "text": fix.replacement.text,
                "diff": fix.diff,
                "mends": list(fix.mends),
                "mended": list(fix.mended),
                "kept": fix.kept,
                "tried_by": fix.tried_by,
            }
            database.insert_new(session, _Row, row)


def of_review(engine: sqlalchemy.Engine, review: str) -> tuple[candidate.FixCandidate, ...]:
    """Return the fixes of a review, the best first. Raises StoreError."""
    with database.session(engine) as session:
        rows = session.scalars(sqlalchemy.select(_Row).where(_Row.review_id == review).order_by(_Row.position))
        return tuple(_value(row) for row in rows)


def _value(row: _Row) -> candidate.FixCandidate:
    return candidate.FixCandidate(
        source=candidate.Source(row.source),
        replacement=candidate.Replacement(path=row.path, start=row.start, end=row.end, text=row.text),
        diff=row.diff,
        mends=tuple(row.mends),
        mended=tuple(row.mended),
        kept=row.kept,
        tried_by=row.tried_by,
    )
