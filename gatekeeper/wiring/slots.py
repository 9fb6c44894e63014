"""A worker's name: one of a few slots, each held by a lock, so that a worker that comes back finds its own work."""

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import sqlalchemy

from gatekeeper import errors, settings
from gatekeeper.store import database

# more workers than anybody runs on one database
_SLOTS = 256
# "gate" in ASCII; the second number of the lock is the slot's
_LOCK = 0x67617465


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place that nobody else has."""

    name: str
    # raises StoreError once it is lost: the connection that holds it ended
    check: Callable[[], object]


@contextlib.contextmanager
def held(chosen: settings.Settings, engine: sqlalchemy.Engine) -> Iterator[Slot]:
    """Give a slot that nobody else holds meanwhile. Raises UsageError where there is none."""
    if engine.dialect.name == "sqlite":
        with _file(chosen.data / "run" / "worker.lock"):
            yield Slot(name="worker-0", check=lambda: None)
        return
    with database.explained(engine.url), engine.connect() as connection:
        for slot in range(_SLOTS):
            # of the connection, and given back with it
            taken = sqlalchemy.func.pg_try_advisory_lock(_LOCK, slot)
            if connection.scalar(sqlalchemy.select(taken)):
                connection.commit()
                yield Slot(name=f"worker-{slot}", check=partial(_check, engine, connection))
                return
    raise errors.UsageError(f"all {_SLOTS} places for workers on this database are taken")


def _check(engine: sqlalchemy.Engine, connection: sqlalchemy.Connection) -> None:
    with database.explained(engine.url):
        connection.scalar(sqlalchemy.select(sqlalchemy.literal(1)))
        connection.commit()


@contextlib.contextmanager
def _file(path: Path) -> Iterator[IO[str]]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise errors.UsageError(
                f"another worker holds {path}: SQLite admits one worker; for more, keep the records on PostgreSQL"
            ) from taken
        yield file
