"""PyGithub on a wire of our own: short-lived narrow tokens, errors of Gatekeeper's own, no waiting."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import github
import github.Auth
import github.Repository
import github.Requester

from gatekeeper import errors
from gatekeeper.forge import translation, wire

API_VERSION = "2022-11-28"
PER_PAGE = 100
_UNAUTHORISED = 401
_FIRST_FAILURE = 300


class Bearer(Protocol):
    """Whoever has a credential for requests."""

    # of whom it is; 0 is the App itself
    installation: int
    # word before it in the header: `token`, or `Bearer` for a JWT
    kind: str

    def token(self) -> str:
        """Return a credential that is good for a while."""
        ...

    def renewed(self, refused: str) -> str:
        """Return another one, since GitHub no longer takes `refused`."""
        ...


class Session(github.Requester.Requester):
    """Requests of one bearer, for PyGithub's objects and for what PyGithub lacks. Safe for threads.

    Every method that asks GitHub raises ForgeError.
    """

    def __init__(self, line: wire.Wire, bearer: Bearer) -> None:
        """Speak over `line` in the name of `bearer`."""
        super().__init__(
            auth=None,
            base_url=line.api_url,
            timeout=int(wire.TIMEOUT),
            user_agent=wire.USER_AGENT,
            per_page=PER_PAGE,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
            api_version=API_VERSION,
        )
        self._line = line
        self._bearer = bearer

    def repository(self, name: str) -> github.Repository.Repository:
        """Return the repository `owner/name`; nothing is asked until something of it is."""
        return github.Repository.Repository(self, url=f"/repos/{name}")

    def get(self, url: str, **parameters: str) -> object:
        """Return the JSON at the path."""
        return self.requestJsonAndCheck("GET", url, parameters or None)[1]

    def post(self, url: str, body: Mapping[str, object]) -> object:
        """Post to the path and return the answer's JSON; None for an empty one."""
        return self.requestJsonAndCheck("POST", url, input=body)[1]

    def pages(self, url: str, most: int = 100, **parameters: str) -> Iterator[object]:
        """Yield the JSON of the path's pages, `most` of them."""
        following: str | None = url
        given: dict[str, Any] | None = {"per_page": str(PER_PAGE), **parameters}
        for _ in range(most):
            if following is None:
                return
            headers, data = self.requestJsonAndCheck("GET", following, given)
            yield data
            following, given = _next(headers.get("link", "")), None

    def location(self, url: str) -> str:
        """Return the address that the path leads to, which opens itself to whoever has it: keep it out of messages."""
        answered = self._renewing("GET", self._line.absolute(url), None, None, wire.MOVED)
        asked = wire.operation("GET", url)
        if answered.status == wire.FOUND and (target := answered.headers.get("location")):
            return target
        if answered.status >= _FIRST_FAILURE:
            raise self._failure(answered.status, answered.headers, _parsed(answered.text), asked)
        raise errors.UnavailableError(f"GitHub does not say where it is ({asked}); it is asked again")

    def requestJson(  # noqa: N802 - PyGithub's name
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        input: Any | None = None,  # noqa: A002, ANN401 - PyGithub's
        cnx: object = None,  # noqa: ARG002 - PyGithub's
        follow_302_redirect: bool = False,  # noqa: ARG002, FBT001, FBT002 - PyGithub's
    ) -> tuple[int, dict[str, Any], str]:
        """Send a request; a token that GitHub no longer takes is renewed once."""
        address = self.add_parameters_to_url(self._line.absolute(url), parameters or {})
        answered = self._renewing(verb, address, headers, input)
        return answered.status, dict(answered.headers), answered.text

    def requestJsonAndCheck(  # noqa: N802 - PyGithub's name
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        input: Any | None = None,  # noqa: A002, ANN401 - PyGithub's
        follow_302_redirect: bool = False,  # noqa: FBT001, FBT002 - PyGithub's
    ) -> tuple[dict[str, Any], Any]:
        """Send a request and return headers and JSON of an answer that counts."""
        status, answered, text = self.requestJson(
            verb, url, parameters, headers, input, follow_302_redirect=follow_302_redirect
        )
        asked = wire.operation(verb, url)
        if status >= _FIRST_FAILURE:
            raise self._failure(status, answered, _parsed(text), asked)
        data = _parsed(text)
        if text and data is None:
            raise errors.UnavailableError(f"GitHub's answer is not JSON ({asked}); it is asked again")
        if verb == "GET" and isinstance(data, dict):
            data.setdefault("url", url)
        return answered, data

    def limited(self) -> float:
        """Return the seconds to wait at a limit that names no time, and take note that it was met."""
        seconds = self._line.limits.wait(self._bearer.installation)
        self._line.limits.tripped(self._bearer.installation)
        return seconds

    def _renewing(
        self,
        verb: str,
        url: str,
        headers: dict[str, Any] | None,
        body: object,
        followed: frozenset[int] = wire.REDIRECTED,
    ) -> wire.Answer:
        token = self._bearer.token()
        answered = self._send(verb, url, headers, body, token, followed)
        if answered.status != _UNAUTHORISED:
            return answered
        return self._send(verb, url, headers, body, self._bearer.renewed(token), followed)

    def _send(
        self,
        verb: str,
        url: str,
        headers: dict[str, Any] | None,
        body: object,
        token: str,
        followed: frozenset[int],
    ) -> wire.Answer:
        given = {
            **(headers or {}),
            "Authorization": f"{self._bearer.kind} {token}",
            "X-GitHub-Api-Version": API_VERSION,
        }
        answered = self._line.send(verb, url, given, body, followed)
        self._line.limits.heard(self._bearer.installation, answered)
        return answered

    def _failure(self, status: int, headers: Mapping[str, str], data: object, asked: str) -> errors.ForgeError:
        limits, installation = self._line.limits, self._bearer.installation
        failure = translation.answer(
            status, headers, data, asked, now=self._line.now(), waited=limits.wait(installation)
        )
        if isinstance(failure, errors.RateLimitError):
            limits.tripped(installation)
        return failure


def _parsed(text: str) -> object:
    """Return the JSON; None for none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _next(link: str) -> str | None:
    """Return the address of the next page from a Link header."""
    for part in link.split(","):
        target, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return target.strip().strip("<>")
    return None
