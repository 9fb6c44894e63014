"""What takes the App's private key: tokens for its installations, and what GitHub tells the App alone.

Runs in the token broker's process and in no other.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import jwt

from gatekeeper import errors, hosted
from gatekeeper.forge import exchange, reading, session, wire

# seconds: GitHub takes at most 600, and clocks differ
_JWT_LIFE = 540
_JWT_EARLIER = 60
# a token is asked for anew however short the life it is wanted for is
_LONGEST_WANTED = 3000.0
_MOST_TOKENS = 2000
_MOST_PAGES = 100
_GOOD = range(200, 300)


class Key:
    """The App's private key as a bearer of JWTs, which live for some minutes. Safe for threads.

    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
    """

    installation = 0
    kind = "Bearer"

    def __init__(self, key: str, issuer: str, now: Callable[[], float]) -> None:
        """Sign with the PEM `key` for the App whose id or client id is `issuer`. Raises UsageError for no key."""
        self._key = key
        self._issuer = issuer
        self._now = now
        self._lock = threading.Lock()
        self._made = ""
        self._until = 0.0
        try:
            self.renewed("")
        # what is raised differs by what is wrong with the key
        except (jwt.PyJWTError, ValueError, TypeError) as exc:
            raise errors.UsageError(
                "The App's private key cannot be used: give the PEM file that GitHub made on the App's settings page"
            ) from exc

    def token(self) -> str:
        """Return a JWT with a minute or more left."""
        with self._lock:
            if self._until - self._now() > 60:  # noqa: PLR2004 - a minute
                return self._made
        return self.renewed("")

    def renewed(self, refused: str) -> str:  # noqa: ARG002 - made anew whichever it was
        """Return another JWT."""
        now = self._now()
        said = {"iat": int(now) - _JWT_EARLIER, "exp": int(now) + _JWT_LIFE, "iss": self._issuer}
        made = jwt.encode(said, self._key, algorithm="RS256")
        with self._lock:
            self._made = made
            self._until = now + _JWT_LIFE
            return self._made


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a token is to be good for."""

    installation: int
    # None: all of the installation's
    repositories: tuple[int, ...] | None
    # each name with read or write, sorted
    permissions: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    token: exchange.Token | None = None


class Issuer:
    """Makes tokens and keeps them while they are good. Safe for threads. Every method raises ForgeError."""

    def __init__(self, line: wire.Wire, key: Key) -> None:
        """Ask GitHub over `line` with `key`."""
        self._line = line
        self._session = session.Session(line, key)
        self._lock = threading.Lock()
        self._tokens: dict[Wanted, _Kept] = {}

    def token(self, wanted: Wanted, at_least: float, refused: str) -> exchange.Token:
        """Return a token that is good for `at_least` seconds (50 minutes at most).

        `refused` is the digest of one that GitHub no longer takes: it is given to nobody again.
        """
        kept = self._kept(wanted)
        with kept.lock:
            if kept.token is None or self._spent(kept.token, at_least) or exchange.digest(kept.token.value) == refused:
                kept.token = self._made(wanted)
            return kept.token

    def app(self) -> exchange.Itself:
        """Return the App."""
        data = self._session.get("/app")
        return exchange.Itself(
            id=reading.number(data, "id"),
            slug=reading.text(data, "slug"),
            name=reading.text(data, "name"),
            page=reading.text(data, "html_url"),
            permissions=reading.names(data, "permissions"),
            events=tuple(str(event) for event in reading.entries(data, "events")),
        )

    def hook(self) -> exchange.Hook:
        """Return the App's webhook; of its secret only whether there is one."""
        data = self._session.get("/app/hook/config")
        return exchange.Hook(
            url=reading.text(data, "url") if reading.has(data, "url") else "",
            content_type=reading.text(data, "content_type") if reading.has(data, "content_type") else "form",
            signed=reading.has(data, "secret") and reading.text(data, "secret") != "",
            # a number or a string; https://docs.github.com/en/rest/apps/webhooks
            insecure=isinstance(data, dict) and str(data.get("insecure_ssl", "0")) != "0",
        )

    def installations(self) -> Sequence[hosted.Installed]:
        """Return every installation."""
        pages = self._session.pages("/app/installations", most=_MOST_PAGES)
        return [_installed(entry) for page in pages for entry in reading.entries({"page": page}, "page")]

    def failed_deliveries(self, since: datetime) -> Sequence[hosted.FailedDelivery]:
        """Return the newest attempt of deliveries after `since` none of whose attempts succeeded, oldest first."""
        newest: dict[str, hosted.FailedDelivery] = {}
        reached: set[str] = set()
        for data in self._attempts(since):
            guid = reading.text(data, "guid")
            if reading.number(data, "status_code") in _GOOD:
                reached.add(guid)
            newest.setdefault(guid, _failed(data, guid))
        failed = [attempt for guid, attempt in newest.items() if guid not in reached]
        return sorted(failed, key=lambda attempt: (attempt.delivered, attempt.id))

    def redeliver(self, delivery: int) -> None:
        """Ask GitHub to deliver it again."""
        self._session.post(f"/app/hook/deliveries/{delivery}/attempts", {})

    def _attempts(self, since: datetime) -> Iterator[object]:
        """Yield attempts, the newest first, down to `since`."""
        for page in self._session.pages("/app/hook/deliveries", most=_MOST_PAGES):
            for data in reading.entries({"page": page}, "page"):
                if reading.moment(data, "delivered_at") < since:
                    return
                yield data

    def _made(self, wanted: Wanted) -> exchange.Token:
        body: dict[str, object] = {"permissions": dict(wanted.permissions)}
        if wanted.repositories is not None:
            body["repository_ids"] = list(wanted.repositories)
        try:
            data = self._session.post(f"/app/installations/{wanted.installation}/access_tokens", body)
        except errors.RefusedError as exc:
            if "permissions requested" not in str(exc):
                raise
            named = ", ".join(f"{name}: {level}" for name, level in wanted.permissions)
            raise errors.ForbiddenError(
                f"The App was not granted {named}: ask for it in the App's settings, and accept it for the installation"
            ) from exc
        return exchange.Token(value=reading.text(data, "token"), expires=reading.moment(data, "expires_at"))

    def _spent(self, token: exchange.Token, at_least: float) -> bool:
        return token.expires.timestamp() - self._line.now() < min(at_least, _LONGEST_WANTED)

    def _kept(self, wanted: Wanted) -> _Kept:
        with self._lock:
            if len(self._tokens) >= _MOST_TOKENS:
                self._tokens = {
                    key: kept for key, kept in self._tokens.items() if kept.token and not self._spent(kept.token, 0.0)
                }
            return self._tokens.setdefault(wanted, _Kept())


def _installed(data: object) -> hosted.Installed:
    # the account of an installation on an enterprise has a slug and no login
    account = next((reading.text(data, "account", key) for key in ("login", "slug") if _is_text(data, key)), "")
    return hosted.Installed(
        id=reading.number(data, "id"),
        account=account,
        suspended=reading.has(data, "suspended_at"),
        permissions=reading.names(data, "permissions"),
    )


def _is_text(data: object, key: str) -> bool:
    return reading.has(data, "account", key)


def _failed(data: object, guid: str) -> hosted.FailedDelivery:
    return hosted.FailedDelivery(
        id=reading.number(data, "id"), guid=guid, delivered=reading.moment(data, "delivered_at")
    )
