"""One prediction of a review."""

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.simulation import prediction as predictions
from gatekeeper.store import database, models, packing, rows
from gatekeeper.store.views import outcomes, seen
from gatekeeper.views import audience as audiences
from gatekeeper.views import reviewpage

_Decision = models.Decision


def prediction(
    engine: sqlalchemy.Engine, audience: audiences.Audience, review: str, position: int
) -> reviewpage.PredictionPage | None:
    """Return the test at `position`, from 0, of the review with that whole id, or None. Raises StoreError."""
    with database.session(engine) as session:
        found = seen.review(session, audience, review)
        decided = None if found is None or not seen.small(position) else session.get(_Decision, (found.id, position))
        if found is None or decided is None:
            return None
        return _page(session, found, decided)


def _page(session: orm.Session, found: models.Review, decided: models.Decision) -> reviewpage.PredictionPage:
    said = rows.to_prediction(session, found.id, decided.prediction)
    tried = (*said.attempts, said)
    executed = next((one for one in reversed(tried) if one.trace and not one.imagined), None)
    imagined = next((one for one in reversed(tried) if one.trace and one.imagined), None)
    return reviewpage.PredictionPage(
        review=found.id,
        repository=session.get_one(models.Repository, found.repository_id).name,
        position=decided.position,
        of=found.selected,
        said=said,
        would_fail=decided.would_fail,
        why_selected=_why_selected(session, found.id, said.test),
        outcome=outcomes.of_decision(decided),
        last_outcome=None if decided.last_outcome is None else predictions.Outcome(decided.last_outcome),
        failure_rate=decided.failure_rate,
        executed=executed,
        imagined=imagined,
        # beside frames alone: it may be large
        diff=packing.unpack_diff(found.diff) if executed or imagined else None,
    )


def _why_selected(session: orm.Session, review: str, test: str) -> str:
    """Return why the test is affected; empty where the review does not tell."""
    path, _, name = test.partition("::")
    table = models.AffectedTest
    # the tests of a module that is affected as a whole have no rows of their own
    named = sqlalchemy.or_(table.name == "", table.name == name.partition("[")[0])
    query = sqlalchemy.select(table.reason).where(table.review_id == review, table.path == path, named)
    return session.scalar(query.order_by(sqlalchemy.func.length(table.name).desc()).limit(1)) or ""
