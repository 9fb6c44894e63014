"""Takes the pictures of the web report that the README shows, of the demo's real reviews.

infra/pictures.py [ADDRESS]: of a report that is served there by `gatekeeper serve --open` or `gatekeeper demo`; without
one a demo is made and served first, in a folder that is removed afterwards. Needs Chromium on PATH.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright import sync_api

_PICTURES = Path(__file__).parent / "pictures"
_PROGRAM = Path(sys.executable).parent / "gatekeeper"
_SIZE: sync_api.ViewportSize = {"width": 1200, "height": 760}
# seconds
_PATIENCE = 60


def main(address: str | None) -> None:
    """Take the pictures of the report at `address`, or of one of its own."""
    _PICTURES.mkdir(exist_ok=True)
    with contextlib.nullcontext(address) if address else _demo() as served, sync_api.sync_playwright() as playwright:
        executable = shutil.which("chromium") or sys.exit("Chromium is needed: apt-get install chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        _take(browser, served)
        browser.close()


def _take(browser: sync_api.Browser, address: str) -> None:
    light = browser.new_page(viewport=_SIZE, color_scheme="light")
    dark = browser.new_page(viewport=_SIZE, color_scheme="dark")
    _shoot(light, f"{address}/", "overview")
    _shoot(light, light.get_by_role("main").get_by_role("link").last.evaluate("(one) => one.href"), "repository")
    _shoot_plots(light)
    _shoot(light, f"{address}/reviews?conclusion=would_fail", "reviews")
    for review in light.locator("td a.plainly").evaluate_all("(all) => all.map((one) => one.href)"):
        _shoot(light, review, "review")
        for test in light.locator(".compared .test a").evaluate_all("(all) => all.map((one) => one.href)")[:5]:
            dark.goto(test)
            last = dark.locator("[data-move=last][href]")
            if last.count():
                _shoot(dark, _raised(dark, last.evaluate("(one) => one.href")), "trace")
                return
    sys.exit("No review of the demo has a trace: make it with more pull requests.")


def _raised(page: sync_api.Page, last: str) -> str:
    """Return the address of the step before the last, where there is still something to see."""
    path, _, number = last.partition("#")[0].rpartition("=")
    page.goto(last)
    return f"{path}={max(1, int(number) - 3)}#trace"


def _shoot(page: sync_api.Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=_PICTURES / f"{name}.png")
    print(f"{name}.png: {address}")


def _shoot_plots(page: sync_api.Page) -> None:
    """Take the plots of the repository's page that is open."""
    for plot in page.locator("picture img").all():
        plot.scroll_into_view_if_needed()
        plot.evaluate("(one) => one.decode()")
    page.locator("section[aria-labelledby=plots]").screenshot(path=_PICTURES / "plots.png")
    print(f"plots.png: {page.url}")


@contextlib.contextmanager
def _demo() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        words = ["demo", "--folder", folder, "--listen", listen, "--no-browser"]
        with subprocess.Popen([_PROGRAM, *words]) as running:
            _wait(running, f"http://{listen}/")
            yield f"http://{listen}"
            running.terminate()


def _wait(running: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the demo is made, which takes minutes, and served."""
    until = time.monotonic() + _PATIENCE * 10
    while time.monotonic() < until and running.poll() is None:
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(address, timeout=5):  # noqa: S310 - http
            return
        time.sleep(1)
    sys.exit("The demo did not come up; see above.")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
