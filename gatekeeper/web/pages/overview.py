"""`GET /`: all repositories that may be seen, and how good their gates are."""

import flask

from gatekeeper.web.pages import addresses
from gatekeeper.web.pages.using import Using


def answer(using: Using) -> flask.Response:
    """Answer with the table of repositories over the window that the address names."""
    days = addresses.days(flask.request.args)
    found = using.queries.overview(using.audience, days, using.now())
    choices = [(one, f"/?days={one}") for one in addresses.WINDOWS]
    return using.render("pages/overview.html", here="overview", found=found, choices=choices)
