"""Words of the pages, and their colours."""

import re
from datetime import timedelta

import pytest

from gatekeeper.accuracy import figures
from gatekeeper.report import html
from gatekeeper.web.pages import assets, said
from tests import web_samples

# W3C, WCAG 2.2, success criteria 1.4.3 and 1.4.11
_TEXT, _GRAPHICS = 4.5, 3.0
_PAIRS = [
    *((text, back) for text in ("text", "faint", "link", "bad", "good", "unsure") for back in ("page", "raised")),
    *((text, "bar") for text in ("text", "faint")),
    *((text, f"{text}-soft") for text in ("bad", "good", "unsure")),
    *(("text", back) for back in ("accent-soft", "bad-soft", "good-soft")),
    ("faint", "accent-soft"),
    ("faint", "bad-soft"),
    ("link", "bad-soft"),
    ("bad", "mark"),
    ("mark-text", "mark"),
    ("shadow-level", "page"),
    ("shadow-level", "accent-soft"),
    # the level `block`
    ("page", "link"),
]


def _palettes() -> dict[str, dict[str, str]]:
    """Return theme -> name -> colour, as the sheets that are served say."""
    sheet = assets.assets()["pages.css"].content.decode()
    assert html.style() in sheet
    dark = "".join(re.findall(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", sheet, re.DOTALL))
    light = re.sub(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{.*?\}", "", sheet, flags=re.DOTALL)
    colours = {"light": dict(_colours(light)), "dark": dict(_colours(dark))}
    assert colours["light"].keys() == colours["dark"].keys()
    return colours


def _colours(text: str) -> list[tuple[str, str]]:
    return re.findall(r"--([\w-]+): (#[0-9a-f]{6})", text)


def _luminance(colour: str) -> float:
    """Return the relative luminance; formula: WCAG 2.2, "relative luminance"."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "back"), _PAIRS)
def test_text_can_be_read_on_what_is_behind_it(theme: str, text: str, back: str) -> None:
    colours = _palettes()[theme]

    assert _contrast(colours[text], colours[back]) >= _TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("mark", "back"), [("field", "page"), ("link", "page"), ("field", "raised"), ("bad", "raised")]
)
def test_borders_of_fields_and_marks_can_be_seen(theme: str, mark: str, back: str) -> None:
    colours = _palettes()[theme]

    assert _contrast(colours[mark], colours[back]) >= _GRAPHICS


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 %"),
        (0.004, "0.4 %"),
        (0.314, "31 %"),
        (0.97, "97 %"),
        (0.9951, "99.5 %"),
        (1, "100 %"),
    ],
)
def test_shares_have_the_digits_that_matter(share: float | None, words: str) -> None:
    assert said.percent(share) == words


def test_an_interval_is_told_only_where_there_is_one() -> None:
    assert said.span(figures.Figure(value=0.9, low=0.86, high=0.972)) == "86 to 97 %"
    assert said.span(figures.Figure(value=1.0, low=1.0, high=1.0)) == "no spread seen"
    assert said.span(figures.Figure(value=0.9)) == ""
    assert said.span(figures.Figure(value=None)) == ""


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=40), "1 month ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(hours=-2), "in the future"),
    ],
)
def test_moments_are_told_in_their_largest_unit(back: timedelta, words: str) -> None:
    assert said.ago(web_samples.NOW - back, web_samples.NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "\N{EN DASH}"), (0.12, "0.12 s"), (6.84, "6.8 s"), (42.4, "42 s"), (150, "2 min"), (9000, "2.5 h")],
)
def test_durations_have_the_digits_that_matter(seconds: float | None, words: str) -> None:
    assert said.lasting(seconds) == words


def test_every_kind_of_uncounted_outcome_is_explained() -> None:
    assert said.why_uncounted("flaky") == "both results on one commit"
    assert said.why_uncounted("of tomorrow") == "of tomorrow"
