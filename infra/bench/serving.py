"""Servers that flood.py measures: started as processes of their own, and stopped."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import deliveries
import sqlalchemy

from gatekeeper import settings
from gatekeeper.store import database

ROOT = Path(__file__).resolve().parents[2]
# seconds until a server is taken for stuck
_PATIENCE = 60.0
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
        "LISTEN": f"127.0.0.1:{_free_port()}",
        "OFFLINE": "1",
        "GRACE": "2",
        **more,
    }
    # each server is compared with one that has as many processes and threads
    chosen = {name: value for name, value in os.environ.items() if name.startswith("GATEKEEPER_WEB_")}
    needed = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    return {**needed, **chosen, **{f"GATEKEEPER_{name}": value for name, value in told.items()}}


@contextlib.contextmanager
def service(told: Mapping[str, str], *words: str) -> Iterator[str]:
    """Run `gatekeeper serve` with more words and give its address, once it is ready."""
    with _running(told, "-m", "gatekeeper.cli", "serve", *words) as address:
        yield address


@contextlib.contextmanager
def bare(told: Mapping[str, str]) -> Iterator[str]:
    """Run the bare view and give its address, once it is ready."""
    with _running(told, str(ROOT / "infra/bench/bare.py")) as address:
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
def _running(told: Mapping[str, str], *words: str) -> Iterator[str]:
    log = Path(told["GATEKEEPER_DATA"]) / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=told["GATEKEEPER_DATA"], env=told, stdout=out, stderr=out
        )
        try:
            _wait(process, told["GATEKEEPER_LISTEN"], log)
            yield told["GATEKEEPER_LISTEN"]
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while not _is_ready(address):
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"flood: nothing is ready on {address}; it says:\n{log.read_text()[-2_000:]}")
        time.sleep(0.1)


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
