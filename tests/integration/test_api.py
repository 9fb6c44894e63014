"""The REST API: answers, failures, what a client may keep, exports, badges."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy
from defusedxml import ElementTree

from gatekeeper.accuracy import figures
from gatekeeper.store import models
from gatekeeper.views import audience
from gatekeeper.web import access, api, app
from gatekeeper.web.api import badge, description
from tests import databases
from tests.integration import api_setting, view_samples

RIGHT = view_samples.identity(1)
PROBLEM = "application/problem+json"


@pytest.fixture(name="engine", scope="module")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlalchemy.Engine]:
    """Give records that tests only read."""
    with databases.opened("sqlite", tmp_path_factory.mktemp("api")) as engine:
        view_samples.fill(engine)
        view_samples.hostile(engine)
        yield engine


def _number(engine: sqlalchemy.Engine, name: str) -> int:
    with engine.connect() as connection:
        mine = sqlalchemy.select(models.Repository.id).where(models.Repository.name == name)
        return connection.execute(mine).scalar_one()


def _get(engine: sqlalchemy.Engine, path: str, token: str = "gk_reader") -> Any:
    found = api_setting.client(engine, token).get(path)
    assert found.status_code == 200, found.text
    return found.json


def test_the_overview_is_that_of_the_page(engine: sqlalchemy.Engine) -> None:
    found = _get(engine, "/api/overview?days=30")

    assert [line["name"] for line in found["lines"]] == ["acme/open"]
    assert found["lines"][0]["figures"]["true_positives"] == 1
    assert _get(engine, "/api/repositories?days=30")["repositories"] == found["lines"]


def test_a_repository_has_its_figures_and_its_parts_addresses_of_their_own(engine: sqlalchemy.Engine) -> None:
    start = f"/api/repositories/{_number(engine, 'acme/open')}"

    found = _get(engine, f"{start}?days=30&engine=sandbox")
    assert [(one["engine"], one["version"]) for one in found["scored"]][1:3] == [("sandbox", ""), ("sandbox", "1")]
    assert found["window"] == {
        "first": "2026-10-23",
        "last": "2026-11-21",
        "engine": "sandbox",
        "model": None,
        "version": None,
    }
    days = _get(engine, f"{start}/trend?first=2026-11-09&last=2026-11-11")["days"]
    assert [date.fromisoformat(day["day"]).day for day in days] == [9, 11]
    assert days[0]["pull_requests"]["confusion"]["false_positives"] == 1
    assert _get(engine, f"{start}/calibrators") == {"calibrators": []}
    assert _get(engine, f"{start}/authority-changes")["changes"] == []


def test_pages_of_reviews_follow_each_other(engine: sqlalchemy.Engine) -> None:
    first = _get(engine, "/api/reviews?limit=4")
    rest = _get(engine, f"/api/reviews?limit=4&after={first['following']}")

    assert [one["pull"] for one in (*first["reviews"], *rest["reviews"])] == [None, 6, 5, 4, 3, 2, 1]
    assert rest["following"] is None
    assert [one["result"] for one in _get(engine, "/api/reviews?result=miss")["reviews"]] == ["miss"]


def test_a_review_has_its_predictions_at_an_address_of_their_own(engine: sqlalchemy.Engine) -> None:
    found = _get(engine, f"/api/reviews/{RIGHT}")
    assert (found["line"]["result"], found["settled"]["label"], found["settled"]["tests"]["matched"]) == (
        "right",
        "broken",
        2,
    )

    first = _get(engine, f"/api/reviews/{RIGHT}/predictions?limit=1")
    rest = _get(engine, f"/api/reviews/{RIGHT}/predictions?after={first['following']}")
    assert [(one["predicted"], one["outcome"]) for one in (*first["predictions"], *rest["predictions"])] == [
        ("fail", "fail"),
        ("pass", "pass"),
    ]
    assert rest["following"] is None
    assert _get(engine, f"/api/reviews/{RIGHT}/predictions/1")["said"]["test"] == "tests/test_sums.py::test_sub"


def test_what_may_not_be_seen_is_not_there(engine: sqlalchemy.Engine) -> None:
    theirs, review = _number(engine, "acme/secret"), view_samples.identity(7)
    asking = api_setting.client(engine)

    for path in (
        f"/api/repositories/{theirs}",
        f"/api/repositories/{theirs}/trend",
        f"/api/repositories/{theirs}/calibrators",
        f"/api/repositories/{theirs}/authority-changes",
        f"/api/reviews/{review}",
        f"/api/reviews/{review}/predictions",
        f"/api/reviews/{review}/predictions/0",
        f"/repositories/{theirs}/predictions.csv",
        f"/repositories/{theirs}/predictions.json",
    ):
        hidden = asking.get(path)
        missing = asking.get(path.replace(f"/{theirs}", "/999").replace(review, "f" * 32))
        assert (hidden.status_code, hidden.data) == (missing.status_code, missing.data), path
        assert hidden.status_code == 404
        assert api_setting.client(engine, "gk_all").get(path).status_code == 200, path


@pytest.mark.parametrize("token", [None, "gk_wrong"])
def test_nothing_is_answered_without_a_token(engine: sqlalchemy.Engine, token: str | None) -> None:
    asking = api_setting.client(engine, token)

    for one in ("/api/overview", "/api/reviews", "/api/openapi.json", f"/api/reviews/{RIGHT}"):
        refused = asking.get(one)
        assert (refused.status_code, refused.content_type) == (401, PROBLEM)
        assert refused.json is not None
        assert refused.json["status"] == 401
    assert asking.get("/reviews.csv").status_code in {303, 401}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", ["limit"]),
        ("limit=7.0", ["limit"]),
        ("first=0", ["first"]),
        ("last=2026-02-30", ["last"]),
        ("result=fine", ["result"]),
        ("after=yesterday", ["after"]),
        ("sha=x", ["sha"]),
        ("resutl=miss&limit=-1", ["limit", "resutl"]),
    ],
)
def test_a_query_that_cannot_be_read_is_refused_with_its_parameters(
    engine: sqlalchemy.Engine, query: str, named: list[str]
) -> None:
    refused = api_setting.client(engine).get(f"/api/reviews?{query}")

    assert (refused.status_code, refused.content_type) == (400, PROBLEM)
    assert refused.json is not None
    assert sorted(one["parameter"] for one in refused.json["errors"]) == named
    assert all(name in refused.json["detail"] for name in named)


def test_a_client_is_told_that_nothing_has_changed(engine: sqlalchemy.Engine) -> None:
    asking = api_setting.client(engine)
    first = asking.get("/api/reviews")

    again = asking.get("/api/reviews", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert set(first.headers["Vary"].split(", ")) == {"Authorization", "Cookie"}
    other = api_setting.client(engine, "gk_all").get("/api/reviews", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(engine: sqlalchemy.Engine, method: str) -> None:
    refused = api_setting.client(engine).open("/api/reviews", method=method)

    assert (refused.status_code, refused.content_type) == (405, PROBLEM)
    assert "GET" in refused.headers["Allow"]


def test_hostile_texts_come_through_as_data(engine: sqlalchemy.Engine) -> None:
    asking = api_setting.client(engine)
    for path in ("", "/predictions", "/predictions/0"):
        found = asking.get(f"/api/reviews/{view_samples.ATTACKED}{path}")
        assert found.status_code == 200
        assert found.content_type == "application/json"
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert any(view_samples.ATTACK in text for text in _texts(found.json))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def test_an_export_as_csv_is_the_list_with_its_filters(engine: sqlalchemy.Engine) -> None:
    found = api_setting.client(engine).get("/reviews.csv?result=right")

    rows = list(csv.DictReader(io.StringIO(found.text, newline="")))
    assert [(row["pull"], row["result"], row["label"]) for row in rows] == [
        ("3", "right", "sound"),
        ("1", "right", "broken"),
    ]
    assert found.headers["Content-Disposition"] == 'attachment; filename="reviews.csv"'
    assert found.headers["Cache-Control"] == "private, no-store"
    assert found.mimetype == "text/csv"


def test_an_export_as_json_has_the_same_rows(engine: sqlalchemy.Engine) -> None:
    asking = api_setting.client(engine)
    number = _number(engine, "acme/open")
    for path in ("/reviews.{}", f"/repositories/{number}/predictions.{{}}?days=30"):
        rows = list(csv.DictReader(io.StringIO(asking.get(path.format("csv")).text, newline="")))
        found = asking.get(path.format("json")).json
        assert found is not None
        assert [row["review"] for row in rows] == [one["review"] for one in found]
        assert list(rows[0]) == list(found[0])
    nothing = api_setting.client(engine, "gk_nobody").get("/reviews.json")
    assert nothing.json == []


def test_no_cell_of_an_export_is_a_formula(engine: sqlalchemy.Engine) -> None:
    number = _number(engine, "acme/open")
    asking = api_setting.client(engine)
    found = asking.get(f"/repositories/{number}/predictions.csv?days=7")

    rows = list(csv.reader(io.StringIO(found.text, newline="")))
    attacked = [row for row in rows if row[0] == view_samples.ATTACKED]
    assert attacked
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)
    began = [row for row in asking.get("/reviews.json").json or [] if row["review"] == view_samples.ATTACKED]
    assert began


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_begins_as_a_formula_gets_an_apostrophe(tmp_path: Any, start: str) -> None:
    with databases.opened("sqlite", tmp_path) as engine:
        identity = view_samples.named(engine, f"{start}cmd|' /C calc'!A0")

        found = api_setting.client(engine, "gk_all").get("/reviews.csv")

    (row,) = csv.DictReader(io.StringIO(found.text, newline=""))
    assert row["review"] == identity
    assert row["engine"].startswith(f"'{start}")


def test_a_badge_is_seen_by_everybody_who_has_its_address(engine: sqlalchemy.Engine) -> None:
    address = _get(engine, f"/api/repositories/{_number(engine, 'acme/open')}")["badge"]

    found = api_setting.client(engine, None).get(address)

    assert (found.status_code, found.mimetype) == (200, "image/svg+xml")
    assert found.headers["Cache-Control"] == "public, max-age=600"
    assert ElementTree.fromstring(found.text).attrib["aria-label"] == "gate precision, 90 days: 50 %"
    again = api_setting.client(engine, None).get(address, headers={"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304


def test_a_badge_is_not_there_for_who_only_guesses(engine: sqlalchemy.Engine) -> None:
    ours, theirs = _number(engine, "acme/open"), _number(engine, "acme/secret")
    badges = badge.Badges(api_setting.KEY)
    key = badges.address(ours).partition("key=")[2]
    foreign = badge.Badges(b"x" * 32).address(ours)

    for address in (
        f"/repositories/{ours}/badge.svg",
        f"/repositories/{ours}/badge.svg?key=",
        f"/repositories/{ours}/badge.svg?key={key}x",
        f"/repositories/{theirs}/badge.svg?key={key}",
        f"/repositories/{ours}/badge.svg?key=%ff%00",
        badges.address(999),
        foreign,
    ):
        assert api_setting.client(engine, None).get(address).status_code == 404, address


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "not measured"), (1.0, "100 %"), (0.996, "99 %"), (0.29, "29 %"), (0.9, "90 %"), (0.0, "0 %")],
)
def test_a_badge_rounds_nothing_up_and_says_what_is_not_known(value: float | None, said: str) -> None:
    drawn = ElementTree.fromstring(badge.svg(figures.Figure(value=value)))

    assert drawn.attrib["aria-label"].endswith(f": {said}")


def test_the_description_names_every_operation_and_nothing_else(engine: sqlalchemy.Engine) -> None:
    rules = {
        rule.rule.removeprefix("/api").replace("<", "{").replace(">", "}")
        for rule in api_setting.application(engine).url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != "/api/openapi.json"
    }

    assert rules == set(description.openapi()["paths"])


def test_people_read_the_description_as_a_page(engine: sqlalchemy.Engine) -> None:
    viewer = access.Viewer(how=access.How.SESSION, login="maria", audience=audience.Audience())
    allowed = access.Access(lambda: viewer, lambda _: viewer)
    site = app.create_app(api.blueprints(engine, allowed, lambda: datetime.now().astimezone(), key=api_setting.KEY))

    page = site.test_client().get("/api").text

    assert "GET /api/reviews/{review}/predictions" in page
    assert "<code>after</code>" in page
