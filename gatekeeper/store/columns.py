"""Column types that store the same on SQLite and PostgreSQL, and give back what was stored."""

import re
from datetime import UTC, datetime

import sqlalchemy
from sqlalchemy.types import TypeDecorator

# U+241B SYMBOL FOR ESCAPE: seldom seen, so that text reads unchanged in SQL
_ESCAPE = "\N{SYMBOL FOR ESCAPE}"
_UNSTORABLE = re.compile(f"[\0\ud800-\udfff{_ESCAPE}]")
_ESCAPED = re.compile(f"{_ESCAPE}([0-9a-f]{{4}})")


def escape(text: str) -> str:
    """Return `text` with NUL, surrogates and the escape itself as U+241B and four hex digits; `unescape` undoes it.

    PostgreSQL takes no NUL in text, and neither database takes lone surrogates, which stand for bytes that are not
    UTF-8. Equal texts stay equal and different ones different.
    """
    return _UNSTORABLE.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", text)


def unescape(text: str) -> str:
    """Return the text that `escape` was given."""
    # nearly no text has any, and to look is cheaper than to search
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if _ESCAPE in text else text


class Words(TypeDecorator[str]):
    """Any Python string."""

    impl = sqlalchemy.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sqlalchemy.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Escape what a database refuses."""
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, dialect: sqlalchemy.Dialect) -> str | None:  # noqa: ARG002 - as above
        """Give back the string as it was."""
        return None if value is None else unescape(value)


class Instant(TypeDecorator[datetime]):
    """A moment in time, stored in UTC; aware datetimes only."""

    impl = sqlalchemy.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sqlalchemy.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn any zone into UTC: SQLite forgets zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sqlalchemy.Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """Give back an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
