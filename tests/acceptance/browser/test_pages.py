"""Every page in a real browser: light and dark, wide and narrow, with and without scripts, with hostile text."""

import pytest

from tests import web_samples
from tests.acceptance.browser.conftest import Open, Site

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("browser")]

REVIEW = f"/reviews/{web_samples.REVIEW}"
PAGES = ("/", "/repositories/7", "/reviews", REVIEW, f"{REVIEW}/tests/13", "/work")
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_NAMED = "input:not([type=hidden]), select, button, a[href], img, [role=region]"
_NAMELESS = f"""() => [...document.querySelectorAll("{_NAMED}")]
    .filter((one) => !(one.labels?.length || one.ariaLabel || one.getAttribute("aria-labelledby")
        || one.textContent.trim() || one.hasAttribute("alt")))
    .map((one) => one.outerHTML)"""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_page_loads_without_an_error_and_does_not_scroll_sideways(
    opening: Open, site: Site, path: str, scheme: str, viewport: dict[str, int]
) -> None:
    page = opening(viewport=viewport, color_scheme=scheme).go(site.address + path)

    assert page.evaluate(_WIDER) == 0
    assert page.evaluate(_NAMELESS) == []
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title().endswith("· Gatekeeper")
    for landmark in ("banner", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1
    assert page.get_by_role("navigation", name="Main").is_visible()
    assert page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize("path", PAGES)
def test_names_of_any_length_do_not_make_a_narrow_page_scroll_sideways(opening: Open, lengthy: Site, path: str) -> None:
    page = opening(viewport=NARROW).go(lengthy.address + path)

    assert page.evaluate(_WIDER) == 0


@pytest.mark.parametrize("path", PAGES)
def test_nothing_that_a_pull_request_says_is_run(opening: Open, hostile: Site, path: str) -> None:
    page = opening().go(hostile.address + path)

    assert "owned" not in page.title().partition("document.title")[0]
    assert page.evaluate("document.scripts.length") == 2
    assert page.evaluate("[...document.images].filter((one) => !one.src.startsWith(location.origin)).length") == 0
    assert page.evaluate("document.querySelectorAll('[onerror], [onmouseover], [style]').length") == 0
    assert page.get_by_text("document.title='owned'").count() > 0


@pytest.mark.parametrize("path", PAGES)
def test_a_page_works_without_scripts(opening: Open, site: Site, path: str) -> None:
    page = opening(java_script_enabled=False).go(site.address + path)

    assert page.get_by_role("heading", level=1).is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_follow_the_colour_scheme(opening: Open, site: Site, scheme: str) -> None:
    page = opening(color_scheme=scheme).go(f"{site.address}/repositories/7")
    pictures = page.locator("picture img")

    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
        shown = pictures.nth(number).evaluate(
            "async (one) => { await one.decode(); return [one.currentSrc, one.naturalWidth] }"
        )
        assert f"theme={scheme}" in shown[0]
        assert shown[1] > 0
    assert pictures.count() == 3


def test_filters_change_the_list_and_the_address_without_a_new_page(opening: Open, site: Site) -> None:
    page = opening().go(f"{site.address}/reviews")
    page.evaluate("window.same = true")
    page.get_by_role("combobox", name="Against CI", exact=True).select_option("false alarm")

    page.wait_for_url("**/reviews?*result=false_alarm*")
    assert page.evaluate("window.same") is True
    page.reload()
    assert page.get_by_role("combobox", name="Against CI", exact=True).input_value() == "false_alarm"


def test_filters_work_without_scripts(opening: Open, site: Site) -> None:
    page = opening(java_script_enabled=False).go(f"{site.address}/reviews")
    page.get_by_role("combobox", name="Verdict", exact=True).select_option("Would fail")
    page.get_by_role("button", name="Show").click()

    assert "conclusion=would_fail" in page.url
    assert page.get_by_role("combobox", name="Verdict", exact=True).input_value() == "would_fail"


def test_tests_of_a_review_are_found_by_name(opening: Open, site: Site) -> None:
    page = opening().go(site.address + REVIEW)
    assert page.get_by_text("1 to 100 of 273").is_visible()
    page.get_by_label("Name holds").fill("test_number[249]")
    page.get_by_label("Name holds").press("Enter")

    page.get_by_text("1 to 1 of 1").wait_for()
    assert page.locator("#listed .test").count() == 1
    assert page.locator("#listed .test a").get_attribute("href") == f"{REVIEW}/tests/272"


def test_the_skip_link_comes_first_and_leads_to_the_content(opening: Open, site: Site) -> None:
    page = opening().go(site.address)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")

    assert skip.evaluate("(one) => one === document.activeElement && one.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("path", PAGES)
def test_whatever_has_the_focus_shows_it(opening: Open, site: Site, path: str) -> None:
    page = opening(viewport=WIDE).go(site.address + path)
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const one = document.activeElement, style = getComputedStyle(one);"
            " return [one === document.body, style.outlineStyle, parseFloat(style.outlineWidth), one.outerHTML] }"
        )
        assert found[0] or (found[1] != "none" and found[2] >= 1), found[3]


def test_motion_is_left_out_for_those_who_ask(opening: Open, site: Site) -> None:
    page = opening(reduced_motion="reduce").go(site.address)

    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_work_refreshes_itself(opening: Open, site: Site) -> None:
    seen = opening()
    seen.page.clock.install()
    page = seen.go(f"{site.address}/work")
    page.evaluate("document.querySelector('#live').textContent = 'old'")
    with page.expect_response("**/work"):
        page.clock.fast_forward(10_500)

    page.locator("#live", has_text="In progress").wait_for()
