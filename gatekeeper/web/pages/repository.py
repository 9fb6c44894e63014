"""`GET /repositories/{id}`: how good one repository's gate is, what it may do, and why; and its plots."""

import urllib.parse
from dataclasses import replace
from datetime import timedelta

import flask

from gatekeeper.views import repository
from gatekeeper.web.pages import addresses, charts, earned
from gatekeeper.web.pages.using import Using

# an address with another digest is another plot
_KEPT = "private, max-age=86400, immutable"
# opened by itself, its style is its own
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def answer(using: Using, identity: int) -> flask.Response:
    """Answer with the repository of that number over the window that the address names; 404 where there is none."""
    window = addresses.window(flask.request.args, using.now().date())
    found = using.queries.repository(using.audience, identity, window)
    if found is None:
        flask.abort(404, "There is no repository of that number here.")
    plots = charts.charts(found)
    return using.render(
        "pages/repository.html",
        here="overview",
        found=found,
        charts=plots,
        plot=lambda chart, theme: _address(found, chart, theme),
        choices=[(days, f"?{_query(found.window, days)}") for days in addresses.WINDOWS],
        query=urllib.parse.urlencode(addresses.of_window(found.window)),
        gate=next((one for one in found.scored if one.engine == "gate"), None),
        badge=using.badge(found.id) if using.badge else None,
        here_at=flask.request.host_url.rstrip("/"),
        standings=[(one, earned.next_level(one)) for one in found.standings],
    )


def plot(using: Using, identity: int, name: str) -> flask.Response:
    """Answer with one plot as SVG; 404 where there is nothing to show."""
    # matplotlib takes most of a second to load, which the first plot may take
    from gatekeeper.web import plots

    theme = addresses.word(flask.request.args, "theme", plots.Theme) or plots.Theme.LIGHT
    window = addresses.window(flask.request.args, using.now().date())
    plotted = using.queries.plotted(using.audience, identity, window)
    found = next((one for one in charts.charts(plotted) if one.name == name), None) if plotted else None
    if found is None:
        flask.abort(404, "There is no such plot, or nothing to show on it.")
    response = flask.Response(content_type="image/svg+xml")
    response.set_etag(f"{found.digest}-{theme}")
    response.headers["Cache-Control"] = _KEPT if flask.request.args.get("v") == found.digest else "private, no-cache"
    response.headers["Content-Security-Policy"] = _POLICY
    if not flask.request.if_none_match.contains(f"{found.digest}-{theme}"):
        response.set_data(plots.draw(found.series, theme))
    response.make_conditional(flask.request)
    return response


def _address(found: repository.RepositoryPage, chart: charts.Chart, theme: str) -> str:
    query = addresses.of_window(found.window) | {"theme": theme, "v": chart.digest}
    return f"/repositories/{found.id}/plots/{chart.name}.svg?{urllib.parse.urlencode(query)}"


def _query(window: repository.Window, days: int) -> str:
    back = replace(window, first=window.last - timedelta(days=days - 1))
    return urllib.parse.urlencode(addresses.of_window(back))
