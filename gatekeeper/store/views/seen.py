"""What an audience may see, in SQL."""

import json
from collections.abc import Collection

import sqlalchemy
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql

from gatekeeper.store import models
from gatekeeper.views import audience as audiences

# what a column of numbers, and PostgreSQL's integer, holds
LARGEST = 2**31 - 1

_Repository = models.Repository


def repositories(session: orm.Session, audience: audiences.Audience) -> tuple[int, ...] | None:
    """Return the numbers in these records of the repositories that may be seen; None: all."""
    if audience.everything:
        return None
    mine = sqlalchemy.select(_Repository.id).where(among(session, _Repository.number, audience.numbers))
    return tuple(session.scalars(mine))


def repository(session: orm.Session, audience: audiences.Audience, identity: int) -> models.Repository | None:
    """Return the repository with that number in these records; None where there is none, or none to be seen."""
    found = session.get(_Repository, identity) if 0 <= identity <= LARGEST else None
    return found if found is not None and _may(audience, found.number) else None


def review(session: orm.Session, audience: audiences.Audience, identity: str) -> models.Review | None:
    """Return the review with that whole id; None where there is none, or none to be seen."""
    found = session.get(models.Review, identity)
    return found if found is not None and repository(session, audience, found.repository_id) is not None else None


def among(
    session: orm.Session, column: sqlalchemy.ColumnExpressionArgument[int | None], numbers: Collection[int]
) -> sqlalchemy.ColumnElement[bool]:
    """Return whether the column is one of `numbers`, however many: as one parameter."""
    numbered = sqlalchemy.type_coerce(column, sqlalchemy.BigInteger)
    if session.get_bind().dialect.name == "postgresql":
        array = sqlalchemy.literal(sorted(numbers), postgresql.ARRAY(sqlalchemy.BigInteger))
        return numbered == sqlalchemy.any_(array)
    values = sqlalchemy.func.json_each(json.dumps(sorted(numbers))).table_valued("value")
    return numbered.in_(sqlalchemy.select(values.c.value))


def small(number: int) -> bool:
    """Whether an integer column can hold the number."""
    return -LARGEST <= number <= LARGEST


def _may(audience: audiences.Audience, number: int | None) -> bool:
    return audience.everything or (number is not None and number in audience.numbers)
