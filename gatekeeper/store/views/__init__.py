"""Queries behind the pages, the API and the exports: each takes an audience, and shows nothing beyond it.

What is not there and what may not be seen are answered alike, by None.
"""

from gatekeeper.store.views.badges import badge
from gatekeeper.store.views.exports import predictions, predictions_of, review_lines
from gatekeeper.store.views.lists import reviews
from gatekeeper.store.views.overviews import overview
from gatekeeper.store.views.predictionpages import prediction
from gatekeeper.store.views.repositorypages import calibrators, changes, plotted, repository, trend
from gatekeeper.store.views.reviewpages import review
from gatekeeper.store.views.works import work

__all__ = [
    "badge",
    "calibrators",
    "changes",
    "overview",
    "plotted",
    "prediction",
    "predictions",
    "predictions_of",
    "repository",
    "review",
    "review_lines",
    "reviews",
    "trend",
    "work",
]
