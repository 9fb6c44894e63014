"""The pages on which the App is created: what is wanted, what GitHub is asked for, and what came of it.

Only whoever knows the token that the log shows gets to see them; the way back from GitHub is proved by a state that
is good once.
"""

import base64
import hashlib
import hmac
import re
import secrets
import threading
import urllib.parse
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import flask
import structlog
from markupsafe import Markup

from gatekeeper import errors
from gatekeeper.forge import manifest, permissions
from gatekeeper.web import access

_TEMPLATES = Path(__file__).parent / "templates"
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})", re.ASCII)
_LONGEST_ADDRESS = 300
# bytes of a form
_LARGEST = 16 * 1024
# attempts that are remembered: a browser's back button makes several
_REMEMBERED = 16
# seconds: as long as GitHub's code is good
_GOOD = 3600.0

# takes the code that GitHub gave; raises GatekeeperError
Create = Callable[[manifest.Wanted, str], manifest.Created]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the form holds, as it was typed."""

    name: str = ""
    organisation: str = ""
    url: str = ""
    github: str = manifest.GITHUB


class Pending:
    """The attempts that GitHub has not answered yet. Safe for threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` is a clock in seconds."""
        self._now = now
        self._lock = threading.Lock()
        self._wanted: OrderedDict[str, tuple[float, manifest.Wanted]] = OrderedDict()

    def begin(self, wanted: manifest.Wanted) -> str:
        """Return a state that `end` takes once."""
        state = secrets.token_urlsafe(24)
        with self._lock:
            self._wanted[state] = (self._now() + _GOOD, wanted)
            while len(self._wanted) > _REMEMBERED:
                self._wanted.popitem(last=False)
        return state

    def end(self, given: str) -> manifest.Wanted | None:
        """Return what was begun with the state, and forget it; None for a state that is none, or too old."""
        with self._lock:
            # all of them are compared, each in constant time
            found = [state for state in self._wanted if _same(state, given)]
            until, wanted = self._wanted.pop(found[0]) if found else (0.0, None)
            return wanted if self._now() < until else None


def blueprint(
    token: str, create: Create, now: Callable[[], float], *, url: str | None, github: str = manifest.GITHUB
) -> flask.Blueprint:
    """Return the pages; `create` is called once GitHub sent its code.

    `url` is the service's public address, where one is set: the form suggests it, and GitHub sends the browser there.
    `github` is the address that the form suggests for GitHub.
    """
    pages = _Pages(token, create, Pending(now), url or "", github)
    made = flask.Blueprint("setup", __name__, template_folder="templates")
    made.before_request(_bound)
    made.add_url_rule("/", view_func=pages.top)
    made.add_url_rule("/setup", "ask", pages.ask)
    made.add_url_rule("/setup", "confirm", pages.confirm, methods=["POST"])
    made.add_url_rule("/setup/created", "created", pages.created)
    return made


@dataclass(frozen=True, slots=True)
class _Pages:
    token: str
    create: Create
    pending: Pending
    url: str
    github: str

    def top(self) -> flask.Response:
        return _page("setup_closed.html", 200)

    def ask(self) -> flask.Response:
        if not _same(self.token, flask.request.args.get("token", "")):
            return _page("setup_closed.html", 403)
        return _form(Filled(url=self.url, github=self.github), {}, self.token)

    def confirm(self) -> flask.Response:
        if not _same(self.token, flask.request.form.get("token", "")):
            return _page("setup_closed.html", 403)
        filled = _filled(flask.request.form)
        problems = _problems(filled)
        if problems:
            return _form(filled, problems, self.token)
        wanted = _wanted(filled)
        # where the browser is now, as far as is known behind a proxy
        here = self.url or flask.request.host_url.rstrip("/")
        back = f"{here}{flask.url_for('setup.created')}"
        return _page(
            "setup_confirm.html",
            200,
            wanted=wanted,
            action=manifest.form(wanted, self.pending.begin(wanted)),
            manifest=manifest.text(wanted, created=back, signed_in=f"{wanted.url or here}{access.CALLBACK}"),
            permissions=permissions.MANIFEST_PERMISSIONS,
            form_to=wanted.github,
        )

    def created(self) -> flask.Response:
        wanted = self.pending.end(flask.request.args.get("state", ""))
        if wanted is None:
            return _page("setup_failed.html", 403, reason="This answer of GitHub was not asked for, or is too old.")
        try:
            app = self.create(wanted, flask.request.args.get("code", ""))
        except errors.GatekeeperError as error:
            _log.error("the App was not set up", reason=str(error))
            return _page("setup_failed.html", 502, reason=str(error))
        _log.info("the App was created", app=app.id, slug=app.slug)
        return _page("setup_created.html", 200, app=app, wanted=wanted)


def _bound() -> None:
    flask.request.max_content_length = _LARGEST


def _form(filled: Filled, problems: Mapping[str, str], token: str) -> flask.Response:
    return _page(
        "setup.html",
        400 if problems else 200,
        filled=filled,
        problems=problems,
        token=token,
        longest=manifest.LONGEST_NAME,
        form_to="'self'",
    )


def _filled(given: Mapping[str, str]) -> Filled:
    return Filled(
        name=given.get("name", "").strip(),
        organisation=given.get("organisation", "").strip(),
        url=given.get("url", "").strip().rstrip("/"),
        github=given.get("github", "").strip().rstrip("/") or manifest.GITHUB,
    )


def _problems(filled: Filled) -> dict[str, str]:
    """Return the field that cannot be used -> what to do."""
    found = {}
    if not 0 < len(filled.name) <= manifest.LONGEST_NAME or not filled.name.isprintable():
        found["name"] = f"Give a name of at most {manifest.LONGEST_NAME} characters."
    if filled.organisation and not _OWNER.fullmatch(filled.organisation):
        found["organisation"] = "Give the organisation's name as it stands in its address."
    if filled.url and not _is_address(filled.url):
        found["url"] = "Give an address such as https://gate.example.com, or nothing."
    if not _is_address(filled.github) or urllib.parse.urlsplit(filled.github).path:
        found["github"] = "Give an address such as https://github.example.com."
    return found


def _is_address(text: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(text)
        near = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        sound = parts.port != 0 and parts.username is None and parts.password is None
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \"'<>;,")
    safe = parts.scheme == "https" or (parts.scheme == "http" and near)
    whole = bool(parts.hostname) and not parts.query and not parts.fragment
    return len(text) <= _LONGEST_ADDRESS and plain and safe and whole and sound


def _wanted(filled: Filled) -> manifest.Wanted:
    return manifest.Wanted(
        name=filled.name, organisation=filled.organisation or None, url=filled.url or None, github=filled.github
    )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _page(template: str, status: int, *, form_to: str = "'none'", **values: object) -> flask.Response:
    style = (_TEMPLATES / "setup.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # ours, and must reach the page byte for byte
    shown = flask.render_template(template, style=Markup(style), **values)  # noqa: S704
    response = flask.Response(shown, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {form_to}; "
        "frame-ancestors 'none'"
    )
    return response
