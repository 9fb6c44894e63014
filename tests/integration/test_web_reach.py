"""What people may see follows what GitHub says within the hour."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from gatekeeper import errors
from gatekeeper.forge import people as github
from gatekeeper.store import people
from gatekeeper.web import keys, reach
from gatekeeper.wiring import webkey
from tests.fakes.github import faults, signin
from tests.integration import web_site

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[web_site.Site]:
    with web_site.stand(tmp_path) as stood:
        yield stood


def test_who_loses_a_repository_loses_it_here_within_the_hour(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    assert ada.get(f"/reviews/{site.review}").status_code == 200
    site.world.grant(site.ledger, "ada", "none")

    site.world.clock.advance(minutes=58)
    assert ada.get(f"/reviews/{site.review}").status_code == 200
    site.world.clock.advance(minutes=2)

    assert ada.get(f"/reviews/{site.review}").status_code == 404
    assert "acme" not in ada.get("/").text


def test_who_is_given_a_repository_sees_it_within_the_hour(site: web_site.Site) -> None:
    bob = site.signed_in("bob")
    assert bob.get(f"/reviews/{site.review}").status_code == 404
    site.world.grant(site.ledger, "bob", "read")

    site.world.clock.advance(hours=1)

    assert bob.get(f"/reviews/{site.review}").status_code == 200


@pytest.mark.parametrize("act", ["suspend", "uninstall", "remove"])
def test_what_the_app_is_taken_off_is_seen_no_longer(site: web_site.Site, act: str) -> None:
    ada = site.signed_in("ada")
    match act:
        case "suspend":
            site.world.suspend(site.installation)
        case "uninstall":
            site.world.uninstall(site.installation)
        case _:
            site.world.remove_from_installation(site.installation, site.ledger)

    site.world.clock.advance(hours=1)

    assert ada.get(f"/reviews/{site.review}").status_code == 404


@pytest.mark.parametrize("fault", [faults.server_error(502), faults.reset(), faults.secondary_limit(30)])
def test_an_old_answer_is_not_used_while_github_is_out_of_order(site: web_site.Site, fault: faults.Fault) -> None:
    ada = site.signed_in("ada")
    site.world.faults = lambda _: fault
    site.world.clock.advance(minutes=59)
    assert ada.get("/reviews").status_code == 200
    site.world.clock.advance(minutes=1)

    answer = ada.get("/reviews")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "GitHub does not say now" in answer.text
    site.world.faults = faults.none
    assert ada.get("/reviews").status_code == 200


def test_a_token_that_ends_is_renewed_and_kept(site: web_site.Site) -> None:
    ada = site.signed_in("ada")

    for _ in range(4):
        site.world.clock.advance(hours=9)
        assert ada.get("/reviews").status_code == 200
    (token,) = site.world.user_tokens.values()
    kept = people.find(site.engine, site.world.user("ada").id)
    assert kept is not None
    assert webkey.of(site.chosen).opened(kept.token) == token.value


def test_a_token_that_github_ended_early_is_renewed_once(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    (token,) = site.world.user_tokens.values()
    token.expires = site.world.now()

    site.world.clock.advance(hours=1)

    assert ada.get("/reviews").status_code == 200
    assert token.value not in site.world.user_tokens


def test_a_token_for_ever_needs_no_renewal(site: web_site.Site) -> None:
    site.world.user_tokens_last = None
    ada = site.signed_in("ada")

    site.world.clock.advance(days=6)

    assert ada.get("/reviews").status_code == 200
    signin.revoke(site.world, "ada")
    site.world.clock.advance(hours=1)
    assert ada.get("/reviews").status_code == 303


def test_after_the_key_is_lost_people_sign_in_again(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    with site.engine.begin() as connection:
        changed = sqlalchemy.text("UPDATE people SET token = :other, refresh = :other")
        connection.execute(changed, {"other": keys.derived("x").seal("y")})
    site.world.clock.advance(hours=1)

    assert ada.get("/reviews").status_code == 303


def test_many_pages_at_once_ask_github_once(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    site.world.clock.advance(hours=1)
    before = len(site.world.log)

    answers: list[int] = []
    cookie = ada.cookie()

    def ask() -> None:
        browser = site.browser()
        browser.client.set_cookie("__Host-gatekeeper", cookie, domain="gate.example", secure=True)
        answers.append(browser.get("/reviews").status_code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 6
    asked = [entry.call.route for entry in site.world.log[before:]]
    assert asked.count("/user") == 1


def test_two_processes_that_renew_at_once_both_go_on(site: web_site.Site) -> None:
    """What renews a token is good once: the slower of two finds what the faster kept."""
    site.signed_in("ada")
    person = _ada(site)
    site.world.clock.advance(hours=9)
    sealing = webkey.of(site.chosen)
    real = _github(site)

    class Slower:
        def who(self, token: str) -> github.Who:
            return real.who(token)

        def reach(self, token: str) -> dict[int, str]:
            return real.reach(token)

        def renewed(self, refresh: str) -> github.Grant:
            faster.current(person)
            return real.renewed(refresh)

    faster = reach.Reach(site.engine, real, sealing, site.world.now, sleep=_not_at_all)
    slower = reach.Reach(site.engine, Slower(), sealing, site.world.now, sleep=_not_at_all)

    assert slower.current(person).repositories == {site.ledger.id: "write"}
    with pytest.raises(errors.SignedOutError):
        real.renewed(sealing.opened(person.refresh or b"") or "")


def test_another_persons_token_shows_nothing(site: web_site.Site) -> None:
    site.signed_in("ada")
    bob = site.signed_in("bob")
    with site.engine.begin() as connection:
        swap = "UPDATE people SET refresh = NULL, token = (SELECT token FROM people WHERE login = 'ada')"
        connection.execute(sqlalchemy.text(swap))
    site.world.clock.advance(hours=1)

    assert bob.get("/reviews").status_code == 303


def test_a_renamed_login_is_known_by_its_new_name(site: web_site.Site) -> None:
    ada = site.signed_in("ada")
    account = site.world.accounts.pop("ada")
    account.login = "ada-l"
    site.world.accounts["ada-l"] = account
    site.world.grant(site.ledger, "ada-l", "read")
    site.world.clock.advance(hours=1)

    assert "ada-l" in ada.get("/reviews").text


def test_lists_of_several_pages_are_read_to_their_end(site: web_site.Site) -> None:
    many = [site.world.create_repository(f"acme/r{number}", private=True) for number in range(101)]
    for each in many:
        site.world.grant(each, "ada", "triage")
    site.world.add_to_installation(site.installation, *many)

    site.signed_in("ada")

    found = people.find(site.engine, site.world.user("ada").id)
    assert found is not None
    assert found.repositories == {site.ledger.id: "write", **dict.fromkeys((each.id for each in many), "read")}


def _ada(site: web_site.Site) -> people.Person:
    found = people.find(site.engine, site.world.user("ada").id)
    assert found is not None
    return found


def _github(site: web_site.Site) -> github.People:
    from gatekeeper.forge import wire

    line = wire.Wire(f"{site.url}/api/v3", now=lambda: site.world.now().timestamp())
    return github.People(line, site.url, site.app.client_id, site.app.client_secret)


def _not_at_all(_: float) -> None:
    """Wait no time."""
