"""Failures as pages, for browsers."""

import flask
from werkzeug import exceptions

from gatekeeper.web.pages import frame

_TITLES = {
    400: "This address cannot be read",
    401: "You are not signed in",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This cannot be done here",
    413: "That was too much",
    429: "Too many attempts",
    500: "Something went wrong",
    503: "Not available now",
}
_ADVICE = {
    404: "What does not exist and what you may not see look the same. GitHub decides what you may see: if this "
    "repository was given to you a moment ago, wait an hour or sign in again.",
    500: "It is a fault of this program; its log says more. Try again, and tell whoever runs it if it stays.",
    503: "Try again in a minute.",
}
# what programs ask, whatever they accept
_PROGRAMS = ("/api/", "/webhooks", "/healthz", "/readyz", "/metrics")


def wanted(request: flask.Request) -> bool:
    """Return whether a failure of `request` is to be told as a page: a browser asked, and for no program's path."""
    path = request.path
    program = any(path == one.rstrip("/") or path.startswith(one) for one in _PROGRAMS) and path != "/api"
    html = request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
    return not program and html == "text/html"


def page(code: int, reason: str, viewer: frame.Viewer | None = None) -> flask.Response:
    """Answer with a page that says `reason`, in the look of the others; reads nothing, so that it cannot fail too."""
    title = _TITLES.get(code, "This did not work")
    usual = exceptions.default_exceptions.get(code)
    if usual is not None and reason == usual.description:
        # the library's words say less than the title and the advice
        reason = ""
    return frame.render(
        "failure.html", status=code, viewer=viewer, code=code, heading=title, reason=reason, advice=_ADVICE.get(code)
    )
