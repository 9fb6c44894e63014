"""Evaluations that are done, and what CI does meanwhile: looked for, waited for, and what it changes."""

from datetime import datetime, timedelta

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import evaluation
from gatekeeper.store import database, evaluationrows, evaluations, hostedmodels, models
from gatekeeper.verdicts import authority

_Row = hostedmodels.Evaluation
# rows looked through for each that is asked for, since the time since the last look decides
_LOOKED_THROUGH = 10
# what lies between two looks: at least so long, and a share of the time since the review
_SHORTEST = timedelta(minutes=1)
_GROWTH = 0.5
# where somebody waits for it
_AT_MOST = timedelta(minutes=5)


def sought(engine: sqlalchemy.Engine, repository: int, head: str, *, ended: bool, now: datetime) -> None:
    """Note that GitHub was asked what CI did on the commit, and whether all of it has ended. Raises StoreError."""
    same = (_Row.repository == repository, _Row.head == head)
    with database.session(engine) as session, session.begin():
        session.execute(sqlalchemy.update(_Row).where(*same).values(sought=now, ci_ended=ended))


def to_be_sought(
    engine: sqlalchemy.Engine, *, finished_since: datetime, now: datetime, limit: int
) -> tuple[evaluation.Evaluation, ...]:
    """Return reviewed evaluations of which it is time to ask GitHub what CI did, at most `limit`: one for a commit.

    Those whose CI was not seen to end, by and by more seldom; and those that have waited for it long enough.
    Raises StoreError.
    """
    done = (_Row.state == evaluation.State.DONE.value, _Row.finished >= finished_since)
    unseen = sqlalchemy.or_(_Row.ci_ended.is_(None), _Row.ci_ended.is_(False), _Row.held_until.is_not(None))
    query = sqlalchemy.select(_Row).where(*done, unseen).order_by(_Row.sought.is_not(None), _Row.sought)
    with database.session(engine) as session:
        rows = session.scalars(query.limit(limit * _LOOKED_THROUGH)).all()
        due = {(row.repository, row.head): evaluationrows.to_evaluation(row) for row in rows if _is_due(row, now)}
    return tuple(due.values())[:limit]


def _is_due(row: _Row, now: datetime) -> bool:
    if row.held_until is not None and row.held_until <= now:
        return True
    if row.sought is None:
        return True
    assert row.finished is not None
    longest = _AT_MOST if row.held_until is not None else timedelta.max
    return row.sought <= now - max(_SHORTEST, min((now - row.finished) * _GROWTH, longest))


def waiting(engine: sqlalchemy.Engine, repository: int, head: str, *, ended: bool, now: datetime) -> tuple[str, ...]:
    """Return the ids of evaluations on the commit that wait for CI, and need not any longer.

    CI has `ended`, or they have waited long enough. Raises StoreError.
    """
    waits = (_Row.repository == repository, _Row.head == head, _Row.held_until.is_not(None))
    over = () if ended else (_Row.held_until <= now,)
    with database.session(engine) as session:
        return tuple(session.scalars(sqlalchemy.select(_Row.id).where(*waits, *over).order_by(_Row.id)))


def release(engine: sqlalchemy.Engine, identity: str) -> None:
    """Let the evaluation be published; doing it twice is doing it once. Raises StoreError."""
    waits = (_Row.id == identity, _Row.held_until.is_not(None))
    with database.session(engine) as session, session.begin():
        query = sqlalchemy.update(_Row).where(*waits).values(held_until=None).returning(_Row.repository, _Row.head)
        for repository, head in session.execute(query).all():
            evaluations.raise_revision(session, repository, head)


def step_down(session: orm.Session, repository: int, basis: str, level: authority.Authority, why: str) -> int:
    """Take from open reviews, in the caller's transaction, authority that has been lost; return how many had more.

    `repository`: number in these records; `basis`: what a verdict rests on. What was set by hand stays.
    """
    reviewed = models.Review
    mine = (
        sqlalchemy.select(_Row)
        .join(reviewed, reviewed.id == _Row.review_id)
        .where(reviewed.repository_id == repository, _Row.open, _Row.state == evaluation.State.DONE.value)
    )
    lowered = 0
    for row in session.scalars(mine).all():
        held = authority.Authority(row.authority) if row.authority else level
        earned = row.held_to is not None and row.held_to["earn"] and row.held_to["basis"] == basis
        if not earned or authority.lower_of(held, level) is held:
            continue
        row.authority, row.why_authority = level.value, why
        evaluations.raise_revision(session, row.repository, row.head)
        lowered += 1
    session.flush()
    return lowered
