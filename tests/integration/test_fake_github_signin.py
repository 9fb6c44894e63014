import base64
import hashlib
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fakes.github import scene, signin, visitor

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_BACK = "http://127.0.0.1:8000/sign-in/callback"
_VERIFIER = "v" * 43
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        stood.app.callback_urls.append(_BACK)
        stood.world.browser = "ada"
        stood.world.grant(stood.hello, "ada", "maintain")
        yield stood


def test_a_code_is_exchanged_once_by_who_knows_the_secret_and_the_verifier(here: scene.Scene) -> None:
    code = _code(here)

    assert _exchange(here, code, client_secret="wrong")["error"] == "incorrect_client_credentials"
    assert _exchange(here, _code(here), code_verifier="w" * 43)["error"] == "bad_verification_code"
    given = _exchange(here, code)
    assert int(given["expires_in"]) == 28800
    assert _exchange(here, code)["error"] == "bad_verification_code"
    assert visitor.Visitor(here.api_url, given["access_token"]).get("/user")["login"] == "ada"


def test_people_see_the_repositories_where_they_have_a_role(here: scene.Scene) -> None:
    hidden = here.world.create_repository("octo/hidden", private=True)
    here.world.add_to_installation(here.installation, hidden)
    ada = visitor.Visitor(here.api_url, _exchange(here, _code(here))["access_token"])

    (installation,) = ada.ask("GET", "/user/installations").json()["installations"]
    (found,) = ada.ask("GET", f"/user/installations/{installation['id']}/repositories").json()["repositories"]

    assert found["full_name"] == "octo/hello"
    assert [name for name, held in found["permissions"].items() if held] == ["maintain", "push", "triage", "pull"]
    assert ada.ask("GET", "/repos/octo/hello").status_code == 404
    here.world.suspend(here.installation)
    assert ada.ask("GET", f"/user/installations/{installation['id']}/repositories").status_code == 403


def test_a_token_ends_and_is_renewed_once(here: scene.Scene) -> None:
    given = _exchange(here, _code(here))
    here.world.clock.advance(hours=9)
    assert visitor.Visitor(here.api_url, given["access_token"]).ask("GET", "/user").status_code == 401

    renewed = _exchange(here, "", grant_type="refresh_token", refresh_token=given["refresh_token"])

    assert visitor.Visitor(here.api_url, renewed["access_token"]).get("/user")["login"] == "ada"
    again = _exchange(here, "", grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert again["error"] == "bad_refresh_token"
    signin.revoke(here.world, "ada")
    assert visitor.Visitor(here.api_url, renewed["access_token"]).ask("GET", "/user").status_code == 401


def test_nobody_is_sent_where_the_app_does_not_want_them(here: scene.Scene) -> None:
    assert _authorized(here, "http://evil.example/").status_code == 400
    here.world.browser_refuses = True
    assert "error=access_denied" in _authorized(here, _BACK).headers["Location"]


def _authorized(here: scene.Scene, back: str) -> requests.Response:
    query = {
        "client_id": here.app.client_id,
        "redirect_uri": back,
        "state": "s",
        "code_challenge": _CHALLENGE,
        "code_challenge_method": "S256",
    }
    return requests.get(f"{here.url}/login/oauth/authorize", params=query, timeout=10, allow_redirects=False)


def _code(here: scene.Scene) -> str:
    address = urllib.parse.urlsplit(_authorized(here, _BACK).headers["Location"])
    given = urllib.parse.parse_qs(address.query)
    assert given["state"] == ["s"]
    return given["code"][0]


def _exchange(here: scene.Scene, code: str, **changed: str) -> dict[str, str]:
    form = {
        "client_id": here.app.client_id,
        "client_secret": here.app.client_secret,
        "code": code,
        "redirect_uri": _BACK,
        "code_verifier": _VERIFIER,
    }
    url = f"{here.url}/login/oauth/access_token"
    answer = requests.post(url, data=form | changed, headers={"Accept": "application/json"}, timeout=10)
    found = answer.json()
    assert isinstance(found, dict)
    return found
