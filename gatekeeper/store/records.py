"""Writing reviews and reading them back."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy

from gatekeeper import errors, review
from gatekeeper.simulation import prediction
from gatekeeper.store import database, models, repositories, rollups, rows, testrecords
from gatekeeper.verdicts import verdict

# reviews of a repository that tell what a test costs
_LATEST = 20


def record(engine: sqlalchemy.Engine, done: review.Review, *, number: int | None = None) -> None:
    """Store `done`, all of it or nothing; a review whose id is stored already is left as it is.

    `number` is GitHub's of the repository, where it is there. Raises StoreError.
    """
    with database.session(engine) as session, session.begin():
        repository = repositories.known(session, done.subject.repository, number)
        if database.insert_new(session, models.Review, rows.of_review(done, repository)):
            traces = rows.of_traces(done)
            for row in traces.values():
                database.insert_new(session, models.Trace, row)
            known = testrecords.as_known(session, repository, [said.test for said in done.predictions])
            for table, values in rows.of_parts(done, traces, known):
                if values:
                    session.execute(sqlalchemy.insert(table), values)
            repositories.lock(session, repository)
            rollups.refresh_day(session, repository, done.started.astimezone(UTC).date())


def reviews(engine: sqlalchemy.Engine, *, limit: int | None = None) -> tuple[review.Listed, ...]:
    """Return the recorded reviews, newest first. Raises StoreError."""
    query = (
        sqlalchemy.select(models.Review, models.Repository.name)
        .join(models.Repository)
        .order_by(models.Review.started.desc(), models.Review.id)
        .limit(limit)
    )
    with database.session(engine) as session:
        return tuple(_listed(*found) for found in session.execute(query))


def find(engine: sqlalchemy.Engine, prefix: str) -> review.Review:
    """Return the review whose id starts with `prefix`.

    Raises UsageError where none or several do, and StoreError.
    """
    starts = models.Review.id.startswith(prefix, autoescape=True)
    with database.session(engine) as session:
        # the shortest first: an id that is itself the start of others can still be named
        shortest = sqlalchemy.func.length(models.Review.id)
        found = session.scalars(sqlalchemy.select(models.Review).where(starts).order_by(shortest).limit(2)).all()
        return rows.to_review(session, _only(found, prefix))


def seconds_of_a_test(engine: sqlalchemy.Engine, repository: str) -> dict[bool, float]:
    """Return the mean seconds of a test's outcome in the repository's latest reviews, by whether it was imagined.

    What never came to an outcome is left out, and so is a kind of which there is none. Raises StoreError.
    """
    said = models.Prediction
    latest = (
        sqlalchemy.select(models.Review.id)
        .join(models.Repository)
        .where(models.Repository.name == repository)
        .order_by(models.Review.started.desc())
        .limit(_LATEST)
    )
    means = (
        sqlalchemy.select(said.imagined, sqlalchemy.func.avg(said.seconds))
        .where(said.review_id.in_(latest), said.outcome != prediction.Outcome.UNKNOWN.value)
        .group_by(said.imagined)
    )
    with database.session(engine) as session:
        return {bool(imagined): float(seconds) for imagined, seconds in session.execute(means)}


def forget_traces(engine: sqlalchemy.Engine, before: datetime) -> int:
    """Delete traces recorded before that time and return how many; the predictions stay. Raises StoreError."""
    old = sqlalchemy.delete(models.Trace).where(models.Trace.recorded < before).returning(models.Trace.digest)
    with database.session(engine) as session, session.begin():
        return len(session.scalars(old).all())


def _only(found: Sequence[models.Review], prefix: str) -> models.Review:
    if not found:
        raise errors.UsageError(f"no recorded review's id starts with {prefix!r}: `gatekeeper report` lists them")
    exact = [row for row in found if row.id == prefix]
    if len(found) > 1 and not exact:
        ids = " and ".join(row.id for row in found)
        raise errors.UsageError(f"several reviews' ids start with {prefix!r}, {ids} among them: give more of it")
    return (exact or found)[0]


def _listed(row: models.Review, repository: str) -> review.Listed:
    return review.Listed(
        id=row.id,
        repository=repository,
        started=row.started,
        seconds=row.seconds,
        engine=row.engine,
        base=row.base,
        head=row.head,
        conclusion=verdict.Conclusion(row.conclusion),
        reason=row.reason,
        selected=row.selected,
        of=row.of,
        would_fail=row.would_fail,
    )
