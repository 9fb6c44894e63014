"""The way to GitHub: one pool of connections that all clients of a process share."""

import contextlib
import http.cookiejar
import json
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import requests
import requests.adapters
import urllib3

import gatekeeper
from gatekeeper import errors
from gatekeeper.forge import translation

USER_AGENT = f"gatekeeper/{gatekeeper.__version__}"
# seconds for a connection, and between two parts of an answer
TIMEOUT = 15.0
# idle connections that are kept
_POOL = 32
# a repository that was renamed or moved; FOUND is also how GitHub leads to a download
FOUND = 302
MOVED = frozenset({301, 307, 308})
REDIRECTED = MOVED | {FOUND}
_MOST_REDIRECTS = 3
# words of paths that stay in the name of an operation; all else is somebody's and becomes `*`
_STEADY = frozenset(
    {
        "access_tokens",
        "actions",
        "annotations",
        "app",
        "artifacts",
        "attempts",
        "branches",
        "check-runs",
        "collaborators",
        "comments",
        "commits",
        "config",
        "contents",
        "deliveries",
        "git",
        "graphql",
        "heads",
        "hook",
        "installation",
        "installations",
        "issues",
        "jobs",
        "logs",
        "permission",
        "protection",
        "pulls",
        "reactions",
        "ref",
        "repos",
        "repositories",
        "reviews",
        "rules",
        "runs",
        "statuses",
        "users",
        "zip",
    }
)

# the operation that all downloads are: their addresses are signed, and nobody's to see
DOWNLOAD = "GET download"

# operation (verb and path without names), seconds taken, status or 0 where there was no answer
Observe = Callable[[str, float, int], None]


def unobserved(_operation: str, _seconds: float, _status: int) -> None:
    """Look away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What GitHub answered."""

    status: int
    # by lower-case name
    headers: Mapping[str, str]
    text: str


class Wire:
    """Sends requests and knows the limits. Safe for threads.

    PyGithub's own connections keep the request that is sent in an attribute, so that two threads would send each
    other's; they drop the query where GitHub redirects, and sleep.
    """

    def __init__(
        self,
        api_url: str,
        *,
        now: Callable[[], float] = time.time,
        observe: Observe = unobserved,
        timeout: float = TIMEOUT,
    ) -> None:
        """Speak to the REST API at `api_url`, e.g. https://api.github.com or https://HOST/api/v3.

        Raises UsageError where that is no address.
        """
        parts = urllib.parse.urlsplit(api_url.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise errors.UsageError(f"{api_url!r} is no address of GitHub's API: give https://HOST/api/v3")
        self.api_url = api_url.rstrip("/")
        self.now = now
        self.limits = Limits()
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._observe = observe
        self._timeout = timeout
        self._http = _connections()

    def send(
        self,
        verb: str,
        url: str,
        headers: Mapping[str, str],
        body: object,
        followed: frozenset[int] = REDIRECTED,
    ) -> Answer:
        """Send a request, following redirects to GitHub itself; `url` may be a path under the API's address.

        Raises UnavailableError where there is no answer, and where GitHub points elsewhere.
        """
        data = None if body is None else json.dumps(body)
        given = {"User-Agent": USER_AGENT, "Accept": "application/vnd.github+json", **headers}
        if data is not None:
            given["Content-Type"] = "application/json"
        address = self.absolute(url)
        for _ in range(_MOST_REDIRECTS):
            answered = self._once(verb, address, given, data)
            target = answered.headers.get("location")
            if answered.status not in followed or not target:
                return answered
            # "The request should be repeated verbatim to the URI specified in the Location header field"
            # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
            address = self.absolute(urllib.parse.urljoin(address, target))
        return answered

    def absolute(self, url: str) -> str:
        """Return the full address; a credential never goes to another host."""
        if url.startswith("/"):
            return f"{self.api_url}{url}"
        if not url.startswith(f"{self._origin}/"):
            raise errors.UnavailableError(
                f"GitHub points to {translation.quoted(url)}, which is not at {self._origin}: "
                "set GATEKEEPER_GITHUB_API to the address that it uses for itself"
            )
        return url

    @contextlib.contextmanager
    def opened(self, address: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """Give what is at an address outside of the API, unread, asked for with no credential; follows no redirect.

        Raises UnavailableError where there is no answer, or it breaks off while it is read in the block.
        """
        began, status = time.monotonic(), 0
        # as it is: what is decompressed on the way can be of any size
        given = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
        try:
            with self._http.get(
                address, headers=given, timeout=self._timeout, allow_redirects=False, stream=True
            ) as answered:
                status = answered.status_code
                yield answered
        except (requests.RequestException, urllib3.exceptions.HTTPError) as exc:
            raise translation.foreign(exc, DOWNLOAD) from exc
        finally:
            self._observe(DOWNLOAD, time.monotonic() - began, status)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _once(self, verb: str, address: str, headers: Mapping[str, str], data: str | None) -> Answer:
        began, status = time.monotonic(), 0
        try:
            # wanted as bytes: requests would send a string as Latin-1
            sent = None if data is None else data.encode()
            got = self._http.request(
                verb, address, headers=dict(headers), data=sent, timeout=self._timeout, allow_redirects=False
            )
            status = got.status_code
        except requests.RequestException as exc:
            raise translation.foreign(exc, operation(verb, address)) from exc
        finally:
            self._observe(operation(verb, address), time.monotonic() - began, status)
        text = got.content.decode("utf-8", errors="replace")
        return Answer(status=status, headers={name.lower(): value for name, value in got.headers.items()}, text=text)


def operation(verb: str, url: str) -> str:
    """Return the request without names, numbers and query: few different words, and nobody's secret."""
    parts = urllib.parse.urlsplit(url).path.strip("/").split("/")
    while parts and parts[0] in {"api", "v3"}:
        parts = parts[1:]
    return f"{verb} /{'/'.join(part if part in _STEADY else '*' for part in parts)}"


class Limits:
    """How often in a row a limit was met, by installation (0: the App itself). Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._repeated: dict[int, int] = {}

    def heard(self, installation: int, answered: Answer) -> None:
        """Take note of an answer."""
        if answered.status < 400:  # noqa: PLR2004
            with self._lock:
                self._repeated.pop(installation, None)

    def wait(self, installation: int) -> float:
        """Return the seconds to wait at a secondary limit that names no time: longer each time in a row."""
        with self._lock:
            times = self._repeated.get(installation, 0)
            return min(translation.FIRST_WAIT * 2.0**times, translation.LONGEST_WAIT)

    def tripped(self, installation: int) -> None:
        """Take note that a limit was met."""
        with self._lock:
            self._repeated[installation] = min(self._repeated.get(installation, 0) + 1, 16)


def _connections() -> requests.Session:
    made = requests.Session()
    # nothing but what is given: no passwords of ~/.netrc, no cookies kept
    made.auth = _as_it_is
    made.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    # a request that may have been carried out is never sent again from here
    kept = requests.adapters.HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL, max_retries=0)
    for scheme in ("https://", "http://"):
        made.mount(scheme, kept)
    return made


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
