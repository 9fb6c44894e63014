"""Everything of a list, row by row, in bounded memory."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.store import database, models
from gatekeeper.store.views import lists, seen
from gatekeeper.views import audience as audiences
from gatekeeper.views import exports, repository, reviews

# reviews that are read at once
_PIECE = 200


def review_lines(
    engine: sqlalchemy.Engine, audience: audiences.Audience, chosen: reviews.Filter
) -> Iterator[reviews.Line]:
    """Yield every review that the filter lets through, newest first. Raises StoreError."""
    for piece in _pieces(engine, audience, chosen):
        yield from piece


def predictions(
    engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int, window: repository.Window
) -> Iterator[exports.PredictionLine] | None:
    """Yield each test predicted in the repository's reviews that began in the window, newest review first.

    None where there is no such repository. `window`'s engine, model and version are those that decided the test.
    Raises StoreError.
    """
    with database.session(engine) as session:
        if seen.repository(session, audience, identity) is None:
            return None
    chosen = reviews.Filter(repository=identity, first=window.first, last=window.last)
    return _predictions(engine, audience, chosen, window)


def predictions_of(
    engine: sqlalchemy.Engine, audience: audiences.Audience, review: str, after: int = -1, limit: int = 1_000
) -> tuple[exports.PredictionLine, ...] | None:
    """Return at most `limit` tests of the review with that whole id, from the one after position `after` on, or None.

    Raises StoreError.
    """
    with database.session(engine) as session:
        if seen.review(session, audience, review) is None:
            return None
        place = models.Decision.position > min(after, seen.LARGEST)
        return tuple(_of_review(session, lists.line(session, review), place, limit=limit))


def _pieces(
    engine: sqlalchemy.Engine, audience: audiences.Audience, chosen: reviews.Filter
) -> Iterator[tuple[reviews.Line, ...]]:
    """Yield the lines a piece at a time, each read in a transaction of its own: who reads slowly holds up nothing."""
    cursor: reviews.Cursor | None = None
    while True:
        with database.session(engine) as session:
            piece = lists.page(session, audience, chosen, cursor, _PIECE)
        if piece:
            yield piece
        if len(piece) < _PIECE:
            return
        cursor = reviews.Cursor(started=piece[-1].listed.started, id=piece[-1].listed.id)


def _predictions(
    engine: sqlalchemy.Engine, audience: audiences.Audience, chosen: reviews.Filter, window: repository.Window
) -> Iterator[exports.PredictionLine]:
    for piece in _pieces(engine, audience, chosen):
        for line in piece:
            with database.session(engine) as session:
                found = tuple(_of_review(session, line, *_conditions(window)))
            yield from found


def _conditions(window: repository.Window) -> Iterator[sqlalchemy.ColumnElement[bool]]:
    said = models.Prediction
    for column, wanted in ((said.engine, window.engine), (said.model, window.model), (said.version, window.version)):
        if wanted is not None:
            yield column == wanted


def _of_review(
    session: orm.Session, line: reviews.Line, *which: sqlalchemy.ColumnElement[bool], limit: int | None = None
) -> Iterator[exports.PredictionLine]:
    said, decided = models.Prediction, models.Decision
    deciding = sqlalchemy.and_(said.review_id == decided.review_id, said.position == decided.prediction)
    query = (
        sqlalchemy.select(decided, *_SAID)
        .join(said, deciding)
        .where(decided.review_id == line.listed.id, *which)
        .order_by(decided.position)
        .limit(limit)
    )
    for found in session.execute(query):
        yield _line(line, found)


_SAID = (
    models.Prediction.test,
    models.Prediction.engine,
    models.Prediction.model,
    models.Prediction.version,
    models.Prediction.outcome.label("predicted"),
    models.Prediction.p_fail,
    models.Prediction.raw_score,
    models.Prediction.calibrator,
    models.Prediction.already_failing,
    models.Prediction.imagined,
    models.Prediction.seconds,
)


def _line(line: reviews.Line, found: sqlalchemy.Row[*tuple[Any, ...]]) -> exports.PredictionLine:
    decided: models.Decision = found.Decision
    return exports.PredictionLine(
        review=line.listed.id,
        started=line.listed.started,
        head=line.listed.head,
        position=decided.position,
        test=found.test,
        engine=found.engine,
        model=found.model,
        version=found.version,
        predicted=prediction.Outcome(found.predicted),
        p_fail=found.p_fail,
        raw_score=found.raw_score,
        calibrator=found.calibrator,
        would_fail=decided.would_fail,
        already_failing=found.already_failing,
        imagined=found.imagined,
        seconds=found.seconds,
        outcome=None if decided.outcome is None else prediction.Outcome(decided.outcome),
        uncounted=None if decided.uncounted is None else settlement.Uncounted(decided.uncounted),
        last_outcome=None if decided.last_outcome is None else prediction.Outcome(decided.last_outcome),
        failure_rate=decided.failure_rate,
    )
