"""GitHub's side of signing in: who somebody is, which repositories they may read, and how their token is renewed.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import structlog
from authlib.integrations import base_client, requests_client

from gatekeeper import errors
from gatekeeper.forge import exchange, reading, session, translation, wire

# requests for one person: more repositories than these hold are not shown to them
_MOST_PAGES = 60
_UNAUTHORISED = 401
_FIRST_FAILURE = 300

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What GitHub gave for somebody who signed in."""

    token: str = field(repr=False)
    # what renews the token, once; None where the token lasts
    refresh: str | None = field(repr=False)
    # when the token ends; None as above
    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody on GitHub."""

    id: int
    login: str


class People:
    """Asks GitHub in people's own name, through the App. Safe for threads."""

    def __init__(self, line: wire.Wire, html_url: str, client_id: str, client_secret: str) -> None:
        """Speak over `line`; `html_url` is the address of GitHub's pages, without a slash at the end."""
        self.html_url, self.client_id, self.client_secret = html_url, client_id, client_secret
        self._line = line

    @property
    def authorize_url(self) -> str:
        """Where the browser goes to sign in."""
        return f"{self.html_url}/login/oauth/authorize"

    @property
    def token_url(self) -> str:
        """Where a code, or what renews, is exchanged for a token."""
        return f"{self.html_url}/login/oauth/access_token"

    def who(self, token: str) -> Who:
        """Return whose the token is. Raises SignedOutError where it is no longer good, else ForgeError."""
        data = self._get("/user", token)
        return Who(id=reading.number(data, "id"), login=reading.text(data, "login"))

    def reach(self, token: str) -> dict[int, str]:
        """Return GitHub's number of each repository that they may read and the App is on -> read, write or admin.

        Raises as `who` does.
        """
        pages = _Pages(self._get, token)
        found: dict[int, str] = {}
        for installation in list(pages.of("/user/installations", "installations")):
            if reading.has(installation, "suspended_at"):
                continue
            number = reading.number(installation, "id")
            try:
                for each in pages.of(f"/user/installations/{number}/repositories", "repositories"):
                    level = _level(each)
                    if level is not None:
                        found[reading.number(each, "id")] = level
            except (errors.ForbiddenError, errors.MissingError):
                # suspended or removed meanwhile, or closed to them by their organisation
                _log.info("an installation is not shown to a person", installation=number)
        return found

    def renewed(self, refresh: str) -> Grant:
        """Return a new token for what renews, which is good once. Raises SignedOutError and UnavailableError."""
        line = requests_client.OAuth2Session(
            self.client_id,
            self.client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a word, not a secret
            default_timeout=wire.TIMEOUT,
        )
        line.headers["User-Agent"] = wire.USER_AGENT
        asked = "POST /login/oauth/access_token"
        try:
            given = line.refresh_token(self.token_url, refresh_token=refresh)
        except base_client.OAuthError as error:
            raise errors.SignedOutError(
                f"GitHub does not renew the token: {translation.quoted(error.error)}"
            ) from error
        except requests.RequestException as error:
            raise translation.foreign(error, asked) from error
        except ValueError as error:
            raise errors.UnavailableError(f"GitHub's answer cannot be read ({asked})") from error
        finally:
            line.close()
        return grant(given, datetime.fromtimestamp(self._line.now(), UTC))

    def _get(self, path: str, token: str) -> object:
        """Return the JSON at the path."""
        headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": session.API_VERSION}
        answered = self._line.send("GET", path, headers, None)
        data = exchange.parsed(answered.text.encode())
        if answered.status == _UNAUTHORISED:
            raise errors.SignedOutError("GitHub no longer takes the person's token")
        if answered.status >= _FIRST_FAILURE:
            asked = wire.operation("GET", path)
            raise translation.answer(
                answered.status,
                answered.headers,
                data,
                asked,
                now=self._line.now(),
                waited=translation.FIRST_WAIT,
            )
        return data


def grant(given: Mapping[str, Any], now: datetime) -> Grant:
    """Return what GitHub's answer to a code gives, as of `now`. Raises UnavailableError where it gives no token."""
    refresh = reading.text(given, "refresh_token") if reading.has(given, "refresh_token") else None
    seconds = reading.number(given, "expires_in") if reading.has(given, "expires_in") else None
    return Grant(
        token=reading.text(given, "access_token"),
        refresh=refresh,
        expires=None if seconds is None else now + timedelta(seconds=seconds),
    )


class _Pages:
    """Pages of lists, a number of them for one person."""

    def __init__(self, get: Any, token: str) -> None:  # noqa: ANN401 - the client's own method
        self._get, self._token = get, token
        self._left = _MOST_PAGES

    def of(self, path: str, name: str) -> Iterator[object]:
        """Yield the entries of the list under `name` on all pages."""
        number = 1
        while True:
            if not self._left:
                _log.warning("a person may read more repositories than are asked for", asked=_MOST_PAGES)
                return
            self._left -= 1
            data = self._get(f"{path}?per_page={session.PER_PAGE}&page={number}", self._token)
            entries = reading.entries(data, name)
            yield from entries
            if len(entries) < session.PER_PAGE:
                return
            number += 1


def _level(repository: object) -> str | None:
    """Return what they may do there: read, write or admin; None where not even read."""
    granted = repository.get("permissions") if isinstance(repository, dict) else None
    given = granted if isinstance(granted, dict) else {}
    levels = {"admin": "admin", "maintain": "write", "push": "write", "triage": "read", "pull": "read"}
    return next((level for name, level in levels.items() if given.get(name) is True), None)
