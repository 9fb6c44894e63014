"""Plots as SVG: the same bytes for the same values, text as text, light and dark.

Figures are made without pyplot, whose state threads would share.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import matplotlib as mpl
from matplotlib import axes, figure
from matplotlib.backends import backend_svg

from gatekeeper.web.pages import charts

# read while a figure is drawn, so they hold for the process; nothing else here draws
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "gatekeeper",
        "font.size": 11,
        # the first comes with matplotlib and says how wide text is; browsers take the first that they have
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans", "Verdana"],
    }
)

_SIZE = (7.2, 3.9)
# shares of it; a layout that is computed takes as long as the drawing
_ROOM = {"left": 0.1, "right": 0.985, "top": 0.985, "bottom": 0.15, "hspace": 0.14}
# of an axis: what is nearer than this looks the same
_NEAR = 0.004
# of an axis: names nearer than this would cover each other
_CLOSE = 0.09


class Theme(StrEnum):
    """For which of a browser's colour schemes."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ink:
    """Colours. First and second are told apart with every common kind of colour blindness, by lightness too."""

    text: str
    faint: str
    line: str
    first: str
    second: str
    soft: str


_INKS = {
    Theme.LIGHT: _Ink(
        text="#1c2128", faint="#59636e", line="#d9dde3", first="#0a58b5", second="#b35900", soft="#c9d9ee"
    ),
    Theme.DARK: _Ink(
        text="#e4e7eb", faint="#9aa4b0", line="#343a43", first="#7db7ff", second="#f0a850", soft="#2b4567"
    ),
}


def draw(series: charts.Series, theme: Theme) -> bytes:
    """Return the plot of `series` as an SVG document of about 10 KB, on no background."""
    ink = _INKS[theme]
    drawn = figure.Figure(figsize=_SIZE)
    drawn.patch.set_visible(False)
    match series:
        case charts.Trend():
            _trend(drawn, series, ink)
        case charts.Reliability():
            _reliability(drawn, series, ink)
        case charts.Curve():
            _curve(drawn, series, ink)
    kept = io.BytesIO()
    backend_svg.FigureCanvasSVG(drawn).print_svg(  # type: ignore[no-untyped-call] # matplotlib's backends are untyped
        kept, metadata={"Date": None, "Creator": None}
    )
    return kept.getvalue()


def _trend(drawn: figure.Figure, series: charts.Trend, ink: _Ink) -> None:
    # names stand at the right of what they name, without a legend
    room = _ROOM | {"bottom": 0.08, "top": 0.96, "right": 0.81}
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=[3, 1], gridspec_kw=room)
    _plain(above, ink)
    _plain(below, ink)
    last = len(series.parts) - 1
    ends = {
        "recall": _rates(above, [part.recall for part in series.parts], ink.second, "s", 0.09),
        "precision": _rates(above, [part.precision for part in series.parts], ink.first, "o", -0.09),
    }
    _names(above, ends, last + 0.75, ink)
    _percents(above.set_yticks, above.set_yticklabels)
    above.set_ylim(-0.03, 1.03)
    above.set_xlim(-0.6, last + 0.6)
    below.bar(range(last + 1), [part.reviews for part in series.parts], width=0.72, color=ink.line)
    below.bar(range(last + 1), [part.settled for part in series.parts], width=0.72, color=ink.first, alpha=0.75)
    most = max(part.reviews for part in series.parts)
    below.set_yticks([0, most], ["0", str(most)])
    below.grid(visible=False)
    beside: dict[str, Any] = {"fontsize": 10, "annotation_clip": False}
    below.annotate("reviews", (last + 0.75, most), color=ink.faint, va="top", **beside)
    below.annotate("with a label", (last + 0.75, 0), color=ink.first, va="bottom", **beside)
    shown = [number for number in range(last + 1) if (last - number) % 3 == 0]
    below.set_xticks(shown, [_day(series.parts[number]) for number in shown])


def _rates(
    drawn: axes.Axes, rates: Sequence[charts.Rate | None], colour: str, marker: str, shift: float
) -> float | None:
    """Draw rates with their intervals, larger where more is behind them; return the last that is known."""
    known = [(place + shift, rate) for place, rate in enumerate(rates) if rate]
    for place, rate in known:
        drawn.plot([place] * 2, [rate.low, rate.high], color=colour, linewidth=1.2, alpha=0.4)
    drawn.plot([place for place, _ in known], [rate.value for _, rate in known], color=colour, linewidth=1.4)
    drawn.scatter(
        [place for place, _ in known],
        [rate.value for _, rate in known],
        s=[min(70, 12 + 3 * rate.of) for _, rate in known],
        color=colour,
        marker=marker,
        zorder=3,
    )
    return known[-1][1].value if known else None


