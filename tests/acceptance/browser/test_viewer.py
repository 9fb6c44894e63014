"""The trace viewer by keyboard alone, by pointer, and without scripts."""

import re

import pytest
from playwright import sync_api

from tests import web_samples
from tests.acceptance.browser.conftest import Open, Site

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("browser")]

_TEST = f"/reviews/{web_samples.REVIEW}/tests/13"


def _step(page: sync_api.Page, number: int) -> None:
    """Wait until that step is shown, and its number is in the field."""
    page.get_by_role("status").get_by_text(re.compile(rf"^(Step {number}|Frame [\d,]+)$")).wait_for()
    page.wait_for_function(f"document.querySelector('.goto input').value === '{number}'")


def test_steps_are_gone_through_by_keyboard_alone(opening: Open, site: Site) -> None:
    page = opening().go(site.address + _TEST)
    page.evaluate("window.same = true")
    _step(page, 8)
    for key, step in [
        ("Home", 1), ("ArrowRight", 2), ("j", 3), ("ArrowLeft", 2), ("k", 1), ("k", 1), ("End", 9), ("ArrowRight", 9),
        ("d", 8),
    ]:  # fmt: skip
        page.keyboard.press(key)
        _step(page, step)

    assert page.evaluate("window.same") is True
    assert page.url.endswith(f"{_TEST}?step=8")
    assert page.get_by_role("status").get_by_text("The first difference").is_visible()


def test_each_step_has_an_address_that_shows_it(opening: Open, site: Site) -> None:
    page = opening().go(f"{site.address}{_TEST}?step=6")
    here = page.locator(".code tr.here")

    assert here.locator(".n").inner_text() == "18"
    assert "parts[index] += rest" in here.inner_text()
    page.keyboard.press("ArrowRight")
    _step(page, 7)
    page.go_back()
    _step(page, 6)
    page.reload()
    _step(page, 6)


def test_what_differs_is_marked_on_both_sides(opening: Open, site: Site) -> None:
    page = opening().go(site.address + _TEST)
    row = page.locator(".values tr.outcome-row")

    assert row.locator("mark.differs").all_inner_texts() == ["[34]", "[34, 33, 33]"]
    assert "differs" in row.inner_text()


def test_writing_a_number_goes_to_that_step_and_moves_nothing_meanwhile(opening: Open, site: Site) -> None:
    page = opening().go(f"{site.address}{_TEST}?step=2")
    field = page.get_by_label("Step", exact=True)
    field.press("ArrowRight")
    field.press("j")
    field.fill("5")
    assert "step=2" in page.url
    field.press("Enter")

    _step(page, 5)


def test_the_button_in_use_keeps_the_focus(opening: Open, site: Site) -> None:
    page = opening().go(f"{site.address}{_TEST}?step=7")
    after = page.get_by_role("link", name="After")
    after.focus()
    page.keyboard.press("Enter")
    _step(page, 8)
    page.wait_for_function("document.activeElement.dataset.move === 'after'")
    page.keyboard.press("Enter")
    _step(page, 9)

    # there is nothing behind the last step, so the viewer has it
    page.wait_for_function("document.activeElement.id === 'viewer'")


def test_every_step_is_a_link_of_the_strip(opening: Open, long_run: Site) -> None:
    page = opening(viewport={"width": 1280, "height": 900}).go(f"{long_run.address}{_TEST}?step=1")
    ticks = page.locator(".strip a")
    assert ticks.count() == 255
    ticks.nth(200).locator(".hit").click()

    _step(page, 201)


def test_steps_are_links_without_scripts(opening: Open, site: Site) -> None:
    page = opening(java_script_enabled=False).go(f"{site.address}{_TEST}?step=1")
    page.get_by_role("link", name="After").click()
    assert page.get_by_role("status").get_by_text("Step 2").is_visible()
    page.get_by_role("link", name="First difference").click()
    assert page.get_by_role("status").get_by_text("Step 8").is_visible()
    page.get_by_label("Step", exact=True).fill("4")
    page.get_by_role("button", name="Go").click()
    assert page.get_by_role("status").get_by_text("Step 4").is_visible()


def test_keys_do_nothing_on_pages_without_a_trace(opening: Open, site: Site) -> None:
    page = opening().go(f"{site.address}/reviews")
    for key in ("j", "d", "End"):
        page.keyboard.press(key)

    assert page.url == f"{site.address}/reviews"
