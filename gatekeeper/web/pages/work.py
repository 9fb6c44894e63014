"""`GET /work`: deliveries and work in progress, for administrators."""

import flask

from gatekeeper.web.pages import addresses
from gatekeeper.web.pages.using import Using


def answer(using: Using) -> flask.Response:
    """Answer with what is being done; 404 unless for an administrator."""
    after = addresses.text(flask.request.args, "after") or None
    found = using.queries.work(using.audience, after)
    if found is None:
        flask.abort(404, "There is nothing here.")
    return using.render("pages/work.html", here="work", found=found, later=after is not None)
