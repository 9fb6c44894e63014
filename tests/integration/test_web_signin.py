import re
import urllib.parse
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import markupsafe
import pytest
import requests
import sqlalchemy

from gatekeeper.store import people
from tests.fakes.github import faults, signin
from tests.integration import web_site

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[web_site.Site]:
    with web_site.stand(tmp_path, GATEKEEPER_ADMINS="Boss") as stood:
        yield stood


def test_people_sign_in_with_github_and_come_back_to_what_they_wanted(site: web_site.Site) -> None:
    browser = site.browser()
    asked = browser.get("/reviews?days=30")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=%2Freviews%3Fdays%3D30"

    answer = browser.sign_in("ada", "/reviews?days=30")

    assert answer.headers["Location"] == "/reviews?days=30"
    page = browser.get("/reviews")
    assert page.status_code == 200
    assert "ada" in page.text
    assert browser.get("/sign-in?next=/reviews").headers["Location"] == "/reviews"


def test_github_is_asked_with_a_state_and_a_proof_for_this_service_alone(site: web_site.Site) -> None:
    browser = site.browser()
    token = browser.form_token("/sign-in")

    sent = browser.post("/sign-in", csrf_token=token, next="/")

    address = urllib.parse.urlsplit(sent.headers["Location"])
    query = urllib.parse.parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{site.url}/login/oauth/authorize"
    assert query["redirect_uri"] == [web_site.CALLBACK]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 20
    assert "scope" not in query


