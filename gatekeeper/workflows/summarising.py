"""The figures that pages show, made anew where something has changed."""

from datetime import datetime

import sqlalchemy

from gatekeeper.store import database, summaries


def summarise(engine: sqlalchemy.Engine, now: datetime) -> dict[str, int]:
    """Make the figures of each repository with something new, and then those of all; return how many that are.

    Each in a transaction of its own. Raises StoreError.
    """
    with database.session(engine) as session:
        stale = summaries.stale(session, now)
    for repository in stale:
        with database.writing(engine) as session:
            summaries.refresh(session, repository, now)
    if stale:
        with database.writing(engine) as session:
            summaries.refresh_all(session, now)
    return {"repositories": len(stale)}
