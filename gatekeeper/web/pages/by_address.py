"""The full report of one review, for those whom its check run gave the address.

The address is the permission: it holds a random number of 122 bits, which only the check run and the comments show,
to those who may read the repository.
"""

import re
from collections.abc import Callable

import flask

# how a review is numbered by the service; what `gatekeeper review` recorded here has no page
_ID = re.compile(r"[0-9a-f]{32}")
_HEADERS = {
    # the page's own policy, beside it, names its one style sheet
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Robots-Tag": "noindex, nofollow",
}


def blueprint(page: Callable[[str], str | None]) -> flask.Blueprint:
    """Return what answers `GET /reviews/{id}` with what `page` makes of the id; 404 where it makes nothing."""
    made = flask.Blueprint("pages", __name__)

    @made.get("/reviews/<identity>")
    def review(identity: str) -> flask.Response:
        found = page(identity) if _ID.fullmatch(identity) else None
        if found is None:
            flask.abort(404, "There is no review of that number; it may have been deleted.")
        response = flask.make_response(found)
        response.headers.update(_HEADERS)
        return response

    return made
