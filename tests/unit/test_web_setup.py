import html
import json
import re
import urllib.parse
from dataclasses import dataclass, field

import pytest
from flask import testing

from gatekeeper import errors
from gatekeeper.forge import manifest, permissions
from gatekeeper.web import app, setup

_TOKEN = "the token of the log"
_FORM = {"token": _TOKEN, "name": "Gate", "url": "https://gate.example"}
_CREATED = manifest.Created(
    id=7,
    slug="gate",
    page="https://github.com/apps/gate",
    client_id="Iv1",
    client_secret="hidden-1",
    webhook_secret="hidden-2",
    key="hidden-3",
)


@dataclass
class Setup:
    """The pages with what would otherwise ask GitHub."""

    created: list[tuple[manifest.Wanted, str]] = field(default_factory=list)
    fails: errors.GatekeeperError | None = None
    now: float = 0.0

    def create(self, wanted: manifest.Wanted, code: str) -> manifest.Created:
        self.created.append((wanted, code))
        if self.fails:
            raise self.fails
        return _CREATED

    def client(self, url: str | None = None) -> testing.FlaskClient:
        return app.create_app([setup.blueprint(_TOKEN, self.create, lambda: self.now, url=url)]).test_client()


def _state(page: str) -> str:
    (action,) = re.findall(r'action="([^"]*settings/apps/new[^"]*)"', page)
    return urllib.parse.parse_qs(urllib.parse.urlsplit(html.unescape(action)).query)["state"][0]


def _manifest(page: str) -> dict[str, object]:
    (found,) = re.findall(r'name="manifest" value="([^"]*)"', page)
    read = json.loads(html.unescape(found))
    assert isinstance(read, dict)
    return read


def test_only_who_knows_the_token_sees_the_form() -> None:
    client = Setup().client()

    assert client.get("/setup", query_string={"token": _TOKEN}).status_code == 200
    for given in ({}, {"token": ""}, {"token": "another"}, {"token": "tökén"}):
        answer = client.get("/setup", query_string=given)
        assert (answer.status_code, "<form" in answer.text) == (403, False)
    assert client.post("/setup", data={**_FORM, "token": "another"}).status_code == 403
    assert _TOKEN not in client.get("/").text


def test_the_manifest_asks_for_what_the_table_says() -> None:
    answer = Setup().client().post("/setup", data=_FORM, base_url="http://127.0.0.1:8000")

    asked = _manifest(answer.text)
    assert asked["default_permissions"] == {
        name: level for name, (level, _) in permissions.MANIFEST_PERMISSIONS.items()
    }
    assert asked["default_events"] == list(permissions.EVENTS)
    assert asked["hook_attributes"] == {"url": "https://gate.example/webhooks", "active": True}
    assert asked["redirect_url"] == "http://127.0.0.1:8000/setup/created"
    # the address that people sign in at, wherever the App is created from
    assert asked["callback_urls"] == ["https://gate.example/sign-in/callback"]
    assert asked["request_oauth_on_install"] is False
    assert asked["public"] is False
    assert 'action="https://github.com/settings/apps/new?state=' in answer.text
    assert "form-action https://github.com;" in answer.headers["Content-Security-Policy"]


def test_behind_a_public_address_github_sends_the_browser_there() -> None:
    client = Setup().client("https://gate.example")

    form = client.get("/setup", query_string={"token": _TOKEN}, base_url="http://inside:8000")
    page = client.post("/setup", data=_FORM, base_url="http://inside:8000")

    assert 'value="https://gate.example"' in form.text
    assert _manifest(page.text)["redirect_url"] == "https://gate.example/setup/created"


def test_the_form_suggests_the_github_that_is_set() -> None:
    pages = Setup()
    part = setup.blueprint(_TOKEN, pages.create, lambda: 0.0, url=None, github="https://git.example")

    form = app.create_app([part]).test_client().get("/setup", query_string={"token": _TOKEN})

    assert 'value="https://git.example"' in form.text


def test_an_organisation_and_an_enterprise_server_have_addresses_of_their_own() -> None:
    form = {**_FORM, "organisation": "octo-org", "github": "https://git.example/"}

    page = Setup().client().post("/setup", data=form).text

    assert 'action="https://git.example/organizations/octo-org/settings/apps/new?state=' in page


