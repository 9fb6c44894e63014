import html
import json
import re
import stat
import sys
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import serving
from tests.fakes import github

pytestmark = [
    pytest.mark.slow,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]

_PING = {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {"type": "App", "id": 1, "events": []}}


def test_a_page_creates_the_app_and_the_service_goes_on_with_it(tmp_path: Path) -> None:
    world = github.World(tmp_path / "world")
    with github.serve(world) as url, serving.serving(tmp_path, {}) as service:
        service.until(lambda: service.ask("/healthz").status == 200, "the setup page")
        assert service.ask("/readyz").status == 503
        assert service.deliver("ping", _PING, "any").status == 503
        (token,) = re.findall(r"/setup\?token=(\S+)", "".join(service.said))

        state, manifest = _fill(service, token, url)
        app = world.create_app(
            manifest["name"],
            permissions=manifest["default_permissions"],
            events=manifest["default_events"],
            webhook_secret="made by GitHub",
        )
        world.create_from_manifest(app, "a-code")
        created = service.ask(f"/setup/created?code=a-code&state={state}")

        assert created.status == 200, service.log.read_text()
        assert f"/apps/{app.slug}/installations/new" in created.text
        service.until_ready()
        assert service.deliver("ping", _PING, "made by GitHub").status in {200, 202}
        assert service.ask(f"/setup?token={token}").status == 404
        kept = service.data / "app"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o700
        assert json.loads((kept / "app.json").read_text())["id"] == app.id
        assert (kept / "key.pem").read_text() == app.pem
        for secret in (app.pem, app.client_secret, "made by GitHub", token):
            assert secret not in service.log.read_text()


def test_a_code_that_github_does_not_know_stores_nothing(tmp_path: Path) -> None:
    world = github.World(tmp_path / "world")
    with github.serve(world) as url, serving.serving(tmp_path, {}) as service:
        service.until(lambda: service.ask("/healthz").status == 200, "the setup page")
        (token,) = re.findall(r"/setup\?token=(\S+)", "".join(service.said))
        state, _ = _fill(service, token, url)

        answer = service.ask(f"/setup/created?code=unknown&state={state}")

        assert answer.status == 502
        assert "The App is not set up" in answer.text
        assert not (service.data / "app").exists()


def _fill(service: serving.Service, token: str, url: str) -> tuple[str, dict[str, Any]]:
    """Fill in the form as a browser does; return the state and the manifest that GitHub would be given."""
    form = {"token": token, "name": "Gate of a test", "url": "https://gate.example", "github": url}
    page = service.ask("/setup", urllib.parse.urlencode(form).encode(), answered=True)
    assert page.status == 200, page.text
    (action,) = re.findall(r'action="([^"]*)"', page.text)
    assert html.unescape(action).startswith(f"{url}/settings/apps/new?")
    (given,) = re.findall(r'name="manifest" value="([^"]*)"', page.text)
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(html.unescape(action)).query)["state"][0]
    manifest = json.loads(html.unescape(given))
    assert manifest["redirect_url"] == f"{service.address}/setup/created"
    assert isinstance(manifest, dict)
    return state, manifest
