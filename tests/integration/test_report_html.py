import html as escaping
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from gatekeeper import review
from gatekeeper.report import html
from gatekeeper.simulation import prediction
from tests.integration import report_samples

_STYLE = Path(html.__file__).parent / "templates/style.css"
_ATTACK = (
    "</style><script>alert(1)</script><img src=//evil.example onerror=alert(1)>\" onclick='x' {{ 7 * 7 }}\x1b\u202e"
)
# HTML's elements without content
_VOID = {"meta", "br", "hr", "img", "input", "link"}


class _Page(HTMLParser):
    """Elements, attributes and ids of a page; fails where the elements do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def values(self, name: str) -> list[str | None]:
        return [value for _, named, value in self.attributes if named == name]


def test_the_page_shows_the_verdict_the_findings_beside_their_lines_and_the_steps() -> None:
    page = html.render([report_samples.realistic()])

    assert '<h1 id="r1-title">Would fail</h1>' in page
    row = re.search(r"return parts\[:index\]</td>\s*</tr>\s*<tr class=\"found\" id=\"r1-finding-2\">.*", page)
    assert row
    assert "AssertionError: assert [34] == [34, 33, 33]</strong> <span>3 tests</span>" in row[0]
    assert "starts a thread, which the sandbox cannot" in page
    assert "2 steps left out" in page
    assert "parts = <mark>[33, 33, 33]</mark>" in page
    assert 'value="6.503"' in page


def test_every_link_leads_somewhere_on_the_page_and_every_id_is_its_own() -> None:
    page = _Page(html.render([report_samples.realistic(), replace(report_samples.realistic(), id="other")]))

    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {f"#{name}" for name in ids} >= set(page.values("href"))
    assert set(ids) >= set(page.values("aria-labelledby"))


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = _Page(html.render([report_samples.realistic()]))

    assert not {"script", "img", "link", "iframe", "form", "base"} & set(page.elements)
    assert not {"src", "style"} & {name for _, name, _ in page.attributes}
    policy = next(value for tag, name, value in page.attributes if (tag, name) == ("meta", "content"))
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'", policy
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(done=report_samples.REVIEWS)
def test_any_review_gives_a_page_that_nests_and_can_be_written(done: review.Review) -> None:
    page = html.render([done])

    _Page(page)
    assert page.encode()
    assert not any(not character.isprintable() and character != "\n" for character in page)


def test_hostile_text_stays_text() -> None:
    done = report_samples.realistic()
    said = replace(
        done.predictions[-1],
        test=_ATTACK,
        reason=_ATTACK,
        outcome=prediction.Outcome.FAIL,
        p_fail=1.0,
        exception=_ATTACK,
        at=prediction.Location(path=_ATTACK, line=1),
        trace=report_samples.run_of(_ATTACK),
    )
    text = done.diff.text.replace("return parts[:index]", _ATTACK)
    hostile = replace(
        done,
        id=_ATTACK,
        notes=(_ATTACK,),
        timings={_ATTACK: 1.0},
        subject=replace(done.subject, repository=_ATTACK),
        diff=replace(done.diff, text=text),
        predictions=(*done.predictions, said),
    )

    plain, attacked = _Page(html.render([done])), html.render([hostile])

    assert set(_Page(attacked).elements) == set(plain.elements)
    assert {name for _, name, _ in _Page(attacked).attributes} == {name for _, name, _ in plain.attributes}
    shown = escaping.escape(_ATTACK.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e"), quote=False)
    assert shown.partition('"')[0] in attacked
    assert "{{ 7 * 7 }}" in attacked


def test_a_diff_too_long_for_a_page_keeps_the_lines_at_fault() -> None:
    done = report_samples.realistic()
    long = "".join(f"+line {number}\n" for number in range(3_000))
    added = (
        f"diff --git a/big.py b/big.py\nnew file mode 100644\n--- /dev/null\n+++ b/big.py\n@@ -0,0 +1,3000 @@\n{long}"
    )
    page = html.render([replace(done, diff=replace(done.diff, text=added + done.diff.text))])

    assert "3000 lines, not shown" in page
    assert "line 2999" not in page
    assert 'id="r1-finding-2"' in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(scheme: str) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", _STYLE.read_text(encoding="utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", {"light": light, "dark": dark}[scheme]))
    pairs = [
        *((text, under) for text in ("text", "faint") for under in ("page", "raised", "good-soft", "bad-soft")),
        *((text, under) for text in ("link", "bad") for under in ("page", "raised")),
        ("good", "page"),
        ("unsure", "page"),
        ("unsure", "raised"),
        ("mark-text", "mark"),
        ("bad", "bad-soft"),
        ("good", "good-soft"),
        ("unsure", "unsure-soft"),
    ]

    low = {pair: ratio for pair in pairs if (ratio := _contrast(*(colours[name] for name in pair))) < 4.5}

    assert low == {}


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, by WCAG 2.2."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