def test_without_a_public_address_there_is_no_webhook() -> None:
    page = Setup().client().post("/setup", data={**_FORM, "url": ""}).text

    hook = _manifest(page)["hook_attributes"]
    assert isinstance(hook, dict)
    assert hook["active"] is False
    assert "default_events" not in _manifest(page)


def test_githubs_answer_creates_the_app_once() -> None:
    pages = Setup()
    client = pages.client()
    state = _state(client.post("/setup", data=_FORM).text)

    first = client.get("/setup/created", query_string={"code": "abc", "state": state})
    again = client.get("/setup/created", query_string={"code": "abc", "state": state})

    assert first.status_code == 200
    assert "https://github.com/apps/gate/installations/new" in first.text
    assert "hidden" not in first.text
    assert again.status_code == 403
    (asked,) = pages.created
    assert asked == (manifest.Wanted(name="Gate", organisation=None, url="https://gate.example"), "abc")


@pytest.mark.parametrize("state", ["", "made up", "ä"])
def test_an_answer_that_was_not_asked_for_creates_nothing(state: str) -> None:
    pages = Setup()
    client = pages.client()
    client.post("/setup", data=_FORM)

    answer = client.get("/setup/created", query_string={"code": "abc", "state": state})

    assert (answer.status_code, pages.created) == (403, [])


def test_an_answer_after_an_hour_creates_nothing() -> None:
    pages = Setup()
    client = pages.client()
    state = _state(client.post("/setup", data=_FORM).text)
    pages.now = 3600.0

    assert client.get("/setup/created", query_string={"code": "abc", "state": state}).status_code == 403
    assert pages.created == []


def test_many_attempts_are_not_all_remembered() -> None:
    pages = Setup()
    client = pages.client()
    states = [_state(client.post("/setup", data=_FORM).text) for _ in range(17)]

    oldest = client.get("/setup/created", query_string={"code": "a", "state": states[0]})
    newest = client.get("/setup/created", query_string={"code": "a", "state": states[-1]})

    assert (oldest.status_code, newest.status_code) == (403, 200)


def test_what_github_refuses_is_shown_harmlessly() -> None:
    pages = Setup(fails=errors.RefusedError("GitHub says <script>alert(1)</script>"))
    client = pages.client()
    state = _state(client.post("/setup", data=_FORM).text)

    answer = client.get("/setup/created", query_string={"code": "abc", "state": state})

    assert answer.status_code == 502
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "x" * 35),
        ("name", "a\x00b"),
        ("organisation", "octo/hello"),
        ("organisation", "-octo"),
        ("url", "javascript:alert(1)"),
        ("url", "http://gate.example"),
        ("url", "https://user@gate.example"),
        ("url", "https://gate.example?x"),
        ("url", "https://"),
        ("github", "https://git.example/path"),
        ("github", "http://git.example"),
        ("github", "https://git.example; script-src *"),
        ("github", "https://git.example:port"),
    ],
)
def test_a_field_that_cannot_be_used_is_marked_and_keeps_its_text(name: str, value: str) -> None:
    answer = Setup().client().post("/setup", data={**_FORM, name: value})

    assert answer.status_code == 400
    assert f'id="{name}-problem"' in answer.text
    assert answer.text.count("aria-invalid") == 1 + answer.text.count("input[aria-invalid]")


def test_what_was_typed_comes_back_escaped() -> None:
    answer = Setup().client().post("/setup", data={**_FORM, "organisation": '"><script>alert(1)</script>'})

    assert "<script" not in answer.text


def test_pages_carry_all_that_they_need_and_no_script() -> None:
    client = Setup().client()
    pages = [client.get("/setup", query_string={"token": _TOKEN}), client.post("/setup", data=_FORM), client.get("/")]

    for page in pages:
        assert "prefers-color-scheme: dark" in page.text
        assert not re.search(r"<script|<link|<img|@import|url\(", page.text)
        assert "script-src" not in page.headers["Content-Security-Policy"]
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")


@pytest.mark.parametrize(
    ("github", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://octo.ghe.com", "https://api.octo.ghe.com"),
        ("https://git.example", "https://git.example/api/v3"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000/api/v3"),
    ],
)
def test_the_api_belongs_to_the_pages(github: str, api: str) -> None:
    assert manifest.api(github) == api
