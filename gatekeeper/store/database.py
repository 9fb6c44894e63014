"""Opening the database of records: creating, checking, migrating."""

import contextlib
import functools
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import event, exc, orm, pool
from sqlalchemy.dialects import postgresql, sqlite

from gatekeeper import errors
from gatekeeper.store import models, schema

# seconds that a service waits for another writer
_PATIENCE = 30.0


def open_database(url: str) -> sqlalchemy.Engine:
    """Return the database at the SQLAlchemy `url`, its schema as this program needs it.

    A SQLite file is created where it is absent, private to its owner, and migrated where it is older, after a copy
    beside it. Any other database must have been brought up to date by `upgrade`. Raises StoreError.
    """
    with contextlib.ExitStack() as unless_opened:
        engine = _connected(url)
        unless_opened.callback(engine.dispose)
        with explained(engine.url):
            if engine.dialect.name == "sqlite":
                _make_file(engine)
                schema.bring_up_to_date(engine)
            else:
                schema.require_current(engine)
        unless_opened.pop_all()
    return engine


def kept_open(engine: sqlalchemy.Engine, *, connections: int = 1) -> sqlalchemy.Engine:
    """Return the database for who writes all the time: that many connections stay open, and more wait for one.

    On SQLite `engine` opens one for each transaction, as a command needs it, and whoever closes the last connection
    empties the write-ahead log first. Measured with one thread: 3 ms for a delivery instead of 14.
    """
    if engine.dialect.name != "sqlite":
        return engine
    # a worker may write for longer than the five seconds that are waited otherwise
    return _sqlite(
        engine.url, poolclass=pool.QueuePool, pool_size=connections, max_overflow=0, connect_args={"timeout": _PATIENCE}
    )


def upgrade(url: str) -> str:
    """Bring the schema of the database at `url` up to date and return its revision. Raises StoreError."""
    engine = _connected(url)
    with contextlib.ExitStack() as afterwards, explained(engine.url):
        afterwards.callback(engine.dispose)
        if engine.dialect.name == "sqlite":
            _make_file(engine)
        schema.bring_up_to_date(engine)
    return models.REVISIONS[-1]


@contextlib.contextmanager
def session(engine: sqlalchemy.Engine) -> Iterator[orm.Session]:
    """Give a session of the database. Raises StoreError for whatever goes wrong in it."""
    with explained(engine.url), orm.Session(engine) as opened:
        yield opened


@contextlib.contextmanager
def writing(engine: sqlalchemy.Engine) -> Iterator[orm.Session]:
    """Give a session in one transaction that may read before it writes. Raises StoreError for whatever goes wrong."""
    # SQLite refuses to write after a read where somebody else wrote in between
    with session(engine.execution_options(begin="BEGIN IMMEDIATE")) as opened, opened.begin():
        yield opened


def insert_new(session: orm.Session, model: type[models.Table], row: Mapping[str, Any]) -> bool:
    """Insert the row unless its key is taken, and return whether it was inserted."""
    inserted = session.execute(_insertion(session.get_bind().dialect.name, model), row)
    # not by the number of rows, which SQLAlchemy does not know of on PostgreSQL
    return inserted.first() is not None


def table(model: type[models.Table]) -> sqlalchemy.Table:
    """Return the table itself, for statements in which nothing has to be mapped."""
    kept = sqlalchemy.inspect(model).local_table
    assert isinstance(kept, sqlalchemy.Table)
    return kept


@functools.cache
def _insertion(dialect: str, model: type[models.Table]) -> sqlalchemy.Insert:
    """Return the statement, made once: to make it takes longer than to carry it out."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table(model)).on_conflict_do_nothing().returning(sqlalchemy.literal(1))


@contextlib.contextmanager
def explained(url: sqlalchemy.URL) -> Iterator[None]:
    """Translate what SQLAlchemy and the file system raise into a StoreError about the database at `url`."""
    name = url.render_as_string(hide_password=True)
    try:
        yield
    except exc.DBAPIError as error:
        raise errors.StoreError(f"{name}: {error.orig}: {_advice(str(error.orig))}") from error
    except exc.SQLAlchemyError as error:
        raise errors.StoreError(f"{name}: {error}: {_advice(str(error))}") from error
    except (OSError, sqlite3.Error) as error:
        raise errors.StoreError(f"{name}: {error}: {_advice(str(error))}") from error


# what a database says -> what to do
_ADVICE = {
    "not a database": "the file is something else: name another with --database or GATEKEEPER_DATABASE",
    "malformed": "the file is damaged: restore a copy, or name another with --database or GATEKEEPER_DATABASE",
    "is full": "free some space, or name another place with --database or GATEKEEPER_DATABASE",
    "no space left": "free some space, or name another place with --database or GATEKEEPER_DATABASE",
    # what SQLite says of a full disk where it maps a file into memory
    "disk i/o error": "the disk may be full: free some space, or name another place with --database",
    "is locked": "another program is writing to it: try again when it has ended",
    "readonly": "give write permission to the file and its folder, or name another with --database",
    "read-only": "give write permission to the file and its folder, or name another with --database",
    "permission denied": "give write permission to the file and its folder, or name another with --database",
    "not a directory": "name another place with --database or GATEKEEPER_DATABASE",
    "file exists": "a file is where a folder is needed: name another place with --database or GATEKEEPER_DATABASE",
}


def _advice(said: str) -> str:
    known = (advice for words, advice in _ADVICE.items() if words in said.lower())
    return next(known, "check the URL given with --database or GATEKEEPER_DATABASE")


def _connected(url: str) -> sqlalchemy.Engine:
    try:
        parsed = sqlalchemy.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            # connections are cheap, and none is left open when the program ends
            return _sqlite(parsed, poolclass=pool.NullPool)
        if parsed.get_backend_name() != "postgresql":
            raise errors.StoreError(f"{parsed.drivername}: records are kept in only SQLite and PostgreSQL")
        # a server that was restarted must not cost whoever comes first
        return sqlalchemy.create_engine(parsed, pool_pre_ping=True)
    except exc.ArgumentError as error:
        raise errors.StoreError(
            "the database's URL is not one: write it as sqlite:///path/to/file or postgresql+psycopg://user@host/name"
        ) from error
    except ModuleNotFoundError as error:
        raise errors.StoreError(
            f"the driver for {parsed.drivername} is not installed: install the Python package {error.name!r}"
        ) from error


def _sqlite(url: sqlalchemy.URL, **pooled: Any) -> sqlalchemy.Engine:  # noqa: ANN401 - SQLAlchemy's options
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise errors.StoreError(f"{url}: records need a file: write its URL as sqlite:///path/to/file")
    engine = sqlalchemy.create_engine(url, **pooled)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _: object) -> None:
    # the module would otherwise begin transactions late, and commit before each change of the schema
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin(connection: sqlalchemy.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _make_file(engine: sqlalchemy.Engine) -> None:
    """Create the SQLite file where it is absent, empty and private; SQLite gives its other files the same mode."""
    assert engine.url.database is not None
    path = Path(engine.url.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
