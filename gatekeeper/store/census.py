"""How much is asked for, under way and done: what the service's gauges show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy

from gatekeeper import evaluation
from gatekeeper.store import database, hostedmodels

# a worker that was not heard of for so long is taken for dead
SILENCE = timedelta(minutes=1)

_Row = hostedmodels.Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """The service's work at one moment."""

    # every state, also those that no evaluation is in
    evaluations: Mapping[evaluation.State, int]
    # seconds since the oldest queued one was asked for; 0 where none is queued
    oldest_queued: float
    # workers that were heard of within SILENCE
    workers: int


def take(engine: sqlalchemy.Engine, now: datetime) -> Census:
    """Return the census as of `now`. Raises StoreError."""
    worker = hostedmodels.Worker
    with database.session(engine) as session:
        counted = session.execute(sqlalchemy.select(_Row.state, sqlalchemy.func.count()).group_by(_Row.state)).all()
        by_state = {row[0]: row[1] for row in counted}
        queued = _Row.state == evaluation.State.QUEUED.value
        # not min(asked): SQLite gives back a bare string for it
        oldest = session.scalar(sqlalchemy.select(_Row.asked).where(queued).order_by(_Row.asked).limit(1))
        alive = session.scalar(sqlalchemy.select(sqlalchemy.func.count()).where(worker.seen >= now - SILENCE))
    return Census(
        evaluations={state: by_state.get(state.value, 0) for state in evaluation.State},
        oldest_queued=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        workers=alive or 0,
    )
