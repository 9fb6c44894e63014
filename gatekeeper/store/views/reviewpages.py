"""One review."""

from collections.abc import Iterator

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.outcomes import settlement
from gatekeeper.store import database, fates, hostedmodels, models, offers, outcomemodels, rows
from gatekeeper.store.views import lists, outcomes, seen
from gatekeeper.verdicts import authority
from gatekeeper.views import audience as audiences
from gatekeeper.views import reviewpage

# jobs of one commit that are shown
_JOBS = 500

_Evaluation = hostedmodels.Evaluation
_Job = outcomemodels.Job


def review(engine: sqlalchemy.Engine, audience: audiences.Audience, identity: str) -> reviewpage.ReviewPage | None:
    """Return the review with that whole id, or None. Raises StoreError."""
    with database.session(engine) as session:
        found = seen.review(session, audience, identity)
        return None if found is None else _page(session, found)


def _page(session: orm.Session, found: models.Review) -> reviewpage.ReviewPage:
    done = rows.to_review(session, found)
    held_to = session.scalars(
        sqlalchemy.select(_Evaluation)
        .where(_Evaluation.review_id == found.id, _Evaluation.authority.is_not(None))
        .order_by(_Evaluation.asked.desc())
    ).first()
    return reviewpage.ReviewPage(
        done=done,
        line=lists.line(session, found.id),
        authority=authority.Authority(held_to.authority) if held_to and held_to.authority else None,
        why_authority=held_to.why_authority if held_to else "",
        settled=_settled(session.get(outcomemodels.Settlement, found.id)),
        outcomes=dict(_outcomes(session, found.id)),
        jobs=tuple(_jobs(session, found)),
        offered=offers.read(session, found.id),
        fates=fates.read(session, found.id),
    )


def _settled(row: outcomemodels.Settlement | None) -> reviewpage.Settled | None:
    if row is None:
        return None
    return reviewpage.Settled(
        label=settlement.Label(row.label),
        why=row.why,
        known=row.known,
        uncounted=tuple((kind, what, why) for kind, what, why in row.uncounted),
        # what was kept out is told one by one
        tests={name: count for name, count in row.tests.items() if isinstance(count, int)},
        verdict_seconds=row.verdict_seconds,
        ci_seconds=row.ci_seconds,
        saved_seconds=row.saved_seconds,
    )


def _outcomes(session: orm.Session, review: str) -> Iterator[tuple[str, settlement.Outcome]]:
    said, decided = models.Prediction, models.Decision
    deciding = sqlalchemy.and_(said.review_id == decided.review_id, said.position == decided.prediction)
    query = sqlalchemy.select(decided, said.test).join(said, deciding)
    for row, test in session.execute(query.where(decided.review_id == review, decided.outcome.is_not(None))):
        outcome = outcomes.of_decision(row)
        if outcome is not None:
            yield test, outcome


def _jobs(session: orm.Session, found: models.Review) -> Iterator[reviewpage.Job]:
    query = (
        sqlalchemy.select(_Job)
        .where(_Job.repository_id == found.repository_id, _Job.sha == found.head)
        .order_by(_Job.started, _Job.id)
        .limit(_JOBS)
    )
    for row in session.scalars(query):
        yield reviewpage.Job(
            name=row.name,
            workflow=row.workflow,
            attempt=row.attempt,
            tested=row.tested,
            conclusion=row.conclusion,
            started=row.started,
            completed=row.completed,
            source=row.source,
            reported=row.reported,
            why=row.why,
        )
