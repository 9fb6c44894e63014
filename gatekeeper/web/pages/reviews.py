"""`GET /reviews`: the list of reviews, filtered by its address."""

import urllib.parse

import flask

from gatekeeper.web.pages import addresses
from gatekeeper.web.pages.using import Using

# reviews on one page
_LIMIT = 50


def answer(using: Using) -> flask.Response:
    """Answer with one page of the list; where the next begins is in the address of its link."""
    given = flask.request.args
    wanted = addresses.chosen(given)
    found = using.queries.reviews(using.audience, wanted, addresses.cursor(given), _LIMIT)
    query = addresses.of_filter(wanted)
    following = {**query, "after": addresses.of_cursor(found.following)} if found.following else None
    return using.render(
        "pages/reviews.html",
        here="reviews",
        found=found,
        query=query,
        exported=urllib.parse.urlencode(query),
        following=urllib.parse.urlencode(following) if following else None,
        later="after" in given,
    )
