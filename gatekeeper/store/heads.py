"""Commits with a check run: whether what it shows is still so."""

import sqlalchemy

from gatekeeper.store import database, hostedmodels

_Row = hostedmodels.Head


def revision(engine: sqlalchemy.Engine, repository: int, head: str) -> int:
    """Return the number of the newest state of what is to be shown; 0 where there is nothing. Raises StoreError."""
    with database.session(engine) as session:
        row = session.get(_Row, (repository, head))
        return 0 if row is None else row.revision


def shown(engine: sqlalchemy.Engine, repository: int, head: str, revision: int) -> bool:
    """Note that GitHub shows `revision`; return whether that is still the newest. Raises StoreError."""
    same = (_Row.repository == repository, _Row.head == head)
    with database.session(engine) as session, session.begin():
        session.execute(sqlalchemy.update(_Row).where(*same).values(shown=revision))
        return session.scalar(sqlalchemy.select(_Row.revision).where(*same)) == revision


def is_stale(engine: sqlalchemy.Engine, repository: int, head: str) -> bool:
    """Whether GitHub shows something older than what is on record of the commit. Raises StoreError."""
    same = (_Row.repository == repository, _Row.head == head, _Row.shown < _Row.revision)
    with database.session(engine) as session:
        return session.scalar(sqlalchemy.select(_Row.head).where(*same)) is not None


def give_up(engine: sqlalchemy.Engine, repository: int, head: str) -> None:
    """Note that what is on record cannot be shown, until there is something else to show. Raises StoreError."""
    same = (_Row.repository == repository, _Row.head == head)
    with database.session(engine) as session, session.begin():
        session.execute(sqlalchemy.update(_Row).where(*same).values(shown=_Row.revision))


def stale(engine: sqlalchemy.Engine, limit: int) -> tuple[tuple[int, str], ...]:
    """Return (repository, head) of check runs that do not show the newest state, at most `limit`. Raises StoreError."""
    with database.session(engine) as session:
        query = sqlalchemy.select(_Row.repository, _Row.head).where(_Row.shown < _Row.revision).limit(limit)
        return tuple((repository, head) for repository, head in session.execute(query))
