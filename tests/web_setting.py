"""The pages over values that tests make, with anybody looking."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flask

from gatekeeper.views import audience as audiences
from gatekeeper.views import repository, reviewpage
from gatekeeper.web import access, app, pages
from tests import web_samples

ADA = access.Viewer(
    how=access.How.SESSION, login="ada", person=1, audience=audiences.Audience(numbers=frozenset({4711}))
)


def queries(change: Callable[[Any], Any] = lambda value: value, *, tests: int = 0, steps: int = 0) -> pages.Queries:
    """Return queries that answer with the samples, each put through `change`."""

    def prediction(_: audiences.Audience, review: str, position: int) -> reviewpage.PredictionPage | None:
        found = web_samples.prediction_page(steps=steps)
        return change(replace(found, position=position)) if position < found.of else None

    return pages.Queries(
        overview=lambda _, days, __: change(web_samples.overview_page(days)),
        repository=lambda _, identity, window: (
            change(replace(web_samples.repository_page(), window=window)) if identity == 7 else None
        ),
        plotted=lambda _, identity, window: change(_plotted(window)) if identity == 7 else None,
        reviews=lambda _, chosen, __, ___: change(web_samples.reviews_page(chosen)),
        review=lambda _, identity: change(web_samples.review_page(tests)) if identity == web_samples.REVIEW else None,
        prediction=prediction,
        work=lambda seen, _: change(web_samples.work_page()) if seen.administrator else None,
    )


def _plotted(window: repository.Window) -> repository.Plotted:
    page = web_samples.repository_page()
    return repository.Plotted(window=window, trend=page.trend, scored=page.scored)


def application(asked: pages.Queries, viewer: access.Viewer = access.OPEN) -> flask.Flask:
    """Return the service with the pages alone, for `viewer`."""
    looking = access.Access(lambda: viewer, lambda _: viewer)
    made = pages.blueprint(asked, looking, lambda: web_samples.NOW)
    return app.create_app([made, pages.files()])
