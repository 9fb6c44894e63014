"""Tokens with which programs ask and send: kept as digests, each with its owner, its scopes and its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy

from gatekeeper.store import database, models, outcomemodels, people

_Row = outcomemodels.ApiToken
_Repository = models.Repository
# use is noted to the hour: a row is not to be written at every request
_NOTED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token, without what is secret of it."""

    # random, not secret
    id: str
    # what its owner calls it
    name: str
    scopes: tuple[str, ...]
    # number in these records and name of the only repository that it is good for; None: all its owner's
    repository: tuple[int, str] | None
    made: datetime
    expires: datetime | None
    # to the hour
    used: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token that a program came with."""

    token: ApiToken
    owner: people.Person
    # GitHub's number of the repository that it is bound to, where it is
    number: int | None


def make(engine: sqlalchemy.Engine, token: ApiToken, digest: str, person: int) -> None:
    """Keep a new token of the person with that number. Raises StoreError, as all of this module do."""
    row = _Row(
        id=token.id,
        digest=digest,
        person_id=person,
        name=token.name,
        scopes=list(token.scopes),
        repository_id=token.repository[0] if token.repository else None,
        made=token.made,
        expires=token.expires,
        used=token.used,
    )
    with database.writing(engine) as session:
        session.add(row)


def of(engine: sqlalchemy.Engine, person: int) -> list[ApiToken]:
    """Return the person's tokens, newest first."""
    asked = _with_repository().where(_Row.person_id == person).order_by(_Row.made.desc(), _Row.id)
    with database.session(engine) as session:
        return [_token(row, repository) for row, repository in session.execute(asked)]


def presented(engine: sqlalchemy.Engine, digest: str, now: datetime) -> Presented | None:
    """Return the token with that digest and its owner; None where there is none, or no longer."""
    good = sqlalchemy.or_(_Row.expires.is_(None), _Row.expires > now)
    with database.session(engine) as session:
        found = session.execute(_with_repository().where(_Row.digest == digest, good)).one_or_none()
        if found is None:
            return None
        row, repository = found
        owner = session.get(outcomemodels.Person, row.person_id, options=people.WHOLE)
        if owner is None:
            return None
        number = repository.number if repository is not None else None
        return Presented(token=_token(row, repository), owner=people.of_row(owner), number=number)


def note_use(engine: sqlalchemy.Engine, token: ApiToken, now: datetime) -> None:
    """Note that the token was used, where that is not known of this hour."""
    if token.used is not None and now - token.used < _NOTED:
        return
    with database.writing(engine) as session:
        session.execute(sqlalchemy.update(_Row).where(_Row.id == token.id).values(used=now))


def revoke(engine: sqlalchemy.Engine, identity: str, person: int) -> bool:
    """Remove the token, if it is the person's; return whether it was."""
    gone = sqlalchemy.delete(_Row).where(_Row.id == identity, _Row.person_id == person).returning(_Row.id)
    with database.writing(engine) as session:
        return session.scalar(gone) is not None


def writable(engine: sqlalchemy.Engine, numbers: frozenset[int]) -> list[tuple[int, str]]:
    """Return number in these records and name of the recorded repositories among those GitHub numbers, by name."""
    asked = sqlalchemy.select(_Repository.id, _Repository.name, _Repository.number).where(
        _Repository.number.is_not(None)
    )
    with database.session(engine) as session:
        # there may be more numbers than a statement takes
        rows = session.execute(asked.order_by(_Repository.name))
        return [(identity, name) for identity, name, number in rows if number in numbers]


def _with_repository() -> sqlalchemy.Select[outcomemodels.ApiToken, models.Repository]:
    asked = sqlalchemy.select(_Row, _Repository)
    return asked.outerjoin(_Repository, _Repository.id == _Row.repository_id)


def _token(row: outcomemodels.ApiToken, repository: models.Repository | None) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        scopes=tuple(map(str, row.scopes)),
        repository=None if repository is None else (repository.id, repository.name),
        made=row.made,
        expires=row.expires,
        used=row.used,
    )
