"""The web application: its parts put together, with what holds for every answer."""

from collections.abc import Callable, Sequence

import flask
import structlog
from werkzeug import exceptions
from werkzeug.middleware.proxy_fix import ProxyFix

from gatekeeper import errors

# no page needs anything that it does not carry itself; pages with a style or a form say so themselves
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # addresses may hold the setup page's token
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# bytes of a body; what takes larger ones says so itself
_LARGEST = 64 * 1024
# seconds
_RETRY = 30
_LOOK = "gatekeeper.look"

# status and reason -> the page that says so; None where a program asked, which gets JSON
Look = Callable[[int, str], flask.Response | None]

_log = structlog.get_logger(__name__)


def create_app(
    parts: Sequence[flask.Blueprint],
    *,
    proxies: int = 0,
    protect: Callable[[flask.Flask], None] | None = None,
    look: Look | None = None,
) -> flask.Flask:
    """Return the application made of `parts`.

    `proxies` is the number of proxies in front whose X-Forwarded headers are believed; with 0 none is, since anybody
    can send them. `protect` adds what has to look at requests before any part does. `look` shows failures; without
    one all are JSON.
    """
    app = flask.Flask("gatekeeper.web", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST
    app.url_map.strict_slashes = False
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # Flask's documented way
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    app.extensions[_LOOK] = look or _plain
    if protect is not None:
        protect(app)
    for part in parts:
        app.register_blueprint(part)
    app.register_error_handler(exceptions.HTTPException, _refused)
    app.register_error_handler(errors.StoreError, _unavailable)
    app.register_error_handler(Exception, _fault)
    app.after_request(_with_headers)
    return app


def _refused(error: exceptions.HTTPException) -> flask.Response:
    response = _answer(error.code or 500, error.description or error.name)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _unavailable(error: errors.StoreError) -> flask.Response:
    _log.error("the database cannot be used", reason=str(error))
    response = _answer(503, "The service cannot reach its records now; try again later.")
    response.headers["Retry-After"] = str(_RETRY)
    return response


def _fault(error: Exception) -> flask.Response:
    """Answer that something is wrong, without a word of what: the log has it."""
    _log.error("a fault of this program", exc_info=error, path=flask.request.path[:200])
    return _answer(500, "A fault of this program; its log says more.")


def _answer(code: int, reason: str) -> flask.Response:
    look: Look = flask.current_app.extensions[_LOOK]
    shown = look(code, reason)
    if shown is not None:
        return shown
    response = flask.jsonify(status="error", reason=reason)
    response.status_code = code
    return response


def _plain(_code: int, _reason: str) -> None:
    """Show nothing but JSON."""


def _with_headers(response: flask.Response) -> flask.Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if flask.request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
