"""Bringing a database's schema to the revision that this program needs."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy

from gatekeeper import errors
from gatekeeper.store import hostedmodels, models, offermodels, outcomemodels

# any number that other programs on the same PostgreSQL are unlikely to lock: "gate" in ASCII
_LOCK = 0x67617465
_VERSION = sqlalchemy.Table(
    "alembic_version",
    sqlalchemy.MetaData(),
    sqlalchemy.Column("version_num", sqlalchemy.String(32), nullable=False),
    sqlalchemy.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def folder() -> Path:
    """Return the folder of the migrations: beside this file in an installed package, at the top in a checkout."""
    installed = Path(__file__).parent / "migrations"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "migrations"


def require_current(engine: sqlalchemy.Engine) -> None:
    """Raise StoreError unless the database has the schema that this program needs."""
    with engine.connect() as connection:
        found = _revision(connection)
    if found != models.REVISIONS[-1]:
        _refuse_unknown(engine, found)
        raise errors.StoreError(f"{_name(engine)} has an older schema, or none: run `gatekeeper db upgrade`")


def bring_up_to_date(engine: sqlalchemy.Engine) -> None:
    """Create or migrate the schema; an older SQLite file is copied first. Raises StoreError for a newer one."""
    with engine.connect() as connection:
        found = _revision(connection)
    if found == models.REVISIONS[-1]:
        return
    _refuse_unknown(engine, found)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # kept in the file; readers and one writer then do not wait for each other
            connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
    with _alone(engine) as connection:
        # another program may have done it meanwhile
        found = _revision(connection)
        if found is None:
            _create(connection)
        elif found != models.REVISIONS[-1]:
            _back_up(engine, found)
            _migrate(connection)


def _revision(connection: sqlalchemy.Connection) -> str | None:
    """Return the schema's revision; None where the database holds no records."""
    if not sqlalchemy.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(sqlalchemy.select(_VERSION.c.version_num))


def _refuse_unknown(engine: sqlalchemy.Engine, found: str | None) -> None:
    if found is not None and found not in models.REVISIONS:
        raise errors.StoreError(
            f"{_name(engine)} has the schema {found}, which this version of Gatekeeper does not know: "
            "it was written by a newer one; upgrade Gatekeeper, or name another with --database"
        )


@contextlib.contextmanager
def _alone(engine: sqlalchemy.Engine) -> Iterator[sqlalchemy.Connection]:
    """Give a connection in one transaction that keeps other writers out."""
    with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection:
        if engine.dialect.name == "sqlite":
            # a table that a migration rebuilds is dropped for a moment: nothing must cascade; no-op in a transaction
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(_LOCK)))
            yield connection


def _create(connection: sqlalchemy.Connection) -> None:
    # the metadata is one, but knows only the tables of modules that are imported
    for known in (hostedmodels.Delivery, offermodels.Cause, outcomemodels.Job):
        known.metadata.create_all(connection)
    _VERSION.create(connection)
    connection.execute(sqlalchemy.insert(_VERSION).values(version_num=models.REVISIONS[-1]))


def _migrate(connection: sqlalchemy.Connection) -> None:
    from alembic import command, config

    configuration = config.Config()
    configuration.set_main_option("script_location", str(folder()).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def _back_up(engine: sqlalchemy.Engine, revision: str) -> None:
    """Copy the SQLite file to `NAME.before-<revision>.bak` beside it."""
    if engine.dialect.name != "sqlite":
        return
    assert engine.url.database is not None
    target = Path(f"{engine.url.database}.before-{revision}.bak")
    unfinished = target.with_suffix(".part")
    os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    with (
        contextlib.closing(sqlite3.connect(engine.url.database)) as source,
        contextlib.closing(sqlite3.connect(unfinished)) as copy,
    ):
        source.backup(copy)
    unfinished.replace(target)


def _name(engine: sqlalchemy.Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
