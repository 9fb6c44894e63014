"""Which repositories people may read: asked of GitHub in their own name, and never told when older than an hour."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypedDict

import sqlalchemy
import structlog

from gatekeeper import errors
from gatekeeper.forge import people as github
from gatekeeper.store import people
from gatekeeper.web import keys

# for how long GitHub's answer holds
HOLDS = timedelta(hours=1)
# a token that ends within this is renewed first
_ENDING = timedelta(minutes=1)
# people whose turns are waited for together
_TURNS = 64
# looks for what another process may have renewed meanwhile, and the seconds before each
_LOOKS, _PAUSE = 4, 0.25

_log = structlog.get_logger(__name__)


class _Sealed(TypedDict):
    token: bytes
    refresh: bytes | None
    expires: datetime | None


class GitHub(Protocol):
    """Who answers for people on GitHub; all raise ForgeError, SignedOutError where a token is no longer good."""

    def who(self, token: str) -> github.Who:
        """Return whose the token is."""
        ...

    def reach(self, token: str) -> dict[int, str]:
        """Return GitHub's number of each repository that they may read -> read, write or admin."""
        ...

    def renewed(self, refresh: str) -> github.Grant:
        """Return a new token for what renews, which is good once."""
        ...


class Reach:
    """Knows what people may read. Safe for threads."""

    def __init__(
        self,
        engine: sqlalchemy.Engine,
        github: GitHub,
        sealing: keys.Keys,
        now: Callable[[], datetime],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep people in the records, their tokens sealed; `sleep` waits for other processes, for a second at most."""
        self._engine, self._github, self._keys, self._now, self._sleep = engine, github, sealing, now, sleep
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    def newly(self, given: github.Grant) -> people.Person:
        """Return the person to whom GitHub gave that, not kept yet. Raises ForgeError."""
        who = self._github.who(given.token)
        unasked = people.Person(
            id=who.id, login=who.login, repositories={}, checked=self._now(), **self._sealed(given)
        )  # fmt: skip
        return replace(unasked, repositories=self._github.reach(given.token))

    def current(self, person: people.Person) -> people.Person:
        """Return the person with what they may read now, as GitHub said within the last hour.

        Raises SignedOutError where they have to sign in again, other ForgeError where GitHub cannot be asked, and
        StoreError.
        """
        if self._holds(person):
            return person
        # pages are asked for by the handful
        with self._turns[person.id % _TURNS]:
            found = people.find(self._engine, person.id)
            if found is None:
                raise errors.SignedOutError("the person is no longer known")
            return found if self._holds(found) else self._asked_again(found)

    def _holds(self, person: people.Person) -> bool:
        return bool(person.token) and timedelta() <= self._now() - person.checked < HOLDS

    def _asked_again(self, person: people.Person) -> people.Person:
        try:
            if person.expires is not None and person.expires <= self._now() + _ENDING:
                return self._ask(self._renewed(person))
            try:
                return self._ask(person)
            except errors.SignedOutError:
                return self._ask(self._renewed(person))
        except errors.SignedOutError:
            _log.info("a person has to sign in again", person=person.id)
            raise

    def _ask(self, person: people.Person) -> people.Person:
        token = self._keys.opened(person.token) if person.token else None
        if token is None:
            raise errors.SignedOutError("there is no token of the person that can be read")
        # before the first question: what is told later holds no longer than from then
        asked = self._now()
        who = self._github.who(token)
        if who.id != person.id:
            raise errors.SignedOutError("the token is somebody else's")
        found = replace(person, login=who.login, repositories=self._github.reach(token), checked=asked)
        people.checked(self._engine, found)
        return found

    def _renewed(self, person: people.Person) -> people.Person:
        """Return the person with a new token; one that cannot be renewed is signed out everywhere."""
        refresh = self._keys.opened(person.refresh) if person.refresh else None
        if refresh is None:
            people.shut_out(self._engine, person.id, person.token)
            raise errors.SignedOutError("the person's token cannot be renewed")
        try:
            given = self._github.renewed(refresh)
        except errors.SignedOutError:
            other = self._renewed_elsewhere(person)
            if other is not None:
                return other
            people.shut_out(self._engine, person.id, person.token)
            raise
        # at once: what renewed it is good no more
        found = replace(person, **self._sealed(given))
        people.renewed(self._engine, found, instead_of=person.token)
        return found

    def _renewed_elsewhere(self, person: people.Person) -> people.Person | None:
        """Return the person as another process left them that was faster: what renews a token is good once."""
        for _ in range(_LOOKS):
            self._sleep(_PAUSE)
            found = people.find(self._engine, person.id)
            if found is not None and found.token and found.token != person.token:
                return found
        return None

    def _sealed(self, given: github.Grant) -> _Sealed:
        refresh = None if given.refresh is None else self._keys.seal(given.refresh)
        return {"token": self._keys.seal(given.token), "refresh": refresh, "expires": given.expires}
