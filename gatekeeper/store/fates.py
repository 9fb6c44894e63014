"""What became of fixes that were offered, and which of them count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import evaluation
from gatekeeper.repair import candidate, counting, fate
from gatekeeper.store import database, hostedmodels

_Fix, _Asked = hostedmodels.Fix, hostedmodels.Evaluation
# fixes of one pull request that are looked at: the newest
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A fix that is not known to have been applied."""

    # of the recorded review, and its place there
    review: str
    position: int
    # that it was offered for
    head: str
    replacement: candidate.Replacement
    # fingerprints of the findings that it mends
    mends: tuple[str, ...]
    became: fate.Became


def read(session: orm.Session, review: str) -> tuple[fate.Fate, ...]:
    """Return what became of each fix of the review, in their order."""
    rows = session.scalars(sqlalchemy.select(_Fix).where(_Fix.review_id == review).order_by(_Fix.position))
    return tuple(map(_value, rows))


def not_applied(engine: sqlalchemy.Engine, repository: int, pull: int) -> tuple[Open, ...]:
    """Return the fixes offered for the pull request of GitHub's numbers that are not known to have been applied.

    Those offered first come first. Raises StoreError.
    """
    with database.session(engine) as session:
        found = [(row, head) for row, head in _of_pull(session, repository, pull) if row.became != fate.Became.APPLIED]
        return tuple(_open(row, head) for row, head in found)


def apply(
    engine: sqlalchemy.Engine,
    fixes: Iterable[tuple[str, int]],
    commit: str,
    *,
    by: str | None = None,
    now: datetime,
) -> None:
    """Note that the fixes, by review and position, are on the branch in `commit`; who was first stays.

    `by`: login of who asked the App for it. Raises StoreError.
    """
    values = {"became": fate.Became.APPLIED.value, "applied": commit, "applied_by": by, "became_at": now}
    _settle(engine, fixes, values, from_any=True)


def ignore(engine: sqlalchemy.Engine, fixes: Iterable[tuple[str, int]], *, now: datetime) -> None:
    """Note that the branch went on without the fixes, by review and position. Raises StoreError."""
    _settle(engine, fixes, {"became": fate.Became.IGNORED.value, "became_at": now}, from_any=False)


def close(session: orm.Session, repository: int, pull: int, now: datetime) -> None:
    """Note in the caller's transaction that the pull request was closed: what it does not have was ignored.

    Nothing is known, and noted, where its newest head was not reviewed.
    """
    newest = (
        sqlalchemy.select(_Asked.state)
        .where(_Asked.repository == repository, _Asked.pull == pull)
        .order_by(_Asked.asked.desc(), _Asked.id.desc())
    )
    if session.scalars(newest.limit(1)).first() == evaluation.State.DONE:
        for row, _ in _of_pull(session, repository, pull):
            if row.became == fate.Became.OFFERED:
                row.became, row.became_at = fate.Became.IGNORED.value, now
        session.flush()


def on_commit(session: orm.Session, repository: int, sha: str) -> tuple[hostedmodels.Fix, ...]:
    """Return the rows of the fixes that the commit of the repository, by its number in these records, has applied."""
    mine = (_Fix.repository_id == repository, _Fix.applied == sha)
    return tuple(session.scalars(sqlalchemy.select(_Fix).where(*mine).order_by(_Fix.review_id, _Fix.position)))


def recount(session: orm.Session, review: str) -> None:
    """Decide anew, in the caller's transaction, which fixes count of the pull request that the review is of.

    Each finding is counted once, see `counting.counted`; a review that nobody asked the service for stands alone.
    """
    asked = session.execute(
        sqlalchemy.select(_Asked.repository, _Asked.pull).where(_Asked.review_id == review, _Asked.pull.is_not(None))
    ).first()
    session.flush()
    if asked is None:
        rows = list(session.scalars(sqlalchemy.select(_Fix).where(_Fix.review_id == review).order_by(_Fix.position)))
    else:
        rows = [row for row, _ in _of_pull(session, asked.repository, asked.pull)]
    offers = [
        counting.Offer(
            review=row.review_id, position=row.position, mends=tuple(row.mends), became=fate.Became(row.became)
        )
        for row in rows
    ]
    standing = counting.counted(offers)
    for row in rows:
        row.counted = (row.review_id, row.position) in standing
    session.flush()


def _settle(
    engine: sqlalchemy.Engine, fixes: Iterable[tuple[str, int]], values: Mapping[str, object], *, from_any: bool
) -> None:
    """Give these values to fixes that were not applied; `from_any`: also to those that were ignored."""
    left = [fate.Became.OFFERED.value, *([fate.Became.IGNORED.value] if from_any else [])]
    with database.writing(engine) as session:
        reviews = set()
        for review, position in fixes:
            mine = (_Fix.review_id == review, _Fix.position == position, _Fix.became.in_(left))
            session.execute(sqlalchemy.update(_Fix).where(*mine).values(values))
            reviews.add(review)
        for review in sorted(reviews):
            recount(session, review)


def _of_pull(session: orm.Session, repository: int, pull: int) -> list[tuple[hostedmodels.Fix, str]]:
    """Return the fixes of all reviews of the pull request with the heads that they are for, the oldest review first."""
    mine = (
        sqlalchemy.select(_Fix, _Asked.head)
        .join(_Asked, _Asked.review_id == _Fix.review_id)
        .where(_Asked.repository == repository, _Asked.pull == pull)
        .order_by(_Asked.asked.desc(), _Asked.id.desc(), _Fix.position.desc())
        .limit(_MOST)
    )
    return [(row, head) for row, head in session.execute(mine)][::-1]


def _open(row: hostedmodels.Fix, head: str) -> Open:
    return Open(
        review=row.review_id,
        position=row.position,
        head=head,
        replacement=candidate.Replacement(path=row.path, start=row.start, end=row.end, text=row.text),
        mends=tuple(row.mends),
        became=fate.Became(row.became),
    )


def _value(row: hostedmodels.Fix) -> fate.Fate:
    return fate.Fate(
        became=fate.Became(row.became),
        commit=row.applied,
        by=row.applied_by,
        at=row.became_at,
        after=None if row.in_ci is None else fate.After(row.in_ci),
    )