def _names(drawn: axes.Axes, ends: Mapping[str, float | None], right: float, ink: _Ink) -> None:
    """Name two lines at their ends, one above the other where these are near."""
    recall, precision = ends["recall"], ends["precision"]
    near = recall is not None and precision is not None and abs(recall - precision) < _CLOSE
    for name, colour, side in (("recall", ink.second, -1), ("precision", ink.first, 1)):
        value = ends[name]
        if value is not None:
            drawn.annotate(
                f"{name} {value * 100:.0f} %",
                (right, value),
                xytext=(0, 7 * side if near else 0),
                textcoords="offset points",
                color=colour,
                va="center",
                annotation_clip=False,
            )


def _reliability(drawn: figure.Figure, series: charts.Reliability, ink: _Ink) -> None:
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=[4, 1], gridspec_kw=_ROOM)
    _plain(above, ink)
    _plain(below, ink)
    above.plot([0, 1], [0, 1], color=ink.faint, linewidth=1, dashes=(4, 3))
    above.annotate("as often as said", (0.005, 0.22), color=ink.faint, va="bottom", fontsize=10)
    for found, rate in series.bins:
        above.plot([found.predicted] * 2, [rate.low, rate.high], color=ink.first, linewidth=2, alpha=0.4)
    above.plot(
        [found.predicted for found, _ in series.bins], [found.observed for found, _ in series.bins],
        color=ink.first, marker="o", markersize=6, linewidth=1.2,
    )  # fmt: skip
    _percents(above.set_yticks, above.set_yticklabels)
    above.set_ylim(-0.03, 1.05)
    above.set_xlim(-0.02, 1.02)
    above.set_ylabel("really broke", color=ink.faint)
    for found, _ in series.bins:
        below.bar((found.low + found.high) / 2, found.count, width=(found.high - found.low) * 0.86, color=ink.soft)
    # most tests are said to pass, and the others are to be seen
    below.set_yscale("symlog", linthresh=1)
    most = max(found.count for found, _ in series.bins)
    below.set_yticks([0, most], ["0", f"{most:,}".replace(",", " ")])
    below.minorticks_off()
    below.grid(visible=False)
    below.set_ylabel("tests", color=ink.faint)
    _percents(below.set_xticks, below.set_xticklabels)
    below.set_xlabel("probability of breaking that was said", color=ink.faint)


def _curve(drawn: figure.Figure, series: charts.Curve, ink: _Ink) -> None:
    only = drawn.subplots(gridspec_kw=_ROOM)
    _plain(only, ink)
    kept = list(_thinned(series.points))
    recalls = [0.0, *(recall for recall, _ in kept)]
    precisions = [kept[0][1], *(precision for _, precision in kept)]
    only.axhline(series.broken, color=ink.faint, linewidth=1, dashes=(4, 3))
    only.annotate("guessing", (0.005, series.broken), xytext=(0, 4), textcoords="offset points", color=ink.faint,
                  fontsize=10)  # fmt: skip
    only.fill_between(recalls, precisions, step="pre", color=ink.soft, alpha=0.45, linewidth=0)
    only.plot(recalls, precisions, color=ink.first, drawstyle="steps-pre", linewidth=1.8)
    if series.decided:
        recall, precision = series.decided
        left = recall > 1 / 2
        only.plot([recall], [precision], color=ink.second, marker="o", markersize=8)
        only.annotate(
            "as decided", (recall, precision), xytext=(-9 if left else 9, -12), textcoords="offset points",
            color=ink.second, ha="right" if left else "left", va="top",
        )  # fmt: skip
    only.set_xlim(-0.01, 1.02)
    only.set_ylim(0, 1.05)
    _percents(only.set_xticks, only.set_xticklabels)
    _percents(only.set_yticks, only.set_yticklabels)
    only.set_xlabel("recall", color=ink.faint)
    only.set_ylabel("precision", color=ink.faint)


def _thinned(points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the points that the eye tells apart, the first and the last among them."""
    last = (-1.0, -1.0)
    for place, point in enumerate(points):
        far = abs(point[0] - last[0]) > _NEAR or abs(point[1] - last[1]) > _NEAR
        if far or place == len(points) - 1:
            last = point
            yield point


def _plain(drawn: axes.Axes, ink: _Ink) -> None:
    drawn.patch.set_visible(False)
    for name, spine in drawn.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(ink.line)
    drawn.tick_params(colors=ink.faint, length=0, labelsize=10)
    drawn.grid(axis="y", color=ink.line, linewidth=0.8)
    drawn.set_axisbelow(True)


def _percents(ticks: Callable[..., object], labels: Callable[..., object]) -> None:
    marks = [0, 0.25, 0.5, 0.75, 1]
    ticks(marks)
    labels([f"{mark * 100:.0f} %" for mark in marks])


def _day(part: charts.Part) -> str:
    return f"{part.last.day} {part.last:%b}"
