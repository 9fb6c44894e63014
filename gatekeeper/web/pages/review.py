"""`GET /reviews/{id}`: one review beside what real CI made of it."""

import re
import urllib.parse

import flask

from gatekeeper.report import html
from gatekeeper.simulation import prediction
from gatekeeper.views import reviewpage
from gatekeeper.web.pages import addresses, compared
from gatekeeper.web.pages.using import Using

# what may name a review; what else was asked for is not looked up
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
# tests, and findings, on one page
_TESTS = 100
_FINDINGS = 30


def answer(using: Using, identity: str) -> flask.Response:
    """Answer with the review of that id; 404 where there is none, or it may not be seen."""
    found = using.queries.review(using.audience, identity) if is_id(identity) else None
    if found is None:
        flask.abort(404, "There is no review of that number here; it may have been deleted.")
    given = flask.request.args
    show = addresses.word(given, "show", compared.Kind)
    find = addresses.text(given, "find")
    every = compared.rows(found)
    listed = compared.listing(every, show=show, find=find, first=addresses.number(given, "from"), limit=_TESTS)
    told = html.told(found.done, found.offered, fates=found.fates)
    return using.render(
        "pages/review.html",
        here="reviews",
        found=found,
        told=told,
        findings=_FINDINGS,
        listed=listed,
        show=show,
        find=find,
        moved=lambda first: urllib.parse.urlencode({"show": show or "", "find": find, "from": first}),
        kinds=compared.Kind,
        cost=_cost(found),
    )


def is_id(identity: str) -> bool:
    """Return whether a review may have that id."""
    return _ID.fullmatch(identity) is not None


def _cost(found: reviewpage.ReviewPage) -> prediction.Cost:
    """Return what all attempts on all tests took."""
    whole = prediction.Cost()
    for said in found.done.predictions:
        whole = sum((other.cost for other in said.attempts), whole + said.cost)
    return whole
