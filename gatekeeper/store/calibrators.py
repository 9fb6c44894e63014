"""What turns raw scores into probabilities: what it is fitted on, what came of it, what is in use."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.accuracy import calibration, parts
from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.store import database, hostedmodels, models, outcomemodels, upserts

_Row = outcomemodels.Calibrator
_Settled, _Rollup = outcomemodels.Settlement, outcomemodels.Rollup
_LABELS = (settlement.Label.BROKEN.value, settlement.Label.SOUND.value)
# reviews that one fit looks at, the latest: older ones tell of older code and older versions
MOST = 2_000
# reviews read at a time
_TOGETHER = 100
_OTHERS = (parts.GATE, parts.PARROT, parts.HISTORICAL)


def engines(session: orm.Session, since: date) -> tuple[tuple[str, str], ...]:
    """Return (engine, model) of all that was scored from that day on."""
    query = sqlalchemy.select(_Rollup.engine, _Rollup.model).where(_Rollup.day >= since, _Rollup.engine.not_in(_OTHERS))
    return tuple(sorted((engine, model) for engine, model in session.execute(query.distinct())))


def repositories(session: orm.Session, engine: str, model: str, since: date) -> tuple[int, ...]:
    """Return the repositories (numbers in these records) of which it was scored from that day on."""
    query = sqlalchemy.select(_Rollup.repository_id).where(
        _Rollup.day >= since, _Rollup.engine == engine, _Rollup.model == model
    )
    return tuple(sorted(session.scalars(query.distinct())))


def history(session: orm.Session, engine: str, model: str, repository: int | None) -> tuple[calibration.Labelled, ...]:
    """Return the engine's raw scores beside what became of the tests, in the latest reviews with a label.

    `repository`: number in these records; None: of all.
    """
    asked = hostedmodels.Evaluation
    query = (
        sqlalchemy.select(_Settled.review_id, _Settled.repository_id, _Settled.known, asked.pull)
        .outerjoin(asked, asked.review_id == _Settled.review_id)
        .where(_Settled.label.in_(_LABELS))
    )
    if repository is not None:
        query = query.where(_Settled.repository_id == repository)
    rows = session.execute(query.order_by(_Settled.known.desc()).limit(MOST)).all()
    found = []
    for some in upserts.chunks(rows, _TOGETHER):
        scores = _scores(session, [row.review_id for row in some], engine, model)
        found += [
            calibration.Labelled(
                pull=f"{row.repository_id}/{row.review_id if row.pull is None else row.pull}",
                known=row.known,
                scores=tuple(scores[row.review_id]),
            )
            for row in some
            if scores[row.review_id]
        ]
    return tuple(found)


def in_use(session: orm.Session, engine: str, model: str, repository: int | None) -> calibration.Calibrator | None:
    """Return the repository's newest that was kept, else the pooled one; None where there is none.

    `repository`: None for the pooled one.
    """
    for scope in dict.fromkeys((repository, None)):
        mine = _Row.repository_id.is_(None) if scope is None else _Row.repository_id == scope
        query = sqlalchemy.select(_Row).where(_Row.engine == engine, _Row.model == model, mine, _Row.kept)
        row = session.scalars(query.order_by(_Row.fitted.desc(), _Row.version).limit(1)).first()
        if row is not None:
            return _value(row)
    return None


def all_in_use(engine: sqlalchemy.Engine, name: str) -> dict[tuple[str, str], calibration.Calibrator]:
    """Return what the repository of that name uses, by engine and model. Raises StoreError."""
    with database.session(engine) as session:
        repository = session.scalar(sqlalchemy.select(models.Repository.id).where(models.Repository.name == name))
        mine = sqlalchemy.or_(_Row.repository_id.is_(None), _Row.repository_id == repository)
        known = session.execute(sqlalchemy.select(_Row.engine, _Row.model).where(mine, _Row.kept).distinct()).all()
        found = {(one, model): in_use(session, one, model, repository) for one, model in known}
    return {key: value for key, value in found.items() if value is not None}


def last(session: orm.Session, engine: str, model: str, repository: int | None) -> datetime | None:
    """Return when it was last fitted, whether or not that was kept."""
    mine = _Row.repository_id.is_(None) if repository is None else _Row.repository_id == repository
    query = sqlalchemy.select(_Row.fitted).where(_Row.engine == engine, _Row.model == model, mine)
    return session.scalar(query.order_by(_Row.fitted.desc()).limit(1))


def record(session: orm.Session, fitted: calibration.Fitted, repository: int | None) -> None:
    """Keep an attempt in the caller's transaction, whatever came of it."""
    made = fitted.calibrator
    row = {
        "version": made.version,
        "engine": made.engine,
        "model": made.model,
        "repository_id": repository,
        "fitted": fitted.fitted,
        "until": fitted.until,
        "method": made.method.value,
        "points": [list(point) for point in made.points],
        "pulls": fitted.pulls,
        "judged_pulls": fitted.judged_pulls,
        "brier": fitted.brier,
        "brier_before": fitted.brier_before,
        "kept": fitted.kept,
    }
    database.insert_new(session, _Row, row)


def _scores(
    session: orm.Session, reviews: Sequence[str], engine: str, model: str
) -> defaultdict[str, list[tuple[float, bool]]]:
    """Return (raw score, whether it broke) of each review's tests with an outcome that counts."""
    said, decision = models.Prediction, models.Decision
    became = sqlalchemy.select(decision.review_id, decision.prediction, decision.outcome).where(
        decision.review_id.in_(reviews), decision.outcome.is_not(None), decision.uncounted.is_(None)
    )
    outcomes = {(row.review_id, row.prediction): row.outcome for row in session.execute(became)}
    attempts = (
        sqlalchemy.select(said.review_id, said.position, said.test, said.engine, said.model, said.raw_score)
        .add_columns(said.already_failing)
        .where(said.review_id.in_(reviews))
        # an engine's last attempt on a test is what it says of it
        .order_by(said.attempt)
    )
    real: dict[tuple[str, str], prediction.Outcome] = {}
    latest: dict[tuple[str, str], float | None] = {}
    for row in session.execute(attempts):
        test = (row.review_id, row.test)
        if outcome := outcomes.get((row.review_id, row.position)):
            real[test] = prediction.Outcome(outcome)
        if (row.engine, row.model) == (engine, model):
            latest[test] = None if row.already_failing else row.raw_score
    found: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)
    for key, raw in sorted(latest.items()):
        outcome = real.get(key)
        if outcome is not None and raw is not None and (outcome.broken or outcome is prediction.Outcome.PASS):
            found[key[0]].append((raw, outcome.broken))
    return found


def _value(row: _Row) -> calibration.Calibrator:
    return calibration.Calibrator(
        version=row.version,
        engine=row.engine,
        model=row.model,
        pooled=row.repository_id is None,
        method=calibration.Method(row.method),
        points=tuple((raw, probability) for raw, probability in row.points),
    )
