"""A browser at the service and at GitHub, as somebody who signs in uses it."""

import html
import re

import requests

from tests.fakes import github

_PATIENCE = 60


def signed_in(address: str, world: github.World, login: str) -> requests.Session:
    """Return a browser in which the person is signed in at the service's address; to be closed."""
    browser = requests.Session()
    browser.trust_env = False
    browser.headers["Accept"] = "text/html"
    world.browser = login
    page = browser.get(f"{address}/sign-in", timeout=_PATIENCE)
    form = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page.text)}
    answer = browser.post(f"{address}/sign-in", data=form, timeout=_PATIENCE)
    assert answer.status_code == 200, answer.text
    assert answer.url == f"{address}/", answer.text
    return browser
