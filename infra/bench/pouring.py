"""Rows in bulk into SQLite or PostgreSQL, past SQLAlchemy's unit of work: what `fill.py` writes with."""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import psycopg
import sqlalchemy

from gatekeeper.store import columns, database, models

Row = tuple[Any, ...]
# rows that are kept back before they are written
_PIECE = 20_000


class Pouring:
    """Takes rows as tuples, in the order of the tables' columns, and writes them a piece at a time."""

    def __init__(self, write: Callable[[sqlalchemy.Table, Sequence[Row]], None], *, dates: bool) -> None:
        """`write` inserts rows; `dates` says whether it takes dates and times as they are."""
        self._write, self._dates = write, dates
        self._kept: dict[sqlalchemy.Table, list[Row]] = {}

    def add(self, model: type[models.Table], rows: Sequence[Mapping[str, Any]]) -> None:
        """Take rows by the names of their columns; a column that is not named is null."""
        table = database.table(model)
        encoders = [(column.name, _encoder(column, dates=self._dates)) for column in table.columns]
        self.add_encoded(model, [tuple(encode(row.get(name)) for name, encode in encoders) for row in rows])

    def add_encoded(self, model: type[models.Table], rows: Sequence[Row]) -> None:
        """Take rows that are what the database takes already."""
        table = database.table(model)
        kept = self._kept.setdefault(table, [])
        kept.extend(rows)
        if len(kept) >= _PIECE:
            self.flush()

    def flush(self) -> None:
        """Write what is kept back, in an order that foreign keys allow."""
        for table in models.Table.metadata.sorted_tables:
            if rows := self._kept.pop(table, None):
                self._write(table, rows)


@contextlib.contextmanager
def into(engine: sqlalchemy.Engine) -> Iterator[Pouring]:
    """Give what writes to the database, in one transaction."""
    with contextlib.closing(engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        match connection:
            case sqlite3.Connection():
                poured = Pouring(_sqlite(connection), dates=False)
            case psycopg.Connection():
                poured = Pouring(_postgres(connection), dates=True)
            case _:
                raise TypeError(f"{type(connection)} is neither SQLite's nor psycopg's")
        yield poured
        poured.flush()
        connection.commit()


def _sqlite(connection: sqlite3.Connection) -> Callable[[sqlalchemy.Table, Sequence[Row]], None]:
    # the file is made anew where this fails; and references are to what is written in the same piece
    for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")

    def write(table: sqlalchemy.Table, rows: Sequence[Row]) -> None:
        places = ", ".join("?" * len(table.columns))
        connection.executemany(f"INSERT INTO {table.name} ({_names(table)}) VALUES ({places})", rows)  # noqa: S608

    return write


def _postgres(connection: psycopg.Connection[Any]) -> Callable[[sqlalchemy.Table, Sequence[Row]], None]:
    def write(table: sqlalchemy.Table, rows: Sequence[Row]) -> None:
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table.name} ({_names(table)}) FROM STDIN".encode()) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    return write


def _names(table: sqlalchemy.Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _encoder(column: sqlalchemy.Column[Any], *, dates: bool) -> Callable[[Any], Any]:
    if isinstance(column.type, sqlalchemy.JSON):
        return lambda value: None if value is None else json.dumps(value, separators=(",", ":"))
    if isinstance(column.type, columns.Instant) and not dates:
        return lambda value: None if value is None else moment(value)
    if isinstance(column.type, sqlalchemy.Date) and not dates:
        return lambda value: value.isoformat() if isinstance(value, date) else value
    return lambda value: value


def moment(when: datetime) -> str:
    """Return a moment of UTC as SQLAlchemy writes it into SQLite."""
    return when.strftime("%Y-%m-%d %H:%M:%S.%f")
