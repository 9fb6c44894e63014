"""Tokens for programs: the page on which people make and revoke them, and what one of them opens.

A token is `gk_` and 32 random bytes; it is shown once, kept as a digest, and taken in the Authorization header alone.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import flask
import sqlalchemy
from werkzeug import exceptions
from werkzeug.wrappers import Response

from gatekeeper import errors
from gatekeeper.store import apitokens, people
from gatekeeper.web import access, keys, protection, reach, sessions
from gatekeeper.web.pages import frame

PREFIX = "gk_"
READ = "read"
WRITE = "outcomes:write"
# days for which a token may be made
DAYS = (30, 90, 365)
_USUAL_DAYS = 90
LONGEST_NAME = 80
# of one person
MOST = 50
_BYTES = 32
_ID_BYTES = 6
_MAY_WRITE = frozenset({"write", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the form holds, as it was typed."""

    name: str = ""
    scope: str = READ
    repository: str = ""
    days: str = str(_USUAL_DAYS)


class Bearers:
    """What tokens open."""

    def __init__(
        self,
        engine: sqlalchemy.Engine,
        known: reach.Reach,
        signed_in: sessions.Sessions,
        protecting: protection.Protection,
        now: Callable[[], datetime],
    ) -> None:
        """Look tokens up in the records; what their owners may see is what `known` says now."""
        self._engine, self._reach, self._sessions, self._now = engine, known, signed_in, now
        self._protection = protecting

    def viewer(self, token: str) -> access.Viewer:
        """Return who reads with the token. Raises HTTPException: 401, 403, 429, 503."""
        presented, owner = self._presented(token)
        if READ not in presented.token.scopes:
            raise exceptions.Forbidden(f"This token is for {WRITE} alone: make one to read on the page /tokens.")
        return self._sessions.seen_by(owner, access.How.TOKEN)

    def authorise_upload(self, request: flask.Request) -> frozenset[str]:
        """Return the names of the repositories for which the request's token may send outcomes.

        Raises HTTPException: 401, 403, 429, 503.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise access.unauthorized("Outcomes need a token: make one on the page /tokens, and send it as a bearer.")
        presented, owner = self._presented(token.strip())
        if WRITE not in presented.token.scopes or presented.token.repository is None:
            raise exceptions.Forbidden(f"This token may not send outcomes: make one with the scope {WRITE}.")
        if presented.number is None or owner.repositories.get(presented.number) not in _MAY_WRITE:
            raise exceptions.Forbidden("The owner of this token may no longer write to its repository on GitHub.")
        return frozenset({presented.token.repository[1]})

    def _presented(self, token: str) -> tuple[apitokens.Presented, people.Person]:
        self._protection.refuse_guessing()
        found = apitokens.presented(self._engine, keys.digest(token), self._now()) if token.startswith(PREFIX) else None
        if found is None:
            self._protection.wrong_token()
            raise access.unauthorized("This token is none, or has ended: make a new one on the page /tokens.")
        try:
            owner = self._reach.current(found.owner)
        except errors.SignedOutError as error:
            raise access.unauthorized(
                "GitHub no longer says what this token's owner may see: its owner has to sign in again."
            ) from error
        except errors.ForgeError as error:
            raise sessions.unavailable() from error
        apitokens.note_use(self._engine, found.token, self._now())
        return found, owner


class Pages:
    """The page of one's tokens."""

    def __init__(self, engine: sqlalchemy.Engine, allowed: access.Access, now: Callable[[], datetime]) -> None:
        """Keep tokens in the records, for whom `allowed` knows."""
        self._engine, self._access, self._now = engine, allowed, now

    def blueprint(self) -> flask.Blueprint:
        """Return what answers `/tokens`."""
        made = flask.Blueprint("tokens", __name__)
        made.before_request(self._access.page)
        made.add_url_rule("/tokens", "list", self.all)
        made.add_url_rule("/tokens", "make", self.make, methods=["POST"])
        made.add_url_rule("/tokens/<identity>/revoke", "revoke", self.revoke, methods=["POST"])
        return made

    def all(self) -> Response:
        """Show one's tokens."""
        return self._page(Filled(), {})

    def make(self) -> Response:
        """Make a token, and show it this once."""
        form = flask.request.form
        filled = Filled(
            name=form.get("name", "").strip(),
            scope=form.get("scope", ""),
            repository=form.get("repository", ""),
            days=form.get("days", ""),
        )
        problems = self._problems(filled)
        if problems:
            return self._page(filled, problems, status=400)
        secret, now = PREFIX + secrets.token_urlsafe(_BYTES), self._now()
        made = apitokens.ApiToken(
            id=secrets.token_hex(_ID_BYTES),
            name=filled.name,
            scopes=(filled.scope,),
            repository=self._chosen(filled.repository) if filled.scope == WRITE else None,
            made=now,
            expires=now + timedelta(days=int(filled.days)),
            used=None,
        )
        apitokens.make(self._engine, made, keys.digest(secret), self._person())
        return self._page(Filled(), {}, status=201, secret=secret, made=made)

    def revoke(self, identity: str) -> Response:
        """Revoke one of one's tokens."""
        if not apitokens.revoke(self._engine, identity, self._person()):
            raise exceptions.NotFound("You have no such token; it may have ended.")
        return flask.redirect("/tokens", 303)

    def _problems(self, filled: Filled) -> dict[str, str]:
        """Return the field that cannot be used -> what to do."""
        found = {}
        if not 0 < len(filled.name) <= LONGEST_NAME or not filled.name.isprintable():
            found["name"] = f"Give a name of at most {LONGEST_NAME} characters, such as where it is used."
        if filled.scope not in {READ, WRITE}:
            found["scope"] = "Choose what the token is for."
        if filled.scope == WRITE and self._chosen(filled.repository) is None:
            found["repository"] = "Choose a repository that you may write to."
        if filled.days not in set(map(str, DAYS)):
            found["days"] = "Choose when the token is to end."
        if len(apitokens.of(self._engine, self._person())) >= MOST:
            found["name"] = f"You have {MOST} tokens: revoke one first."
        return found

    def _chosen(self, number: str) -> tuple[int, str] | None:
        return next((each for each in self._writable() if str(each[0]) == number), None)

    def _writable(self) -> list[tuple[int, str]]:
        owner = people.find(self._engine, self._person())
        numbers = {} if owner is None else owner.repositories
        may = frozenset(number for number, level in numbers.items() if level in _MAY_WRITE)
        return apitokens.writable(self._engine, may)

    def _person(self) -> int:
        person = self._access.current().person
        if person is None:
            raise exceptions.NotFound("Tokens are for people who are signed in.")
        return person

    def _page(self, filled: Filled, problems: dict[str, str], *, status: int = 200, **shown: object) -> Response:
        values: dict[str, object] = {
            "here": "tokens",
            "filled": filled,
            "problems": problems,
            "tokens": apitokens.of(self._engine, self._person()),
            "writable": self._writable(),
            "all_days": DAYS,
            "secret": None,
            "made": None,
        }
        return frame.render("tokens.html", status=status, viewer=self._access.current(), **(values | shown))
