"""Who is looking, and what they may see.

A blueprint is closed by one of the guards: `made.before_request(access.page)` for pages, `access.api` for programs,
`access.administrator` for what is the operators' alone. Its views then take `access.current().audience`, and answer
404 for what the audience does not hold, as for what does not exist.
"""

import functools
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ParamSpec, TypeVar

import flask
from werkzeug import datastructures, exceptions
from werkzeug.wrappers import Response

from gatekeeper.views import audience as audiences

# where people sign in
SIGN_IN = "/sign-in"
# where GitHub sends them back to; the App's settings on GitHub name it
CALLBACK = "/sign-in/callback"
# characters of an address to come back to
LONGEST_NEXT = 2000

_P = ParamSpec("_P")
_R = TypeVar("_R")
# None: go on; else the answer; raises HTTPException
Guard = Callable[[], Response | None]


class How(StrEnum):
    """How a viewer is known."""

    NOBODY = "nobody"
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    # the service shows everything to whoever reaches it
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who is looking."""

    how: How
    # name on GitHub; None for nobody, and where everything is open
    login: str | None = None
    # GitHub's number; None as above
    person: int | None = None
    audience: audiences.Audience = field(default_factory=audiences.Audience)


NOBODY = Viewer(how=How.NOBODY)
OPEN = Viewer(how=How.OPEN, audience=audiences.Audience(everything=True, administrator=True))


class Access:
    """Finds out once a request who is looking."""

    def __init__(self, browser: Callable[[], Viewer], bearer: Callable[[str], Viewer]) -> None:
        """`browser` tells whose the request's cookie is, `bearer` whose the token.

        Both raise HTTPException where they cannot tell: 401 for a token that is none, 503 where GitHub was not to be
        asked what may be seen.
        """
        self._browser, self._bearer = browser, bearer

    def current(self) -> Viewer:
        """Return who is looking: as the guard found, else by cookie alone. Raises HTTPException."""
        found: Viewer | None = flask.g.get("viewer")
        if found is None:
            found = flask.g.viewer = self._browser()
        return found

    def known(self) -> Viewer | None:
        """Return who is looking where this request has found out already: for answers to failures."""
        found: Viewer | None = flask.g.get("viewer")
        return found

    def page(self) -> Response | None:
        """Let signed-in people on, and send others to sign in; what is not only read is refused."""
        if self.current().how is not How.NOBODY:
            return None
        if flask.request.method not in {"GET", "HEAD"}:
            raise exceptions.Unauthorized("You are not signed in, or no longer: sign in, and do it again.")
        if "HX-Request" in flask.request.headers:
            return _whole_page()
        return flask.redirect(sign_in(flask.request.full_path.removesuffix("?")), 303)

    def api(self) -> None:
        """Let programs with a token on, and browsers with a cookie as far as they read; others are answered 401."""
        header = flask.request.headers.get("Authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer":
                raise unauthorized("Only bearer tokens are taken: send `Authorization: Bearer gk_…`.")
            flask.g.viewer = self._bearer(token.strip())
            return
        # a cookie comes along whoever made the browser ask, so that it may change nothing
        reads = flask.request.method in {"GET", "HEAD", "OPTIONS"}
        if not reads or self.current().how is How.NOBODY:
            raise unauthorized("This needs a token: make one on the page /tokens, and send it as a bearer.")

    def administrator(self) -> Response | None:
        """Let administrators on; for all others that are signed in there is nothing here."""
        sent = self.page()
        if sent is None and not self.current().audience.administrator:
            raise exceptions.NotFound("There is nothing here.")
        return sent


def only(guard: Guard) -> Callable[[Callable[_P, _R]], Callable[_P, _R | Response]]:
    """Close a single view by a guard, such as `access.administrator`."""

    def closing(view: Callable[_P, _R]) -> Callable[_P, _R | Response]:
        @functools.wraps(view)
        def closed(*args: _P.args, **named: _P.kwargs) -> _R | Response:
            answer = guard()
            return view(*args, **named) if answer is None else answer

        return closed

    return closing


def _whole_page() -> Response:
    """Return what makes htmx leave the page that it wanted a part for: https://htmx.org/headers/hx-redirect/."""
    try:
        parts = urllib.parse.urlsplit(flask.request.headers.get("HX-Current-URL", ""))
    except ValueError:
        parts = urllib.parse.urlsplit("/")
    wanted = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
    return Response(status=401, headers={"HX-Redirect": sign_in(wanted)})


def unauthorized(why: str) -> exceptions.Unauthorized:
    """Return the answer 401 to a program."""
    return exceptions.Unauthorized(why, www_authenticate=datastructures.WWWAuthenticate("bearer"))


def sign_in(wanted: str) -> str:
    """Return the address at which people sign in and come back to `wanted`, a path of this service."""
    back = local(wanted)
    return SIGN_IN if back == "/" else f"{SIGN_IN}?{urllib.parse.urlencode({'next': back})}"


def local(wanted: str) -> str:
    r"""Return `wanted` where it is surely a path of this service with its query, else `/`.

    Browsers read `//host` and `/\host` as other hosts, and drop tabs and line ends before they look.
    """
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and len(wanted) <= LONGEST_NEXT
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else "/"
