from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from tests.fakes.github import scene, visitor

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        yield stood


def test_an_app_is_known_by_its_number_and_by_its_client_id(here: scene.Scene) -> None:
    by_client = visitor.Visitor(here.api_url, visitor.app_token(here.world, here.app, issuer=here.app.client_id))

    assert here.keyed.get("/app")["slug"] == by_client.get("/app")["slug"] == "gatekeeper"


@pytest.mark.parametrize(
    "claims",
    [
        {"minutes": 11},
        {"minutes": -1},
        {"ahead": 120},
        {"issuer": "99"},
    ],
    ids=["lives too long", "has ended", "is from the future", "is of another App"],
)
def test_a_json_web_token_that_breaks_a_rule_is_refused(here: scene.Scene, claims: dict[str, float | str]) -> None:
    token = visitor.app_token(here.world, here.app, **claims)  # type: ignore[arg-type]

    assert visitor.Visitor(here.api_url, token).ask("GET", "/app").status_code == 401


def test_a_json_web_token_signed_otherwise_is_refused(here: scene.Scene) -> None:
    now = int(here.world.now().timestamp())
    claims = {"iat": now, "exp": now + 60, "iss": str(here.app.id)}
    for token in (jwt.encode(claims, "k" * 32, algorithm="HS256"), jwt.encode(claims, "", algorithm="none")):
        assert visitor.Visitor(here.api_url, token).ask("GET", "/app").status_code == 401


def test_an_installation_token_is_no_app_and_the_other_way_round(here: scene.Scene) -> None:
    assert here.caller.ask("GET", "/app").status_code == 401
    assert here.keyed.ask("GET", "/repos/octo/hello").status_code == 401


def test_a_token_ends_after_an_hour(here: scene.Scene) -> None:
    here.world.clock.advance(minutes=59)
    assert here.caller.ask("GET", "/repos/octo/hello").status_code == 200

    here.world.clock.advance(minutes=1)

    answer = here.caller.ask("GET", "/repos/octo/hello")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_token_is_narrowed_as_asked_and_never_widened(here: scene.Scene) -> None:
    path = f"/app/installations/{here.installation.id}/access_tokens"
    narrowed = here.keyed.ask("POST", path, {"permissions": {"checks": "read"}, "repositories": ["hello"]})
    widened = here.keyed.ask("POST", path, {"permissions": {"contents": "write"}})
    elsewhere = here.keyed.ask("POST", path, {"repository_ids": [1]})

    assert narrowed.json()["permissions"] == {"metadata": "read", "checks": "read"}
    assert [one["name"] for one in narrowed.json()["repositories"]] == ["hello"]
    assert narrowed.json()["expires_at"] == "2026-03-01T13:00:00Z"
    assert (widened.status_code, elsewhere.status_code) == (422, 422)


def test_what_a_token_lacks_is_refused(here: scene.Scene) -> None:
    reader = here.narrowed(checks="read")
    made = reader.ask("POST", "/repos/octo/hello/check-runs", {"name": "a", "head_sha": "0" * 40})

    assert (made.status_code, made.json()["message"]) == (403, "Resource not accessible by integration")
    assert reader.ask("GET", "/repos/octo/hello/pulls").status_code == 403


def test_a_private_repository_out_of_reach_is_not_there_and_a_public_one_is_read_only(here: scene.Scene) -> None:
    here.world.create_repository("octo/secret", private=True)
    open_one = here.world.create_repository("octo/open")
    head = open_one.git.references()["refs/heads/main"]

    assert here.caller.ask("GET", "/repos/octo/secret").status_code == 404
    assert here.caller.ask("GET", "/repos/octo/open").status_code == 200
    made = here.caller.ask("POST", "/repos/octo/open/check-runs", {"name": "a", "head_sha": head})
    assert made.status_code == 403


def test_without_a_token_only_what_is_public_shows(here: scene.Scene) -> None:
    here.world.create_repository("octo/open")
    nobody = visitor.Visitor(here.api_url)

    assert nobody.ask("GET", "/repos/octo/open").status_code == 200
    assert nobody.ask("GET", "/repos/octo/hello").status_code == 404
    assert nobody.ask("GET", "/installation/repositories").status_code == 401
    assert visitor.Visitor(here.api_url, "ghs_unknown").ask("GET", "/meta").status_code == 401


def test_a_suspended_or_removed_installation_gives_no_token_and_no_events(here: scene.Scene) -> None:
    path = f"/app/installations/{here.installation.id}/access_tokens"
    here.world.suspend(here.installation)
    before = len(here.world.deliveries)
    here.pull()
    assert here.keyed.ask("POST", path).status_code == 403
    assert here.caller.ask("GET", "/repos/octo/hello").status_code == 403
    assert len(here.world.deliveries) == before

    here.world.unsuspend(here.installation)
    here.world.uninstall(here.installation)

    assert here.keyed.ask("POST", path).status_code == 404
    assert here.caller.ask("GET", "/repos/octo/hello").status_code == 401
    assert here.told()[-3:] == [
        ("installation", "suspend"),
        ("installation", "unsuspend"),
        ("installation", "deleted"),
    ]


def test_an_installation_is_found_by_its_repository(here: scene.Scene) -> None:
    assert here.keyed.get("/repos/octo/hello/installation")["id"] == here.installation.id
    here.world.remove_from_installation(here.installation, here.hello)

    assert here.keyed.ask("GET", "/repos/octo/hello/installation").status_code == 404
    assert here.told()[-1] == ("installation_repositories", "removed")


def test_a_manifest_is_converted_once(here: scene.Scene) -> None:
    made = here.world.create_app("Other")
    here.world.create_from_manifest(made, "abc")
    nobody = visitor.Visitor(here.api_url)

    first, second = (nobody.ask("POST", "/app-manifests/abc/conversions") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 404)
    assert (first.json()["pem"], first.json()["webhook_secret"]) == (made.pem, made.webhook_secret)


def test_a_renamed_repository_is_found_by_its_old_name(here: scene.Scene) -> None:
    here.world.rename(here.hello, "bonjour")

    answer = here.caller.ask("GET", "/repos/octo/hello/pulls?state=all")

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{here.api_url}/repositories/{here.hello.id}/pulls?state=all"
    assert here.caller.ask("GET", answer.headers["Location"].removeprefix(here.api_url)).json() == []
    assert here.caller.get(f"/repositories/{here.hello.id}")["full_name"] == "octo/bonjour"
    assert here.caller.ask("POST", "/repos/octo/hello/check-runs", {}).status_code == 307


def test_an_unknown_address_is_answered_as_github_does(here: scene.Scene) -> None:
    answer = here.caller.ask("GET", "/nonsense")

    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"
    assert "documentation_url" in answer.json()


def test_the_hook_is_shown_without_its_secret_and_can_be_changed(here: scene.Scene) -> None:
    changed = here.keyed.ask("PATCH", "/app/hook/config", {"url": "http://127.0.0.1:1/x", "secret": "new"})

    assert changed.json() == here.keyed.get("/app/hook/config")
    assert changed.json()["secret"] == "********"
    assert (here.app.hook_url, here.app.webhook_secret) == ("http://127.0.0.1:1/x", "new")
