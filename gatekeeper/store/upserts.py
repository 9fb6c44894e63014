"""Rows that take the place of what was there under the same key."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite

from gatekeeper.store import database, models

# values of one `IN`: SQLite takes 32,766 parameters in a statement, and one of many is made anew each time
_TOGETHER = 2_000

_Value = TypeVar("_Value")


def put(session: orm.Session, model: type[models.Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, all of the same columns; where a key is taken those columns are overwritten."""
    if rows:
        columns = tuple(rows[0])
        session.execute(_statement(session.get_bind().dialect.name, model, columns), list(rows))


def chunks(values: Sequence[_Value], size: int = _TOGETHER) -> Iterator[Sequence[_Value]]:
    """Yield the values in order, at most `size` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


@functools.cache
def _statement(dialect: str, model: type[models.Table], columns: tuple[str, ...]) -> sqlalchemy.Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table = database.table(model)
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)
