"""What pages load beside themselves: one style sheet, two scripts, a sign; all from the package, by digest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import flask

from gatekeeper.report import html

_FOREVER = "public, max-age=31536000, immutable"
# hexadecimal digits of the digest in an address
_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file, as it is served."""

    content: bytes
    type: str
    digest: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return name -> file."""
    own = resources.files("gatekeeper.web") / "static"
    htmx = resources.files("js_lib_htmx") / "static/htmx/htmx.min.js"
    sheet = html.style().encode() + (own / "pages.css").read_bytes()
    return {
        "pages.css": _asset(sheet, "text/css; charset=utf-8"),
        "keys.js": _asset((own / "keys.js").read_bytes(), "text/javascript; charset=utf-8"),
        "htmx.js": _asset(htmx.read_bytes(), "text/javascript; charset=utf-8"),
        "sign.svg": _asset((own / "sign.svg").read_bytes(), "image/svg+xml"),
    }


def address(name: str) -> str:
    """Return the path of a file, which changes with its content."""
    return f"/static/{assets()[name].digest}/{name}"


def file(digest: str, name: str) -> flask.Response:
    """Answer `GET /static/{digest}/{name}`; 404 where there is no such file with that content."""
    found = assets().get(name)
    if found is None or found.digest != digest:
        flask.abort(404, "There is no such file.")
    response = flask.Response(found.content, content_type=found.type)
    response.headers["Cache-Control"] = _FOREVER
    return response


def _asset(content: bytes, kind: str) -> Asset:
    return Asset(content=content, type=kind, digest=hashlib.sha256(content).hexdigest()[:_DIGITS])
