"""Browsers in which people are signed in: a secret in a cookie, and what it stands for in the records."""

import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import flask
import sqlalchemy
from werkzeug import exceptions

from gatekeeper import errors
from gatekeeper.store import people
from gatekeeper.views import audience
from gatekeeper.web import access, keys, reach

# for how long somebody stays signed in, and for how long without coming by
LASTS = timedelta(days=30)
IDLE = timedelta(days=7)
# a row is not to be written at every request
_NOTED = timedelta(hours=1)
_BYTES = 32
# seconds
_RETRY = 60
# what the cookie holds the secret under
_NAME = "sign_in"


class Sessions:
    """Who is signed in, of those that browsers' cookies stand for."""

    def __init__(
        self,
        engine: sqlalchemy.Engine,
        known: reach.Reach,
        administrators: Collection[str],
        now: Callable[[], datetime],
    ) -> None:
        """`administrators` are logins and GitHub's numbers."""
        self._engine, self._reach, self._now = engine, known, now
        self._administrators = frozenset(each.casefold() for each in administrators)

    def viewer(self) -> access.Viewer:
        """Return who is looking by the request's cookie. Raises ServiceUnavailable where GitHub cannot be asked."""
        secret = flask.session.get(_NAME)
        if not isinstance(secret, str):
            return access.NOBODY
        now, digest = self._now(), keys.digest(secret)
        found = people.signed_in(self._engine, digest, now)
        try:
            person = self._reach.current(found.person) if found is not None else None
        except errors.SignedOutError:
            person = None
        except errors.ForgeError as error:
            raise unavailable() from error
        if found is None or person is None:
            flask.session.clear()
            return access.NOBODY
        self._extend(found, digest, now)
        return self.seen_by(person, access.How.SESSION)

    def seen_by(self, person: people.Person, how: access.How) -> access.Viewer:
        """Return the person as a viewer; who comes with a token is no administrator."""
        administers = not self._administrators.isdisjoint({person.login.casefold(), str(person.id)})
        seen = audience.Audience(
            numbers=frozenset(person.repositories), administrator=administers and how is access.How.SESSION
        )
        return access.Viewer(how=how, login=person.login, person=person.id, audience=seen)

    def begin(self, person: people.Person) -> None:
        """Let the request's browser be signed in as the person, with a cookie that nobody had before."""
        self.end()
        secret, now = secrets.token_urlsafe(_BYTES), self._now()
        people.sign_in(self._engine, person, keys.digest(secret), now, now + IDLE)
        flask.session[_NAME] = secret
        flask.session.permanent = True

    def end(self) -> None:
        """Let nobody be signed in in the request's browser."""
        secret = flask.session.get(_NAME)
        # everything else that the cookie held too: it was another's, or nobody's
        flask.session.clear()
        if isinstance(secret, str):
            people.sign_out(self._engine, keys.digest(secret))

    def _extend(self, found: people.SignedIn, digest: str, now: datetime) -> None:
        until = min(found.made + LASTS, now + IDLE)
        if until - found.expires > _NOTED:
            people.extend(self._engine, digest, until)


def unavailable() -> exceptions.ServiceUnavailable:
    """Return the answer where GitHub cannot be asked what somebody may see."""
    return exceptions.ServiceUnavailable(
        "GitHub does not say now which repositories you may see, and an older answer is not used: try again later.",
        retry_after=_RETRY,
    )
