"""Databases of every kind that records are kept in, each new and gone after its test."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy

from gatekeeper.store import database

KINDS = ("sqlite", "postgresql")
_NUMBERS = itertools.count(1)


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the URL of an empty database on the PostgreSQL that GATEKEEPER_TEST_POSTGRES names; skip without one."""
    server = os.environ.get("GATEKEEPER_TEST_POSTGRES")
    if not server:
        pytest.skip("GATEKEEPER_TEST_POSTGRES names no PostgreSQL")
    name = f"gatekeeper_{os.getpid()}_{next(_NUMBERS)}"
    admin = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.pool.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[sqlalchemy.Engine]:
    """Give empty records in a database of that kind, in `folder` where it is a file."""
    if kind == "sqlite":
        engine = database.open_database(f"sqlite:///{folder / 'records.sqlite'}")
        yield engine
        engine.dispose()
        return
    with postgresql() as url:
        database.upgrade(url)
        engine = database.open_database(url)
        yield engine
        engine.dispose()
