"""Plots: the same bytes for the same values, small, quick, and equal to what libraries compute."""

import random
import re
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from flask.testing import FlaskClient
from scipy import stats
from sklearn import metrics

from gatekeeper.accuracy import counts
from gatekeeper.web import plots
from gatekeeper.web.pages import charts
from tests import web_samples, web_setting

PAGE = web_samples.repository_page()
CHARTS = {chart.name: chart for chart in charts.charts(PAGE)}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return web_setting.application(web_setting.queries()).test_client()


@pytest.mark.parametrize("theme", plots.Theme)
@pytest.mark.parametrize("name", CHARTS)
def test_a_plot_is_small_deterministic_and_made_of_text(name: str, theme: plots.Theme) -> None:
    drawn = plots.draw(CHARTS[name].series, theme)
    begun = time.perf_counter()
    again = plots.draw(CHARTS[name].series, theme)
    seconds = time.perf_counter() - begun

    assert drawn == again
    assert len(drawn) < 60_000
    # measured: at most 120 ms on a quiet machine; the limit is for busy ones
    assert seconds < 1
    ET.fromstring(drawn)
    assert b"<text" in drawn
    assert not re.search(rb"<(script|image|foreignObject)|href=\"(?!#)", drawn)


def test_threads_draw_what_one_draws() -> None:
    asked = [(chart.series, theme) for chart in CHARTS.values() for theme in plots.Theme]
    wanted = [plots.draw(*one) for one in asked]

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda one: plots.draw(*one), asked)) == wanted


def test_the_page_names_plots_that_are_served_and_kept(client: FlaskClient) -> None:
    body = client.get("/repositories/7").text
    found = [address.replace("&amp;", "&") for address in re.findall(r'(?:srcset|src)="(/rep[^"]+svg[^"]+)"', body)]

    assert len(found) == 2 * len(CHARTS) == 6
    for address in found:
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert "immutable" in answer.headers["Cache-Control"]
        assert "private" in answer.headers["Cache-Control"]
        tag = answer.headers["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
        assert client.get(address.replace("&v=", "&v=0"), headers={"If-None-Match": "other"}).status_code == 200
    assert client.get("/repositories/7/plots/other.svg").status_code == 404
    assert client.get("/repositories/7/plots/trend.svg?theme=sepia").status_code == 400
    assert "must-revalidate" not in client.get("/repositories/7/plots/trend.svg").headers["Cache-Control"]


def test_alternative_text_says_what_a_plot_shows(client: FlaskClient) -> None:
    body = client.get("/repositories/7").text

    for chart in CHARTS.values():
        assert re.search(r"\d", chart.finding)
        assert f'alt="{chart.finding}"' in body
        assert all(len(row) == len(chart.head) for row in chart.rows)
        assert chart.rows


def test_the_curve_is_scikit_learns() -> None:
    chance = random.Random(5)
    scores = [chance.randint(0, counts.BINS) for _ in range(400)]
    broken = [chance.random() < score / counts.BINS for score in scores]
    sides: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for score, real in zip(scores, broken, strict=True):
        side = sides[0 if real else 1]
        side[score] = side.get(score, 0) + 1
    day = replace(PAGE.trend[0], tests=counts.Counts(broken=sides[0], sound=sides[1]))
    chart = next(one for one in charts.charts(replace(PAGE, trend=(day,))) if one.name == "precision-recall")

    precision, recall, _ = metrics.precision_recall_curve(broken, np.array(scores) / counts.BINS)

    assert isinstance(chart.series, charts.Curve)
    # scikit-learn's has a last point at no recall
    assert [point for point, _ in chart.series.points] == pytest.approx(list(recall[:-1][::-1]))
    assert [point for _, point in chart.series.points] == pytest.approx(list(precision[:-1][::-1]))


@pytest.mark.parametrize(("part", "whole"), [(0, 1), (1, 1), (3, 10), (36, 38), (500, 1000), (0, 40)])
def test_intervals_of_shares_are_scipys(part: int, whole: int) -> None:
    found = charts.rate(part, whole)
    wanted = stats.binomtest(part, whole).proportion_ci(method="wilson")

    assert found is not None
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-6)
    assert charts.rate(0, 0) is None


def test_the_parts_of_a_trend_cover_the_window_once() -> None:
    trend = CHARTS["trend"].series

    assert isinstance(trend, charts.Trend)
    assert trend.parts[0].first == PAGE.window.first
    assert trend.parts[-1].last == PAGE.window.last
    for before, after in zip(trend.parts, trend.parts[1:], strict=False):
        assert (after.first - before.last).days == 1
    inside = [day for day in PAGE.trend if PAGE.window.first <= day.day <= PAGE.window.last]
    assert sum(part.reviews for part in trend.parts) == sum(day.reviews for day in inside)


def test_there_is_no_plot_of_nothing() -> None:
    assert charts.charts(replace(PAGE, trend=(), scored=())) == ()
    quiet = replace(PAGE.trend[0], tests=counts.Counts(), pull_requests=counts.Counts())
    assert [one.name for one in charts.charts(replace(PAGE, trend=(quiet,), scored=()))] == []
