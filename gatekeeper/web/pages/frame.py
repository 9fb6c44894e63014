"""What all pages have in common: templates, the frame around them, headers."""

from functools import cache
from pathlib import Path
from typing import Protocol

import flask
import jinja2

import gatekeeper
from gatekeeper.report import html
from gatekeeper.views import audience as audiences
from gatekeeper.web.pages import assets, said

_TEMPLATES = Path(__file__).parent.parent / "templates"
# everything comes from the service itself, and nothing stands in the page
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class Viewer(Protocol):
    """Who looks, as far as the frame tells it."""

    @property
    def login(self) -> str | None:
        """Name on GitHub; None for whom nobody asked."""

    @property
    def audience(self) -> audiences.Audience:
        """What they may see."""


def render(template: str, *, status: int = 200, viewer: Viewer | None = None, **values: object) -> flask.Response:
    """Answer with a template that extends `layout.html`, for `viewer`: None where nobody is known."""
    shown = environment().get_template(template).render(viewer=viewer, **values)
    response = flask.Response(shown, status=status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # links between pages may say where they come from, others may not
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@cache
def environment() -> jinja2.Environment:
    """Return what renders the pages."""
    made = html.environment(_TEMPLATES)
    made.globals.update(
        url_for=flask.url_for, asset=assets.address, csrf_token=_csrf_token, version=gatekeeper.__version__
    )
    made.globals.update(said.GLOBALS)
    made.filters.update(said.FILTERS)
    return made


def _csrf_token() -> str:
    """Return the token that forms carry; empty where nothing asks for one."""
    make = flask.current_app.jinja_env.globals.get("csrf_token")
    return str(make()) if callable(make) else ""
