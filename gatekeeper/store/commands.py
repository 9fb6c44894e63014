"""What people asked for by comments and buttons, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy

from gatekeeper.store import database, hostedmodels


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the log of commands."""

    # the delivery it came by
    id: str
    repository: int
    pull: int | None
    sender: str
    # the sender's permission on the repository then
    permission: str
    command: str
    # what became of it, one sentence
    answer: str
    at: datetime


def log(engine: sqlalchemy.Engine, entry: Entry) -> None:
    """Write the line once. Raises StoreError."""
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    with database.session(engine) as session, session.begin():
        database.insert_new(session, hostedmodels.Command, values)
