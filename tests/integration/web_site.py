"""The whole web service over a GitHub double and records of its own, with browsers that people sign in with."""

import contextlib
import html
import os
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import flask
import requests
import sqlalchemy
from flask import testing
from werkzeug.test import TestResponse

from gatekeeper import settings
from gatekeeper.store import database, records
from gatekeeper.wiring import app
from tests.fakes import github
from tests.fakes.github import state
from tests.integration import report_samples

ADDRESS = "https://gate.example"
CALLBACK = f"{ADDRESS}/sign-in/callback"
HTML = {"Accept": "text/html"}


@dataclass(slots=True)
class Site:
    """The service as people and programs reach it."""

    world: github.World
    app: state.App
    ledger: state.Repository
    installation: state.Installation
    url: str
    chosen: settings.Settings
    engine: sqlalchemy.Engine
    served: flask.Flask
    # of the review that is recorded of `ledger`, and of the repository in these records
    review: str
    repository: int
    running: tuple[int, int] = field(repr=False, default=(0, 0))

    def browser(self, address: str = "198.51.100.7") -> "Browser":
        """Return a browser with no cookies."""
        return Browser(self, self.served.test_client(), address)

    def signed_in(self, login: str) -> "Browser":
        """Return a browser in which the person is signed in."""
        browser = self.browser()
        answer = browser.sign_in(login)
        assert answer.status_code == 303, answer.text
        return browser

    def again(self) -> flask.Flask:
        """Return the application made anew, as another process or after a restart."""
        return app.create(self.chosen, self.running[0], here=False, now=self.world.now)


@dataclass(slots=True)
class Browser:
    """Somebody's browser."""

    site: Site
    client: testing.FlaskClient
    address: str

    def get(self, path: str, **named: str) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, base_url=ADDRESS, headers=HTML | named, environ_base={"REMOTE_ADDR": self.address})

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form with the token that a page before gave."""
        return self.client.post(
            path, base_url=ADDRESS, data=form, headers=HTML, environ_base={"REMOTE_ADDR": self.address}
        )

    def form_token(self, path: str) -> str:
        """Return the token of the forms on a page."""
        return hidden(self.get(path), "csrf_token")

    def sign_in(self, login: str, wanted: str = "/") -> TestResponse:
        """Sign in as a person does, and return the answer to what GitHub sent the browser back with."""
        return self.get(self.back(login, wanted))

    def back(self, login: str, wanted: str = "/") -> str:
        """Go to GitHub, and return the path that it sends the browser back to."""
        page = self.get(f"/sign-in?{urllib.parse.urlencode({'next': wanted})}")
        sent = self.post("/sign-in", csrf_token=hidden(page, "csrf_token"), next=hidden(page, "next"))
        assert sent.status_code == 302, sent.text
        self.site.world.browser = login
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(sent.headers["Location"], timeout=10, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        location = answer.headers["Location"]
        assert location.startswith(CALLBACK)
        return location.removeprefix(ADDRESS)

    def cookie(self) -> str:
        """Return the value of the service's cookie; empty where there is none."""
        found = self.client.get_cookie("__Host-gatekeeper", domain="gate.example")
        return "" if found is None else found.value


@contextlib.contextmanager
def stand(folder: Path, **environ: str) -> Iterator[Site]:
    """Give a site with a private repository that ada may write to, and a review of it; `environ` are settings."""
    world = github.World(folder / "github")
    gate = world.create_app()
    gate.callback_urls.append(CALLBACK)
    world.organisation("acme")
    ledger = world.create_repository("acme/ledger", private=True)
    world.grant(ledger, "ada", "write")
    installation = world.install(gate, "acme", [ledger])
    running = os.pipe()
    with github.serve(world) as url:
        given = {
            "GATEKEEPER_DATA": str(folder / "data"),
            "GATEKEEPER_URL": ADDRESS,
            "GATEKEEPER_GITHUB_API": f"{url}/api/v3",
            "GATEKEEPER_APP_ID": str(gate.id),
            "GATEKEEPER_CLIENT_ID": gate.client_id,
            "GATEKEEPER_CLIENT_SECRET": gate.client_secret,
        }
        chosen = settings.read(given | environ)
        engine = database.open_database(chosen.database)
        done = report_samples.realistic()
        records.record(engine, done, number=ledger.id)
        with engine.begin() as connection:
            repository = connection.scalar(sqlalchemy.text("SELECT repository_id FROM reviews"))
        served = app.create(chosen, running[0], here=False, now=world.now)
        yield Site(
            world, gate, ledger, installation, url, chosen, engine, served, done.id, int(repository or 0), running
        )
    for end in running:
        os.close(end)
    engine.dispose()


def hidden(page: TestResponse, name: str) -> str:
    """Return the value of the first hidden field of that name."""
    assert page.status_code < 500, page.text
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])
