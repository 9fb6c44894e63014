import dataclasses
from pathlib import Path

import pytest

from gatekeeper import settings
from gatekeeper.wiring import environments

_OPERATOR = {
    "PATH": "/bin",
    "LC_ALL": "C.UTF-8",
    "HTTPS_PROXY": "http://proxy",
    "PGPASSFILE": "/pass",
    "PIP_INDEX_URL": "https://index",
    "CLOUD_SECRET_KEY": "hidden-cloud",
    "GATEKEEPER_WEBHOOK_SECRET": "hidden-new",
    "GATEKEEPER_WEBHOOK_SECRET_PREVIOUS": "hidden-old",
    "GATEKEEPER_METRICS_TOKEN": "hidden-metrics",
    "GATEKEEPER_CLIENT_ID": "Iv1.gate",
    "GATEKEEPER_CLIENT_SECRET": "hidden-client",
    "GATEKEEPER_WEB_KEY": "hidden-key-of-32-characters-or-more",
    "GATEKEEPER_ADMINS": "ada,7",
    "GATEKEEPER_APP_ID": "7",
    "GATEKEEPER_APP_KEY_FILE": "/hidden/key.pem",
    "GATEKEEPER_DATABASE": "postgresql+psycopg://gate:hidden-password@db/gate",
    "GATEKEEPER_URL": "https://gate.example",
}


@pytest.fixture(name="environ")
def _environ(tmp_path: Path) -> dict[str, str]:
    return {**_OPERATOR, "HOME": str(tmp_path), "GATEKEEPER_DATA": str(tmp_path / "data")}


def _hidden(environment: dict[str, str]) -> set[str]:
    return {name for name, value in environment.items() if "hidden" in value}


def test_each_process_gets_only_its_own_secrets(environ: dict[str, str]) -> None:
    chosen = settings.read(environ)
    web, worker, broker = (environments.of(role, chosen, environ) for role in ("web", "worker", "broker"))

    assert _hidden(web) == {
        "GATEKEEPER_WEBHOOK_SECRET",
        "GATEKEEPER_WEBHOOK_SECRET_PREVIOUS",
        "GATEKEEPER_METRICS_TOKEN",
        "GATEKEEPER_CLIENT_SECRET",
        "GATEKEEPER_WEB_KEY",
        "GATEKEEPER_DATABASE",
    }
    assert _hidden(worker) == {"GATEKEEPER_DATABASE"}
    assert _hidden(broker) == {"GATEKEEPER_APP_KEY_FILE"}


def test_what_programs_need_to_run_is_passed_on(environ: dict[str, str]) -> None:
    chosen = settings.read(environ)
    worker = environments.of("worker", chosen, environ)
    broker = environments.of("broker", chosen, environ)

    assert {"PATH", "HOME", "LC_ALL", "HTTPS_PROXY", "PGPASSFILE", "PIP_INDEX_URL"} <= worker.keys()
    assert {"PATH", "HOME", "LC_ALL", "HTTPS_PROXY"} <= broker.keys()
    assert not {"PGPASSFILE", "PIP_INDEX_URL"} & broker.keys()


def test_the_web_server_reads_the_same_settings_but_for_the_keys_place(environ: dict[str, str]) -> None:
    chosen = dataclasses.replace(settings.read(environ), grace=3, drain=0, reviews=4, listen="0.0.0.0:9", offline=True)

    read = settings.read(environments.of("web", chosen, environ))

    assert chosen.app is not None
    assert read == dataclasses.replace(chosen, app=dataclasses.replace(chosen.app, key_file=None))


def test_no_setting_is_forgotten(environ: dict[str, str]) -> None:
    """A field whose value differs from what is read without it must have been passed on."""
    numbers = {
        field.name: 77
        for field in dataclasses.fields(settings.Settings)
        if field.type in {"int", int} and field.name != "proxies"
    }
    chosen = dataclasses.replace(settings.read(environ), **numbers, proxies=2)  # type: ignore[arg-type]

    read = settings.read(environments.of("worker", chosen, environ))

    assert read == dataclasses.replace(
        chosen,
        app=read.app,
        webhook_secrets=(),
        metrics_token=None,
        client_id="",
        client_secret="",
        web_key="",
        admins=(),
    )


def test_the_stored_app_is_told_without_its_secrets(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "GATEKEEPER_DATA": str(tmp_path)}
    folder = settings.credentials(tmp_path)
    folder.mkdir()
    (folder / "app.json").write_text(
        '{"id": 7, "slug": "gate", "page": "https://g/apps/gate", "webhook_secret": "w", '
        '"client_id": "Iv1", "client_secret": "c"}'
    )

    worker = settings.read(environments.of("worker", settings.read(environ), environ))
    web = settings.read(environments.of("web", settings.read(environ), environ))

    assert worker.app == settings.App(id=7, slug="gate", page="https://g/apps/gate")
    assert worker.webhook_secrets == ()
    assert (worker.client_id, worker.client_secret) == ("", "")
    assert web.webhook_secrets == ("w",)
    assert (web.client_id, web.client_secret) == ("Iv1", "c")
