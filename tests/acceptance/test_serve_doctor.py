import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.forge import permissions
from tests.acceptance import serving
from tests.acceptance.program import COMMAND
from tests.fakes import github
from tests.fakes.github import state
from tests.fakes.modelserver import server as models

pytestmark = [
    pytest.mark.slow,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A running service, the GitHub that it works for, and the settings that both the service and the doctor get."""

    service: serving.Service
    world: github.World
    app: state.App
    installation: state.Installation
    environment: dict[str, str]

    def examine(self, **more: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """Return the doctor's exit code and what it found: part -> its line."""
        done = _doctor({**self.environment, **more}, "--json")
        found = json.loads(done.stdout)
        assert found["ok"] is (done.returncode == 0)
        return done.returncode, {one["part"]: one for one in found["parts"]}


@pytest.fixture(scope="module", name="installed")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("doctor")
    world = github.World(folder / "world")
    asked = {name: level for name, (level, _) in permissions.MANIFEST_PERMISSIONS.items()}
    app = world.create_app(permissions=asked, events=permissions.EVENTS, webhook_secret=serving.SECRET)
    with github.serve(world) as url:
        known = serving.settings_of(app, url, folder)
        with serving.serving(folder, known) as service:
            app.hook_url = f"{service.address}/webhooks"
            environment = {**serving.settings(folder), **known, "GATEKEEPER_URL": service.address}
            service.until_ready()
            installation = world.install(app, "octo", [world.create_repository("octo/hello", {"a.py": "x = 1\n"})])
            world.office.wait()
            yield Installed(service=service, world=world, app=app, installation=installation, environment=environment)


def _doctor(environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, "doctor", *words], env=dict(environment), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done


def test_a_sound_installation_has_nothing_to_mend(installed: Installed) -> None:
    code, found = installed.examine()

    assert code == 0, found
    assert {part for part, one in found.items() if one["state"] != "ok"} <= {"sandbox", "data folder", "cache folder"}
    assert {
        *("python", "git", "database", "workers", "App", "private key", "webhook secret", "token broker", "GitHub"),
        *("clock", "App on GitHub", "events", "permissions", "installed on octo", "webhook", "deliveries"),
        "public address",
    } <= set(found)


def test_what_it_prints_says_what_to_do_about_each_line(installed: Installed) -> None:
    done = _doctor({**installed.environment, "GATEKEEPER_WEBHOOK_SECRET": ""})

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    at = lines.index("warn  webhook secret: not set")
    assert lines[at + 1].strip().startswith("→ set GATEKEEPER_WEBHOOK_SECRET")
    assert f"ok    App: number {installed.app.id}" in lines


def test_a_permission_that_an_owner_has_not_granted_is_named_with_its_use(installed: Installed) -> None:
    kept = dict(installed.installation.permissions)
    installed.installation.permissions = {**kept, "checks": "read"}
    try:
        code, found = installed.examine()
    finally:
        installed.installation.permissions = kept

    assert code == 1
    assert found["installed on octo"]["state"] == "fail"
    assert "checks (write), to show the check run" in found["installed on octo"]["said"]
    assert found["permissions"]["state"] == "ok"


def test_an_event_that_is_not_subscribed_to_is_named(installed: Installed) -> None:
    installed.app.events.remove("merge_group")
    try:
        _, found = installed.examine()
    finally:
        installed.app.events.append("merge_group")

    assert found["events"]["state"] == "warn"
    assert found["events"]["said"] == "not subscribed to merge_group"


def test_a_webhook_that_leads_elsewhere_is_shown(installed: Installed) -> None:
    _, found = installed.examine(GATEKEEPER_URL="http://127.0.0.1:9/elsewhere")

    assert found["webhook"]["state"] == "warn"
    assert "http://127.0.0.1:9/elsewhere/webhooks" in found["webhook"]["mend"]
    assert found["public address"]["state"] == "warn"


def test_a_key_that_others_may_read_fails(installed: Installed) -> None:
    key = Path(installed.environment["GATEKEEPER_APP_KEY_FILE"])
    key.chmod(0o644)
    try:
        code, found = installed.examine()
    finally:
        key.chmod(0o600)

    assert code == 1
    assert found["private key"] == {
        "part": "private key",
        "state": "fail",
        "said": f"others may read {key}",
        "mend": f"run `chmod 600 {key}`",
    }


def test_without_anything_it_says_where_to_begin_and_makes_nothing(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        # nobody answers there
        "GATEKEEPER_GITHUB_API": "http://127.0.0.1:9/api/v3",
    }

    done = _doctor(environment)

    assert done.returncode == 1
    assert "fail  App: none is set up" in done.stdout
    assert "run `gatekeeper serve` and open the page that it names" in done.stdout
    assert "fail  GitHub: GitHub could not be reached" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_model_server_is_looked_at_where_one_is_set(installed: Installed) -> None:
    with models.serve(models.Behaviour(context=32_768)) as served:
        code, found = installed.examine(GATEKEEPER_MODEL_URL=served.url)
    wrong, missing = installed.examine(GATEKEEPER_MODEL_URL="http://127.0.0.1:9")

    assert code == 0
    assert {one["state"] for part, one in found.items() if part.startswith("model server")} <= {"ok", "warn"}
    assert wrong == 1
    assert "cannot be reached" in missing["model server"]["said"]
