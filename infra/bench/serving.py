"""Servers that flood.py measures: started as processes of their own, and stopped."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import deliveries
import sqlalchemy

from gatekeeper import settings
from gatekeeper.store import database
from tests.acceptance import serving
from tests.acceptance.program import COMMAND

ROOT = Path(__file__).resolve().parents[2]
# any: nothing asks GitHub about it while reviews are paused
_APP = "1"


def environment(folder: Path, records: str, **more: str) -> dict[str, str]:
    """Return what a server with records at that URL, and all else that it keeps in `folder`, is told."""
    told = {
        "CACHE": str(settings.read(os.environ).cache),
        "DATA": str(folder),
        "DATABASE": records,
        "APP_ID": _APP,
        "WEBHOOK_SECRET": deliveries.SECRET,
        "GRACE": "2",
        **more,
    }
    # each server is compared with one that has as many processes and threads
    chosen = {name: value for name, value in os.environ.items() if name.startswith("GATEKEEPER_WEB_")}
    return {"PYTHONPATH": str(ROOT), **chosen, **{f"GATEKEEPER_{name}": value for name, value in told.items()}}


@contextlib.contextmanager
def service(told: Mapping[str, str], *words: str) -> Iterator[str]:
    """Run `gatekeeper serve` with more words and give its address, once it is ready."""
    with _ready(told, *COMMAND, "serve", *words) as address:
        yield address


@contextlib.contextmanager
def bare(told: Mapping[str, str]) -> Iterator[str]:
    """Run the bare view and give its address, once it is ready."""
    with _ready(told, sys.executable, str(ROOT / "infra/bench/bare.py")) as address:
        yield address


@contextlib.contextmanager
def postgres(server: str) -> Iterator[str]:
    """Give the URL of a new database on the server at that URL, its schema ready; dropped afterwards."""
    name = f"gatekeeper_flood_{os.getpid()}"
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        url = sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)
        database.upgrade(url)
        yield url
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def _ready(told: Mapping[str, str], *command: str) -> Iterator[str]:
    with serving.serving(Path(told["GATEKEEPER_DATA"]), told, command=command) as running:
        running.until_ready()
        yield running.address.removeprefix("http://")