def test_the_cookie_is_for_this_host_alone_and_for_no_script(site: web_site.Site) -> None:
    answer = site.browser().sign_in("ada")

    (cookie,) = answer.headers.getlist("Set-Cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-gatekeeper"
    words = {word.strip() for word in rest.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= words
    assert not any(word.lower().startswith("domain") for word in words)


def test_without_encryption_the_cookie_is_a_plain_one(tmp_path: Path) -> None:
    with web_site.stand(tmp_path, GATEKEEPER_URL="http://127.0.0.1:8000") as site:
        page = site.served.test_client().get("/sign-in", headers=web_site.HTML)

    (cookie,) = page.headers.getlist("Set-Cookie")
    assert cookie.startswith("gatekeeper=")
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie


@pytest.mark.parametrize("change", ["wrong", "none", "another browser's"])
def test_an_answer_of_github_that_this_browser_did_not_ask_for_signs_nobody_in(
    site: web_site.Site, change: str
) -> None:
    browser = site.browser()
    back = browser.back("ada")
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["state"][0]
    match change:
        case "wrong":
            back = back.replace(state, "x" * len(state))
        case "none":
            back = back.replace(f"&state={state}", "")
        case _:
            browser = site.browser()

    answer = browser.get(back)

    assert answer.status_code == 400
    assert browser.get("/").headers["Location"].startswith("/sign-in")
    assert _rows(site, "sign_ins") == 0


def test_the_way_back_is_good_once(site: web_site.Site) -> None:
    browser = site.browser()
    back = browser.back("ada")
    before = browser.cookie()
    assert browser.get(back).status_code == 303

    assert browser.get(back).status_code == 400
    # with the cookie that was there before: GitHub's code is good once too
    other = site.browser()
    other.client.set_cookie("__Host-gatekeeper", before, domain="gate.example", secure=True)
    assert other.get(back).status_code == 400
    assert _rows(site, "sign_ins") == 1


def test_who_refuses_on_github_is_told_so_in_our_words(site: web_site.Site) -> None:
    site.world.browser_refuses = True
    browser = site.browser()

    answer = browser.get(browser.back("ada"))

    assert answer.status_code == 400
    assert "GitHub refused" in answer.text
    assert "denied your application" not in answer.text


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_nobody_is_sent_to_another_place_after_signing_in(site: web_site.Site, wanted: str) -> None:
    browser = site.browser()
    # the page mends it; the form itself is anybody's to fill in
    assert web_site.hidden(browser.get(f"/sign-in?{urllib.parse.urlencode({'next': wanted})}"), "next") == "/"
    assert browser.get(_again(browser, "ada", wanted, "/sign-in")).headers["Location"] == "/"
    assert browser.get(f"/sign-in?{urllib.parse.urlencode({'next': wanted})}").headers["Location"] == "/"


def test_signing_in_gives_a_new_secret_and_ends_the_one_before(site: web_site.Site) -> None:
    browser = site.signed_in("ada")
    old = browser.cookie()

    browser.get(_again(browser, "bob", "/", "/tokens"))

    assert browser.cookie() != old
    assert "bob" in browser.get("/reviews").text
    stale = site.browser()
    stale.client.set_cookie("__Host-gatekeeper", old, domain="gate.example", secure=True)
    assert stale.get("/reviews").status_code == 303


def test_signing_out_ends_it_on_the_server_too(site: web_site.Site) -> None:
    browser = site.signed_in("ada")
    cookie = browser.cookie()

    answer = browser.post("/sign-out", csrf_token=browser.form_token("/tokens"))

    assert answer.headers["Location"] == "/sign-in"
    assert _rows(site, "sign_ins") == 0
    browser.client.set_cookie("__Host-gatekeeper", cookie, domain="gate.example", secure=True)
    assert browser.get("/reviews").status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/tokens", "/tokens/0/revoke"])
def test_a_form_without_its_token_changes_nothing(site: web_site.Site, path: str) -> None:
    browser = site.signed_in("ada")

    for form in ({}, {"csrf_token": "wrong"}, {"csrf_token": site.signed_in("bob").form_token("/tokens")}):
        answer = browser.post(path, **form)

        assert answer.status_code == 400
        assert "form is too old" in answer.text
    assert browser.get("/reviews").status_code == 200


def test_who_does_not_come_by_for_a_week_is_signed_out(site: web_site.Site) -> None:
    browser = site.signed_in("ada")

    for _ in range(4):
        site.world.clock.advance(days=6)
        assert browser.get("/reviews").status_code == 200
    site.world.clock.advance(days=7, seconds=1)
    assert browser.get("/reviews").status_code == 303


def test_after_a_month_everybody_signs_in_again(site: web_site.Site) -> None:
    browser = site.signed_in("ada")

    for _ in range(5):
        site.world.clock.advance(days=5)
        assert browser.get("/reviews").status_code == 200
    site.world.clock.advance(days=5, seconds=1)
    assert browser.get("/reviews").status_code == 303


def test_one_secret_makes_the_keys_of_all_processes(site: web_site.Site) -> None:
    browser = site.signed_in("ada")
    file = site.chosen.data / "web.key"
    assert file.stat().st_mode & 0o777 == 0o600

    site.served = site.again()
    other = site.browser()
    other.client.set_cookie("__Host-gatekeeper", browser.cookie(), domain="gate.example", secure=True)
    assert other.get("/reviews").status_code == 200

    file.write_text("0" * 64)
    site.served = site.again()
    other = site.browser()
    other.client.set_cookie("__Host-gatekeeper", browser.cookie(), domain="gate.example", secure=True)
    assert other.get("/reviews").status_code == 303


def test_too_many_attempts_of_one_address_are_told_to_wait(site: web_site.Site) -> None:
    browser = site.browser()
    for _ in range(20):
        assert browser.get("/sign-in/callback?code=x&state=y").status_code == 400

    answer = browser.get("/sign-in/callback?code=x&state=y")

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "try again in" in answer.text
    assert site.browser("198.51.100.8").sign_in("ada").status_code == 303


def test_an_address_of_ipv6_is_counted_with_its_network(site: web_site.Site) -> None:
    for number in range(20):
        site.browser(f"2001:db8::{number:x}").get("/sign-in/callback")

    assert site.browser("2001:db8::ffff").get("/sign-in/callback").status_code == 429
    assert site.browser("2001:db8:0:1::1").get("/sign-in/callback").status_code == 400


def test_while_github_is_out_of_order_nobody_signs_in(site: web_site.Site) -> None:
    browser = site.browser()
    back = browser.back("ada")
    site.world.faults = lambda _: faults.server_error(502)

    answer = browser.get(back)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert _rows(site, "people") == 0


def test_without_the_apps_client_nobody_can_sign_in_and_the_page_says_why(tmp_path: Path) -> None:
    with web_site.stand(tmp_path, GATEKEEPER_CLIENT_SECRET="") as site:
        browser = site.browser()
        page = browser.get("/sign-in")

    assert page.status_code == 200
    assert "GATEKEEPER_CLIENT_SECRET" in page.text
    assert "<form" not in page.text


def test_a_secret_is_in_no_row_no_page_and_no_log(site: web_site.Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    browser = site.browser()
    back = browser.back("ada")
    browser.get(back)
    token = next(iter(site.world.user_tokens.values()))
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
    site.world.faults = lambda _: faults.server_error(500)
    site.world.clock.advance(hours=2)
    failed = browser.get("/reviews")
    assert failed.status_code == 503

    raw = b"".join(file.read_bytes() for file in site.chosen.data.glob("gatekeeper.sqlite*"))
    said = caplog.text + failed.text + browser.get("/nothing").text
    for secret in (token.value, token.refresh, site.app.client_secret, code, browser.cookie()):
        assert secret
        assert secret not in said
        assert secret.encode() not in raw


def test_a_page_has_no_script_or_style_of_its_own(site: web_site.Site) -> None:
    for page in (site.browser().get("/sign-in"), site.signed_in("ada").get("/tokens")):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", page.text)
    sign_in = site.browser().get("/sign-in").headers["Content-Security-Policy"]
    assert f"form-action 'self' {site.url}" in sign_in


def test_what_is_wanted_is_shown_as_text(site: web_site.Site) -> None:
    wanted = '/"><script>alert(1)</script>'

    page = site.browser().get(f"/sign-in?{urllib.parse.urlencode({'next': wanted})}")

    assert "<script>alert" not in page.text
    assert str(markupsafe.escape(wanted)) in page.text


def test_signing_in_many_times_does_not_make_the_cookie_grow(site: web_site.Site) -> None:
    browser = site.browser()
    for _ in range(12):
        browser.post("/sign-in", csrf_token=browser.form_token("/sign-in"), next="/")

    assert len(browser.cookie()) < 1500


def test_who_took_the_app_off_is_signed_out_at_the_next_look(site: web_site.Site) -> None:
    browser = site.signed_in("ada")
    signin.revoke(site.world, "ada")

    assert browser.get("/reviews").status_code == 200
    site.world.clock.advance(hours=1)
    assert browser.get("/reviews").status_code == 303
    assert _rows(site, "sign_ins") == 0


def test_what_has_ended_is_forgotten(site: web_site.Site) -> None:
    site.signed_in("ada")
    assert people.forget_expired(site.engine, site.world.now()) == 0
    assert people.forget_expired(site.engine, site.world.now() + timedelta(days=8)) == 2
    assert _rows(site, "people") == 0


def _again(browser: web_site.Browser, login: str, wanted: str, page: str) -> str:
    """Go to GitHub with the form's token of that page, and return the way back."""
    sent = browser.post("/sign-in", csrf_token=browser.form_token(page), next=wanted)
    browser.site.world.browser = login
    answer = requests.get(sent.headers["Location"], timeout=10, allow_redirects=False)
    return answer.headers["Location"].removeprefix(web_site.ADDRESS)


def _rows(site: web_site.Site, table: str) -> int:
    with site.engine.begin() as connection:
        found = connection.scalar(sqlalchemy.text(f"SELECT count(*) FROM {table}"))
    return int(found or 0)
