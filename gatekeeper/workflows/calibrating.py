"""How scores become probabilities, fitted anew where outcomes have been added."""

from datetime import datetime, timedelta

import sqlalchemy

from gatekeeper.accuracy import calibration
from gatekeeper.store import calibrators, database

# engines that were not used for so long are not fitted
_USED = timedelta(days=90)


def calibrate(engine: sqlalchemy.Engine, now: datetime) -> dict[str, int]:
    """Fit each engine's scores over all repositories, and by itself each repository that has enough.

    Every attempt is kept, and counts where it is better than what is in use; returns how many were made and how many
    came into use. Raises StoreError.
    """
    since = (now - _USED).date()
    with database.session(engine) as session:
        scopes = [
            (name, model, repository)
            for name, model in calibrators.engines(session, since)
            for repository in (None, *calibrators.repositories(session, name, model, since))
        ]
    made = [_fit(engine, name, model, repository, now) for name, model, repository in scopes]
    fitted = [one for one in made if one is not None]
    return {"fitted": len(fitted), "kept": sum(one.kept for one in fitted)}


def _fit(
    engine: sqlalchemy.Engine, name: str, model: str, repository: int | None, now: datetime
) -> calibration.Fitted | None:
    with database.session(engine) as session:
        history = calibrators.history(session, name, model, repository)
        before = calibrators.in_use(session, name, model, repository)
        last = calibrators.last(session, name, model, repository)
    if last is not None and all(one.known <= last for one in history):
        return None
    if repository is not None and not calibration.alone(history):
        return None
    scope = "all" if repository is None else str(repository)
    fitted = calibration.fit(history, before, now, engine=name, model=model, scope=scope, pooled=repository is None)
    if fitted is not None:
        with database.writing(engine) as session:
            calibrators.record(session, fitted, repository)
    return fitted
