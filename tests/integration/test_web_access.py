"""Who may see what: every address of the service, for everybody who should not."""

from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
import sqlalchemy
from werkzeug import routing

from tests.integration import web_site

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

# addresses that answer anybody, and why
_PUBLIC = {
    "/healthz": "says that the process lives",
    "/readyz": "says which part of the service is not well",
    "/metrics": "has a token of its own, and is for near addresses without one",
    "/webhooks": "takes what GitHub signed",
    "/api/outcomes": "takes reports with a token, and refuses all else",
    "/api/openapi.json": "describes the API, and nobody's repositories",
    "/static/<digest>/<name>": "holds nothing of anybody's",
    "/sign-in": "is where people sign in",
    "/sign-in/callback": "is where GitHub sends them back to",
    "/repositories/<int:identity>/badge.svg": "is for whoever was given its signed address",
}
# what belongs to a repository, and is nobody's business who may not read it
_OF_REPOSITORY = ("identity", "repository", "review")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[web_site.Site]:
    with web_site.stand(tmp_path, GATEKEEPER_ADMINS="boss, 99", GATEKEEPER_WEBHOOK_SECRET="a secret") as stood:
        yield stood


def test_nobody_sees_anything_without_signing_in(site: web_site.Site) -> None:
    seen = []
    for rule, method, path in _addresses(site):
        answer = site.browser().client.open(path, method=method, base_url=web_site.ADDRESS, headers=web_site.HTML)
        if rule.rule in _PUBLIC:
            continue
        refused = answer.status_code in {401, 404} or (
            answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
        )
        # a form without a token of its own is refused before anybody is asked for
        if not (refused or (method == "POST" and answer.status_code == 400)):
            seen.append((method, path, answer.status_code))
        assert "acme/ledger" not in answer.text

    assert seen == []


def test_a_reader_of_one_repository_finds_nothing_at_any_address_of_another(site: web_site.Site) -> None:
    ada, bob = site.signed_in("ada"), site.signed_in("bob")
    met = 0
    for rule, method, path in _addresses(site):
        if method != "GET" or rule.rule in _PUBLIC:
            continue
        answer = bob.get(path)
        assert "acme/ledger" not in answer.text, path
        assert site.review not in answer.text.replace(path, ""), path
        if rule.arguments & set(_OF_REPOSITORY):
            # as for what does not exist; and it is there for who may read it
            met += ada.get(path).status_code == 200
            assert answer.status_code == 404, path

    assert met >= 4


def test_an_administrator_sees_the_work_and_no_repository_more(site: web_site.Site) -> None:
    ada, boss = site.signed_in("ada"), site.signed_in("boss")

    assert boss.get("/work").status_code == 200
    assert boss.get(f"/reviews/{site.review}").status_code == 404
    assert ada.get("/work").status_code == 404
    assert "/work" not in ada.get("/reviews").text


def test_administrators_are_known_by_login_in_any_case_or_by_number(site: web_site.Site) -> None:
    site.world.user("Carol").id = 99
    assert site.signed_in("BOSS").get("/work").status_code == 200
    assert site.signed_in("Carol").get("/work").status_code == 200


def test_failures_are_pages_for_browsers_and_json_for_programs(site: web_site.Site) -> None:
    browser = site.browser()

    page = browser.get("/nothing")
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    program = site.served.test_client().get("/nothing", base_url=web_site.ADDRESS)
    assert program.json is not None
    assert "json" in str(browser.get("/api/nothing").mimetype)


def test_a_fault_says_nothing_of_itself(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    with site.engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE sign_ins"))

    answer = ada.get("/reviews")

    assert answer.status_code == 503
    assert "sign_ins" not in answer.text
    assert "sqlite" not in answer.text.lower()


def test_deliveries_need_no_form_and_no_cookie(site: web_site.Site) -> None:
    given = {"Content-Type": "application/json", "X-GitHub-Event": "ping", "X-GitHub-Delivery": "1"}
    answer = site.served.test_client().post("/webhooks", base_url=web_site.ADDRESS, data=b"{}", headers=given)

    assert answer.status_code == 401
    assert "form" not in answer.text


def test_with_a_cookie_programs_addresses_are_read_and_not_written(site: web_site.Site) -> None:
    ada = site.signed_in("ada")

    assert ada.post("/api/outcomes", report="x").status_code == 401


def _addresses(site: web_site.Site) -> list[tuple[routing.Rule, str, str]]:
    """Return each rule with its methods and a path that leads to what is recorded."""
    found: list[tuple[routing.Rule, str, str]] = []
    values = {
        "identity": str(site.repository),
        "repository": str(site.repository),
        "review": site.review,
        "position": "0",
        "digest": "0" * 16,
        "name": "reliability",
        "form": "json",
    }
    with site.served.test_request_context(base_url=web_site.ADDRESS):
        adapter = flask.globals.request_ctx.url_adapter
        assert adapter is not None
        for rule in site.served.url_map.iter_rules():
            given = {name: values[name] for name in rule.arguments}
            if "/reviews/" in rule.rule and "identity" in given:
                given["identity"] = site.review
            typed = {name: int(text) if text.isdecimal() and name != "digest" else text for name, text in given.items()}
            path = adapter.build(rule.endpoint, typed)
            methods = sorted((rule.methods or set()) & {"GET", "POST"})
            found += [(rule, method, path) for method in methods]
    return found
