"""The pages over real records: who sees what, plots, hostile text that went through the database."""

import functools
import re
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy
from flask.testing import FlaskClient

from gatekeeper.store import views
from gatekeeper.views import audience, repository
from gatekeeper.web import access, app, pages
from gatekeeper.web.pages import charts
from tests import databases
from tests.integration import view_samples

_WINDOW = repository.Window(first=date(2020, 1, 1), last=view_samples.NOW.date())


@pytest.fixture(name="engine", scope="module")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlalchemy.Engine]:
    with databases.opened("sqlite", tmp_path_factory.mktemp("pages")) as engine:
        view_samples.fill(engine)
        yield engine


def _client(engine: sqlalchemy.Engine, seen: audience.Audience) -> FlaskClient:
    viewer = access.Viewer(how=access.How.SESSION, login="ada", person=1, audience=seen)
    queries = pages.Queries(
        overview=functools.partial(views.overview, engine),
        repository=functools.partial(views.repository, engine),
        plotted=functools.partial(views.plotted, engine),
        reviews=functools.partial(views.reviews, engine),
        review=functools.partial(views.review, engine),
        prediction=functools.partial(views.prediction, engine),
        work=functools.partial(views.work, engine),
    )
    looking = access.Access(lambda: viewer, lambda _: viewer)
    made = app.create_app([pages.blueprint(queries, looking, lambda: view_samples.NOW), pages.files()])
    return made.test_client()


def _number(engine: sqlalchemy.Engine, name: str) -> int:
    found = views.overview(engine, view_samples.EVERYTHING, 90, view_samples.NOW)
    return next(line.id for line in found.lines if line.name == name)


def _addresses(engine: sqlalchemy.Engine, name: str, review: int) -> list[str]:
    number, mine = _number(engine, name), view_samples.identity(review)
    plots = [f"/repositories/{number}/plots/{name}.svg?first=2020-01-01" for name in ("trend", "precision-recall")]
    return [f"/repositories/{number}", *plots, f"/reviews/{mine}", f"/reviews/{mine}/tests/0"]


def test_every_page_shows_what_was_recorded(engine: sqlalchemy.Engine) -> None:
    client = _client(engine, view_samples.EVERYTHING)

    for path in ("/", "/reviews", "/work", *_addresses(engine, view_samples.OPEN.name, 1)):
        assert client.get(path).status_code == 200, path
    assert view_samples.SECRET.name in client.get("/").text
    listed = client.get("/reviews?result=miss").text
    assert f"/reviews/{view_samples.identity(4)}" in listed
    assert f"/reviews/{view_samples.identity(1)}" not in listed


def test_a_reader_of_one_repository_meets_404_at_every_address_of_another(engine: sqlalchemy.Engine) -> None:
    client = _client(engine, view_samples.READER)

    for path in _addresses(engine, view_samples.SECRET.name, 7):
        assert client.get(path).status_code == 404, path
    for path in ("/", "/reviews", f"/reviews?repository={_number(engine, view_samples.SECRET.name)}"):
        assert view_samples.SECRET.name not in client.get(path).text
    assert client.get("/work").status_code == 404
    for path in _addresses(engine, view_samples.OPEN.name, 1):
        assert client.get(path).status_code == 200, path


def test_plots_show_what_the_page_that_names_them_does(engine: sqlalchemy.Engine) -> None:
    number = _number(engine, view_samples.OPEN.name)
    page = views.repository(engine, view_samples.READER, number, _WINDOW)
    plotted = views.plotted(engine, view_samples.READER, number, _WINDOW)

    assert page is not None
    assert plotted is not None
    shown = {chart.name: chart.digest for chart in charts.charts(page)}
    assert shown
    assert {chart.name: chart.digest for chart in charts.charts(plotted)} == shown
    hidden = _number(engine, view_samples.SECRET.name)
    assert views.plotted(engine, view_samples.READER, hidden, _WINDOW) is None


def test_hostile_text_from_the_records_is_text(engine: sqlalchemy.Engine) -> None:
    review = view_samples.hostile(engine)
    client = _client(engine, view_samples.EVERYTHING)

    for path in ("/", "/reviews", f"/reviews/{review}", f"/reviews/{review}/tests/0"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text
        assert re.search(r"[\x00\u202e]", answer.text) is None
    assert "&lt;script&gt;alert(1)" in client.get(f"/reviews/{review}").text
