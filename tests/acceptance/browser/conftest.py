"""A real browser, and the pages over made-up values on loopback."""

import http
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright import sync_api
from werkzeug import serving

from tests import web_samples, web_setting

_ABSENT = "no Chromium is on PATH, so pages are not tested in a browser: `apt-get install chromium`"
LONG = "a_name_without_any_blank_" * 12


@dataclass(frozen=True, slots=True)
class Site:
    """A running service."""

    address: str


# without slots: playwright notes its listeners on the object
@dataclass
class Seen:
    """A page, with everything that went wrong on it."""

    page: sync_api.Page
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note whatever goes wrong from now on."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", self._asked)
        self.page.on("response", self._answered)

    def _said(self, said: sync_api.ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            self.wrong.append(said.text)

    def _asked(self, dialog: sync_api.Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _answered(self, answer: sync_api.Response) -> None:
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            self.wrong.append(f"{answer.status} {answer.url}")

    def go(self, address: str) -> sync_api.Page:
        """Open an address and wait until all of it is there."""
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")
        return self.page


Open = Callable[..., Seen]


@pytest.fixture(scope="session")
def browser() -> Iterator[sync_api.Browser]:
    """Return Debian's Chromium; absent, tests are skipped, and fail in CI."""
    executable = shutil.which("chromium")
    if executable is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(_ABSENT)
    with sync_api.sync_playwright() as playwright:
        # a container's root has no sandbox of the browser's own; all pages are ours
        started = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opening(browser: sync_api.Browser) -> Iterator[Open]:
    """Return what opens a browser window; at the end nothing may have gone wrong in any."""
    windows: list[tuple[sync_api.BrowserContext, Seen]] = []

    def opened(**wanted: Any) -> Seen:
        context = browser.new_context(**wanted)
        context.set_default_timeout(10_000)
        seen = Seen(context.new_page())
        seen.watch()
        windows.append((context, seen))
        return seen

    yield opened
    for context, _ in windows:
        context.close()
    assert [seen.wrong for _, seen in windows if seen.wrong] == []


def _serving(**wanted: Any) -> Iterator[Site]:
    change = wanted.pop("change", lambda value: value)
    made = web_setting.application(web_setting.queries(change, **wanted))
    server = serving.make_server("127.0.0.1", 0, made, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Return pages as they usually are."""
    yield from _serving(tests=250)


@pytest.fixture(scope="session")
def long_run() -> Iterator[Site]:
    """Return pages with a trace as long as any that is kept."""
    yield from _serving(steps=246)


@pytest.fixture(scope="session")
def hostile() -> Iterator[Site]:
    """Return pages with an attack behind every text that they show."""
    yield from _serving(change=web_samples.poisoned)


@pytest.fixture(scope="session")
def lengthy() -> Iterator[Site]:
    """Return pages with names as long as anybody can think of."""
    yield from _serving(change=lambda value: web_samples.poisoned(value, LONG))
