"""`gatekeeper db`."""

import os

from gatekeeper.cli import group, options
from gatekeeper.wiring import streams


@group.main.group()
def db() -> None:
    """Look after the database of records."""


@db.command()
@options.database
def upgrade(database: str | None) -> None:
    """Bring the database up to the schema of this version; an SQLite file is copied first."""
    from gatekeeper import settings
    from gatekeeper.wiring import db as wired

    streams.say(wired.upgrade(database or settings.read(os.environ).database) + "\n")
