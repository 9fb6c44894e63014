"""Repositories by the name that people call them and, where GitHub hosts them, by its number."""

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.store import database, models

_Row = models.Repository


def known(session: orm.Session, name: str, number: int | None = None) -> int:
    """Return the number that the repository has in these records, in the caller's transaction; made where it is new.

    One that GitHub renamed keeps its records. Writes first, so that SQLite's lock is taken before anything is read.
    """
    if number is None:
        database.insert_new(session, _Row, {"name": name})
        return session.scalars(sqlalchemy.select(_Row.id).where(_Row.name == name)).one()
    if not database.insert_new(session, _Row, {"name": name, "number": number}):
        _rename(session, name, number)
    return session.scalars(sqlalchemy.select(_Row.id).where(_Row.number == number)).one()


def _rename(session: orm.Session, name: str, number: int) -> None:
    """Let the repository of that number have the name: renamed, or recorded before its number was known."""
    taken = _Row.name == name
    ours = session.scalar(sqlalchemy.select(_Row.id).where(_Row.number == number))
    if ours is None:
        free = sqlalchemy.update(_Row).where(taken, _Row.number.is_(None)).values(number=number).returning(_Row.id)
        if session.scalar(free) is not None:
            return
    # the name's former owner was renamed too, or deleted, and is heard of under another name if ever
    stale = sqlalchemy.update(_Row).where(taken, _Row.number != number)
    session.execute(
        stale.values(
            name=_Row.name
            + sqlalchemy.literal(" (")
            + sqlalchemy.cast(_Row.number, sqlalchemy.Text)
            + sqlalchemy.literal(")")
        )
    )
    if ours is None:
        database.insert_new(session, _Row, {"name": name, "number": number})
    else:
        session.execute(sqlalchemy.update(_Row).where(_Row.id == ours).values(name=name))


def lock(session: orm.Session, identity: int) -> None:
    """Let nobody else settle or count what is the repository's until the caller's transaction ends.

    On SQLite the transaction itself does that.
    """
    mine = sqlalchemy.select(_Row.id).where(_Row.id == identity)
    session.execute(mine.with_for_update(key_share=True))


def find(session: orm.Session, name: str, number: int | None = None) -> int | None:
    """Return the number that the repository has in these records: by GitHub's number, else by its name."""
    same = _Row.name == name if number is None else _Row.number == number
    return session.scalar(sqlalchemy.select(_Row.id).where(same))
