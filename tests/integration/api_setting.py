"""The API over records of the tests' own, with tokens that need nobody's word."""

import flask
import sqlalchemy
from flask.testing import FlaskClient

from gatekeeper.views import audience
from gatekeeper.web import access, api, app
from gatekeeper.web.api import problems
from tests.integration import view_samples

KEY = b"k" * 32
# token -> what it opens
TOKENS = {
    "gk_all": view_samples.EVERYTHING,
    "gk_reader": view_samples.READER,
    "gk_nobody": view_samples.NOBODY,
}


def application(engine: sqlalchemy.Engine) -> flask.Flask:
    """Return the API and nothing else, at the time of the samples."""
    allowed = access.Access(lambda: access.NOBODY, _bearer)
    parts = api.blueprints(engine, allowed, lambda: view_samples.NOW, key=KEY)
    return app.create_app(parts, look=_look)


def client(engine: sqlalchemy.Engine, token: str | None = "gk_reader") -> FlaskClient:
    """Return what asks with that token."""
    made = application(engine).test_client()
    if token is not None:
        made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return made


def _bearer(token: str) -> access.Viewer:
    seen: audience.Audience | None = TOKENS.get(token)
    if seen is None:
        raise access.unauthorized("This token is none.")
    return access.Viewer(how=access.How.TOKEN, audience=seen)


def _look(code: int, reason: str) -> flask.Response | None:
    return problems.response(code, reason) if problems.wanted(flask.request) else None
