from pathlib import Path

import pytest

from gatekeeper import errors, settings
from gatekeeper.forge import manifest
from gatekeeper.wiring import credentials, serve


@pytest.fixture(name="environ")
def _environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "GATEKEEPER_DATA": str(tmp_path / "data"), "PATH": "/bin"}


def _with_app(environ: dict[str, str], **more: str) -> dict[str, str]:
    named = {"GATEKEEPER_APP_ID": "7", "GATEKEEPER_APP_KEY_FILE": "/key.pem", "GATEKEEPER_WEBHOOK_SECRET": "hidden"}
    return {**environ, **named, **more}


def _service(environ: dict[str, str], **wanted: bool) -> serve.Service:
    return serve.Service(settings.read(environ), serve.Wanted(**wanted), environ)


def _names(service: serve.Service) -> list[str]:
    return [program.name for program in service.programs()]


def test_everything_runs_by_default_and_the_broker_ends_last(environ: dict[str, str]) -> None:
    programs = _service(_with_app(environ)).programs()

    assert [(program.name, program.stage) for program in programs] == [("broker", 1), ("worker", 0), ("web", 0)]


def test_parts_run_alone(environ: dict[str, str]) -> None:
    assert _names(_service(_with_app(environ), work=False)) == ["web"]
    assert _names(_service(_with_app(environ), web=False)) == ["broker", "worker"]


def test_without_an_app_only_the_setup_page_runs_and_is_named(environ: dict[str, str]) -> None:
    service = _service(environ)
    service.check()

    (program,) = service.programs()
    assert program.environment["GATEKEEPER_SETUP_TOKEN"] == service.setup_token
    assert f"http://127.0.0.1:8000/setup?token={service.setup_token}" in "\n".join(service.described())


def test_processes_of_an_app_know_no_setup_token(environ: dict[str, str]) -> None:
    for program in _service(_with_app(environ)).programs():
        assert "GATEKEEPER_SETUP_TOKEN" not in program.environment


def test_without_a_webhook_secret_it_does_not_start(environ: dict[str, str]) -> None:
    named = _with_app(environ, GATEKEEPER_WEBHOOK_SECRET="")

    with pytest.raises(errors.UsageError, match="GATEKEEPER_WEBHOOK_SECRET is not set"):
        _service(named).check()
    _service(named, polling=True).check()
    _service(named, web=False).check()


def test_a_worker_without_an_app_has_nothing_to_do(environ: dict[str, str]) -> None:
    with pytest.raises(errors.UsageError, match="no App is set up"):
        _service(environ, web=False).check()


def test_without_a_key_a_broker_must_be_there(environ: dict[str, str]) -> None:
    with pytest.raises(errors.UsageError, match="GATEKEEPER_APP_KEY_FILE"):
        _service(_with_app(environ, GATEKEEPER_APP_KEY_FILE="")).check()


def test_a_socket_with_too_long_a_path_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(errors.UsageError, match="GATEKEEPER_BROKER"):
        _service(_with_app(environ, GATEKEEPER_BROKER="/" + "x" * 120)).check()


def test_polling_looks_every_minute_at_least(environ: dict[str, str]) -> None:
    assert _service(_with_app(environ), polling=True).chosen.poll_seconds == 60
    assert _service(_with_app(environ, GATEKEEPER_POLL_SECONDS="9"), polling=True).chosen.poll_seconds == 9
    assert _service(_with_app(environ)).chosen.poll_seconds == 300


def test_what_is_said_names_parts_and_no_secret(environ: dict[str, str]) -> None:
    said = "\n".join(_service(_with_app(environ, GATEKEEPER_DATABASE="postgresql://gate:hidden@db/gate")).described())

    assert "http://127.0.0.1:8000/webhooks" in said
    assert "postgresql://gate:***@db/gate" in said
    assert "missing     GATEKEEPER_URL" in said
    assert "hidden" not in said


def test_a_stored_app_takes_the_setup_pages_place(environ: dict[str, str]) -> None:
    service = _service(environ)
    assert service.reconsidered() is None

    _store(environ, 7)
    programs = service.reconsidered()

    assert programs is not None
    assert [program.name for program in programs] == ["broker", "worker", "web"]
    assert service.reconsidered() is None


def test_the_stored_app_is_replaced_only_when_another_is_stored(environ: dict[str, str]) -> None:
    _store(environ, 7)
    service = _service(environ, replacing=True)

    assert _names(service) == ["web"]
    assert service.reconsidered() is None
    _store(environ, 8)
    assert service.reconsidered() is not None
    assert service.chosen.app is not None
    assert service.chosen.app.id == 8


def test_an_app_of_the_environment_is_not_replaced(environ: dict[str, str]) -> None:
    with pytest.raises(errors.UsageError, match="GATEKEEPER_APP_ID"):
        _service(_with_app(environ), replacing=True).check()


def _store(environ: dict[str, str], number: int) -> None:
    data = Path(environ["GATEKEEPER_DATA"])
    data.mkdir(exist_ok=True)
    created = manifest.Created(
        id=number, slug="gate", page="p", client_id="c", client_secret="c", webhook_secret="w", key="k"
    )
    credentials.write(data, created, api="https://api.github.com", url="https://gate.example", replace=True)
