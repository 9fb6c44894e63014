"""Tokens for programs: made on a page, shown once, and never opening more than their owner may see."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from werkzeug.test import TestResponse

from gatekeeper.store import people
from tests.fakes.github import faults, signin
from tests.integration import web_site

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_SHA = "b81c07d35e2f4a6b8c9d0e1f2a3b4c5d6e7f8091"
_REPORT = b'<testsuite tests="1"><testcase classname="tests.test_split" name="test_a" time="0.1"/></testsuite>'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[web_site.Site]:
    with web_site.stand(tmp_path, GATEKEEPER_ADMINS="ada") as stood:
        yield stood


def test_a_token_is_shown_once_and_kept_as_a_digest(site: web_site.Site) -> None:
    ada = site.signed_in("ada")

    made = _make(ada, name="a script", scope="read")

    secret = _secret(made)
    assert re.fullmatch(r"gk_[\w-]{43}", secret)
    later = ada.get("/tokens").text
    assert "a script" in later
    assert secret not in later
    raw = b"".join(file.read_bytes() for file in site.chosen.data.glob("gatekeeper.sqlite*"))
    assert secret.encode() not in raw


def test_a_reading_token_sees_what_its_owner_sees(site: web_site.Site) -> None:
    read = _secret(_make(site.signed_in("ada"), scope="read"))
    other = _secret(_make(site.signed_in("bob"), scope="read"))

    assert "acme/ledger" in _ask(site, "/api/repositories", read).text
    assert _ask(site, f"/api/reviews/{site.review}", read).status_code == 200
    assert "acme/ledger" not in _ask(site, "/api/repositories", other).text
    assert _ask(site, f"/api/reviews/{site.review}", other).status_code == 404


@pytest.mark.parametrize(
    "header", ["", "gk_unknown", "Basic {}", "Bearer", "Bearer gk_", "Bearer {}x", "bearer  {} {}"]
)
def test_what_is_no_token_opens_nothing(site: web_site.Site, header: str) -> None:
    secret = _secret(_make(site.signed_in("ada"), scope="read"))

    answer = _asked(site, "/api/repositories", {"Authorization": header.format(secret, secret)})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "acme" not in answer.text


def test_a_token_in_the_address_or_for_a_page_opens_nothing(site: web_site.Site) -> None:
    secret = _secret(_make(site.signed_in("ada"), scope="read"))

    assert _asked(site, f"/api/repositories?token={secret}&access_token={secret}", {}).status_code == 401
    assert _ask(site, "/tokens", secret).status_code == 303
    assert _ask(site, "/work", secret).status_code == 303


def test_beside_a_wrong_token_no_cookie_counts(site: web_site.Site) -> None:
    ada = site.signed_in("ada")

    assert ada.get("/api/repositories").status_code == 200
    assert ada.get("/api/repositories", Authorization="Bearer gk_wrong").status_code == 401


def test_a_revoked_and_an_ended_token_open_nothing(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    first = _secret(_make(ada, name="first", days="30"))
    page = ada.get("/tokens").text
    (address,) = re.findall(r'action="(/tokens/\w+/revoke)"', page)
    second = _secret(_make(ada, name="second", days="90"))

    assert ada.post(address, csrf_token=ada.form_token("/tokens")).status_code == 303
    assert _ask(site, "/api/repositories", first).status_code == 401
    assert _ask(site, "/api/repositories", second).status_code == 200
    site.world.clock.advance(days=90)
    assert _ask(site, "/api/repositories", second).status_code == 401


def test_nobody_revokes_what_is_anothers(site: web_site.Site) -> None:
    ada, bob = site.signed_in("ada"), site.signed_in("bob")
    secret = _secret(_make(ada))
    (address,) = re.findall(r'action="(/tokens/\w+/revoke)"', ada.get("/tokens").text)

    assert bob.post(address, csrf_token=bob.form_token("/tokens")).status_code == 404
    assert "/revoke" not in bob.get("/tokens").text
    assert _ask(site, "/api/repositories", secret).status_code == 200


def test_a_token_loses_what_its_owner_loses(site: web_site.Site) -> None:
    secret = _secret(_make(site.signed_in("ada")))
    site.world.grant(site.ledger, "ada", "none")
    site.world.clock.advance(hours=1)

    assert _ask(site, f"/api/reviews/{site.review}", secret).status_code == 404


def test_where_github_no_longer_answers_for_the_owner_the_token_says_so(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    secret = _secret(_make(ada))
    site.world.clock.advance(hours=1)
    site.world.faults = lambda _: faults.server_error(502)
    assert _ask(site, "/api/repositories", secret).status_code == 503

    site.world.faults = faults.none
    signin.revoke(site.world, "ada")
    asked_before = site.world.requests
    for _ in range(3):
        answer = _ask(site, "/api/repositories", secret)
        assert answer.status_code == 401
        assert "has to sign in again" in answer.text
    # once it is known, GitHub is not asked again
    assert site.world.requests - asked_before <= 2

    site.signed_in("ada")
    assert _ask(site, "/api/repositories", secret).status_code == 200


def test_a_token_does_not_administer(site: web_site.Site) -> None:
    ada = site.signed_in("ada")

    assert ada.get("/work").status_code == 200
    assert _ask(site, "/work", _secret(_make(ada))).status_code == 303


def test_outcomes_are_taken_for_the_tokens_repository_alone(site: web_site.Site) -> None:
    secret = _secret(_make(site.signed_in("ada"), scope="outcomes:write", repository=str(site.repository)))

    assert _upload(site, secret).status_code == 200
    assert _upload(site, secret, repository="acme/other").status_code == 403
    assert _ask(site, "/api/repositories", secret).status_code == 403


def test_a_reading_token_sends_no_outcomes(site: web_site.Site) -> None:
    assert _upload(site, _secret(_make(site.signed_in("ada"), scope="read"))).status_code == 403
    assert _upload(site, "gk_wrong").status_code == 401
    assert _upload(site, "").status_code == 401


def test_who_may_no_longer_write_sends_no_outcomes(site: web_site.Site) -> None:
    secret = _secret(_make(site.signed_in("ada"), scope="outcomes:write", repository=str(site.repository)))
    site.world.grant(site.ledger, "ada", "read")
    site.world.clock.advance(hours=1)

    answer = _upload(site, secret)

    assert answer.status_code == 403
    assert "no longer write" in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"name": "a\x00b"},
        {"scope": "admin"},
        {"scope": ""},
        {"days": "0"},
        {"days": "10000"},
        {"days": "\N{ARABIC-INDIC DIGIT THREE}0"},
        {"scope": "outcomes:write", "repository": ""},
        {"scope": "outcomes:write", "repository": "999"},
    ],
)
def test_a_form_that_cannot_be_used_says_what_to_mend(site: web_site.Site, form: dict[str, str]) -> None:
    answer = _make(site.signed_in("ada"), **form)

    assert answer.status_code == 400
    assert 'class="problem"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "gk_" not in answer.text


def test_nobody_makes_a_token_to_write_where_they_may_only_read(site: web_site.Site) -> None:
    site.world.grant(site.ledger, "bob", "triage")
    bob = site.signed_in("bob")

    assert "acme/ledger" not in bob.get("/tokens").text
    assert _make(bob, scope="outcomes:write", repository=str(site.repository)).status_code == 400


def test_a_tokens_name_is_shown_as_text(site: web_site.Site) -> None:
    name = "<img src=x onerror=alert(1)>"

    page = _make(site.signed_in("ada"), name=name)

    assert name not in page.text
    assert html.escape(name) in page.text


def test_wrong_tokens_of_one_address_are_told_to_wait(site: web_site.Site) -> None:
    secret = _secret(_make(site.signed_in("ada")))
    for _ in range(30):
        assert _ask(site, "/api/repositories", secret).status_code == 200
    for number in range(20):
        assert _ask(site, "/api/repositories", f"gk_{number}").status_code == 401

    answer = _ask(site, "/api/repositories", secret)

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_when_a_token_was_used_is_noted_to_the_hour(site: web_site.Site) -> None:
    secret = _secret(_make(site.signed_in("ada")))
    used = []
    for minutes in (0, 30, 31):
        site.world.clock.advance(minutes=minutes)
        _ask(site, "/api/repositories", secret)
        with site.engine.begin() as connection:
            used.append(connection.scalar(sqlalchemy.text("SELECT used FROM api_tokens")))

    assert used[0] == used[1] != used[2]


def test_who_keeps_a_token_is_kept_and_its_end_is_theirs(site: web_site.Site) -> None:
    _make(site.signed_in("ada"), days="30")

    assert people.forget_expired(site.engine, site.world.now()) == 0
    site.world.clock.advance(days=8)
    assert people.forget_expired(site.engine, site.world.now()) == 1
    assert people.find(site.engine, site.world.user("ada").id) is not None
    site.world.clock.advance(days=30)
    assert people.forget_expired(site.engine, site.world.now()) == 2
    assert people.find(site.engine, site.world.user("ada").id) is None


def _make(browser: web_site.Browser, **form: str) -> TestResponse:
    usual = {"name": "a token", "scope": "read", "repository": "", "days": "90"}
    return browser.post("/tokens", csrf_token=browser.form_token("/tokens"), **(usual | form))


def _secret(page: TestResponse) -> str:
    assert page.status_code == 201, page.text
    (found,) = re.findall(r"<code[^>]*>(gk_[\w-]+)</code>", page.text)
    return str(found)


def _ask(site: web_site.Site, path: str, token: str) -> TestResponse:
    return _asked(site, path, {"Authorization": f"Bearer {token}"})


def _asked(site: web_site.Site, path: str, headers: dict[str, str]) -> TestResponse:
    return site.served.test_client().get(path, base_url=web_site.ADDRESS, headers=headers)


def _upload(site: web_site.Site, token: str, repository: str = "acme/ledger") -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    path = f"/api/outcomes?repository={repository}&sha={_SHA}"
    return site.served.test_client().post(path, base_url=web_site.ADDRESS, data=_REPORT, headers=headers)
