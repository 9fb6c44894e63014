"""People who signed in, what GitHub lets them read, and the browsers in which they are signed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.store import database, outcomemodels

_Person = outcomemodels.Person
_SignIn = outcomemodels.SignIn
_ApiToken = outcomemodels.ApiToken
# what pages that list people leave out
WHOLE = (orm.undefer(_Person.token), orm.undefer(_Person.refresh))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signed in."""

    # GitHub's number
    id: int
    login: str
    # encrypted; empty where GitHub no longer takes it, so that they have to sign in again
    token: bytes = field(repr=False)
    # encrypted; None where the token lasts
    refresh: bytes | None = field(repr=False)
    expires: datetime | None
    # GitHub's number of a repository -> read, write or admin
    repositories: Mapping[int, str]
    # when GitHub was asked for these
    checked: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A browser in which somebody is signed in."""

    person: Person
    made: datetime
    expires: datetime


def find(engine: sqlalchemy.Engine, number: int) -> Person | None:
    """Return the person of that number on GitHub. Raises StoreError, as all of this module do."""
    with database.session(engine) as session:
        found = session.get(_Person, number, options=WHOLE)
        return None if found is None else of_row(found)


def sign_in(engine: sqlalchemy.Engine, person: Person, digest: str, made: datetime, expires: datetime) -> None:
    """Keep the person, and that they are signed in where the secret with that digest is."""
    row = _row(person)
    with database.writing(engine) as session:
        if not database.insert_new(session, _Person, row):
            session.execute(sqlalchemy.update(_Person).where(_Person.id == person.id).values(row))
        session.add(_SignIn(digest=digest, person_id=person.id, made=made, expires=expires))


def renewed(engine: sqlalchemy.Engine, person: Person, instead_of: bytes) -> None:
    """Keep the person's token, what renews it and when it ends; nothing where there is another by now."""
    changed = sqlalchemy.update(_Person).where(_Person.id == person.id, _Person.token == instead_of)
    values = {"token": person.token, "refresh": person.refresh, "expires": person.expires}
    with database.writing(engine) as session:
        session.execute(changed.values(values))


def checked(engine: sqlalchemy.Engine, person: Person) -> None:
    """Keep the person's name and what they may read, as asked at `checked`; nothing where that is older."""
    row = _row(person)
    changed = sqlalchemy.update(_Person).where(_Person.id == person.id, _Person.checked < person.checked)
    with database.writing(engine) as session:
        session.execute(changed.values({name: row[name] for name in ("login", "repositories", "checked")}))


def signed_in(engine: sqlalchemy.Engine, digest: str, now: datetime) -> SignedIn | None:
    """Return who is signed in where the secret with that digest is; None where nobody is, or no longer."""
    asked = sqlalchemy.select(_SignIn, _Person).join(_Person, _Person.id == _SignIn.person_id).options(*WHOLE)
    with database.session(engine) as session:
        found = session.execute(asked.where(_SignIn.digest == digest, _SignIn.expires > now)).one_or_none()
        if found is None:
            return None
        row, person = found
        return SignedIn(person=of_row(person), made=row.made, expires=row.expires)


def extend(engine: sqlalchemy.Engine, digest: str, expires: datetime) -> None:
    """Let the browser stay signed in until then; nothing where it no longer is."""
    with database.writing(engine) as session:
        session.execute(sqlalchemy.update(_SignIn).where(_SignIn.digest == digest).values(expires=expires))


def sign_out(engine: sqlalchemy.Engine, digest: str) -> None:
    """Forget that somebody is signed in there."""
    with database.writing(engine) as session:
        session.execute(sqlalchemy.delete(_SignIn).where(_SignIn.digest == digest))


def shut_out(engine: sqlalchemy.Engine, number: int, token: bytes) -> None:
    """Sign the person out everywhere, and forget what they may read, unless they have another token by now."""
    gone = sqlalchemy.update(_Person).where(_Person.id == number, _Person.token == token)
    values: dict[str, Any] = {"token": b"", "refresh": None, "expires": None, "repositories": {}}
    with database.writing(engine) as session:
        if session.scalar(gone.values(values).returning(_Person.id)) is not None:
            session.execute(sqlalchemy.delete(_SignIn).where(_SignIn.person_id == number))


def forget_expired(engine: sqlalchemy.Engine, now: datetime) -> int:
    """Remove sign-ins and API tokens that have ended, and people who have none left; return how many rows went."""
    with database.writing(engine) as session:
        ended = [
            sqlalchemy.delete(_SignIn).where(_SignIn.expires <= now).returning(_SignIn.digest),
            sqlalchemy.delete(_ApiToken).where(_ApiToken.expires <= now).returning(_ApiToken.id),
        ]
        gone = sum(len(session.scalars(each).all()) for each in ended)
        return gone + len(session.scalars(_without_any()).all())


def _without_any() -> sqlalchemy.Executable:
    signed_in = sqlalchemy.exists().where(_SignIn.person_id == _Person.id)
    with_token = sqlalchemy.exists().where(_ApiToken.person_id == _Person.id)
    return sqlalchemy.delete(_Person).where(~signed_in, ~with_token).returning(_Person.id)


def _row(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "login": person.login,
        "token": person.token,
        "refresh": person.refresh,
        "expires": person.expires,
        "repositories": {str(number): level for number, level in person.repositories.items()},
        "checked": person.checked,
    }


def of_row(row: outcomemodels.Person) -> Person:
    """Return the person of a row that was read with `WHOLE`."""
    return Person(
        id=row.id,
        login=row.login,
        token=row.token,
        refresh=row.refresh,
        expires=row.expires,
        repositories={int(number): str(level) for number, level in row.repositories.items()},
        checked=row.checked,
    )
