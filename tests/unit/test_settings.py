import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import errors, settings

_STORED = {"id": 7, "slug": "gate", "page": "https://github.com/apps/gate", "webhook_secret": "stored"}


@pytest.fixture(name="environ")
def _environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "GATEKEEPER_DATA": str(tmp_path / "data")}


def _store(environ: dict[str, str], **found: Any) -> Path:
    folder = settings.credentials(Path(environ["GATEKEEPER_DATA"]))
    folder.mkdir(parents=True)
    (folder / "app.json").write_text(json.dumps({**_STORED, **found}))
    return folder


def test_without_an_app_nothing_is_asked_for(environ: dict[str, str]) -> None:
    chosen = settings.read(environ)

    assert (chosen.app, chosen.webhook_secrets, chosen.url) == (None, (), None)
    assert chosen.github_api == "https://api.github.com"
    assert chosen.broker == Path(environ["GATEKEEPER_DATA"]) / "run/broker.sock"


def test_the_stored_app_is_used_and_an_app_of_the_environment_hides_all_of_it(environ: dict[str, str]) -> None:
    folder = _store(environ, api="https://git.example/api/v3", url="https://gate.example")

    stored = settings.read(environ)
    named = settings.read({**environ, "GATEKEEPER_APP_ID": "8"})

    assert stored.app == settings.App(
        id=7, key_file=folder / "key.pem", slug="gate", page="https://github.com/apps/gate"
    )
    assert stored.webhook_secrets == ("stored",)
    assert (stored.github_api, stored.url) == ("https://git.example/api/v3", "https://gate.example")
    assert named.app == settings.App(id=8)
    assert (named.webhook_secrets, named.github_api) == ((), settings.GITHUB_API)


def test_a_secret_that_is_being_replaced_still_counts_after_the_newest(environ: dict[str, str]) -> None:
    _store(environ)

    chosen = settings.read({**environ, "GATEKEEPER_WEBHOOK_SECRET_PREVIOUS": "old"})

    assert chosen.webhook_secrets == ("stored", "old")


def test_an_old_secret_alone_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(errors.UsageError, match="set the newest one too"):
        settings.read({**environ, "GATEKEEPER_WEBHOOK_SECRET_PREVIOUS": "old"})


def test_secrets_come_from_files_too(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\nand more\n")

    chosen = settings.read({**environ, "GATEKEEPER_WEBHOOK_SECRET_FILE": str(file)})

    assert chosen.webhook_secrets == ("from a file",)
    with pytest.raises(errors.UsageError, match="GATEKEEPER_DATABASE_FILE names"):
        settings.read({**environ, "GATEKEEPER_DATABASE_FILE": str(tmp_path / "absent")})


def test_what_is_secret_is_not_in_the_representation(environ: dict[str, str]) -> None:
    chosen = settings.read(
        {
            **environ,
            "GATEKEEPER_WEBHOOK_SECRET": "hidden-1",
            "GATEKEEPER_METRICS_TOKEN": "hidden-2",
            "GATEKEEPER_DATABASE": "postgresql://user:hidden-3@host/name",
        }
    )

    assert "hidden" not in repr(chosen)


@pytest.mark.parametrize("content", ["", "[]", '{"id": "7"}', '{"id": true}', '{"id": 7, "webhook_secret": 3}', "\xff"])
def test_a_damaged_credentials_file_is_named(environ: dict[str, str], content: str) -> None:
    folder = _store(environ)
    (folder / "app.json").write_bytes(content.encode("latin-1"))

    with pytest.raises(errors.UsageError, match=r"app\.json"):
        settings.read(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "gate.example"),
        ("URL", "https://gate.example:port"),
        ("URL", "https://user:password@gate.example"),
        ("URL", "javascript:alert(1)"),
        ("GITHUB_API", "http://git.example/api/v3"),
        ("LISTEN", "8000"),
        ("LISTEN", "127.0.0.1:0"),
        ("LISTEN", "127.0.0.1:99999"),
        ("APP_ID", "0"),
        ("APP_ID", "-1"),
        ("ADMINS", "ada;bob"),
        ("ADMINS", "a b"),
        ("WEB_KEY", "short"),
        ("REVIEWS", "0"),
        ("REVIEWS", "many"),
        ("POLL_SECONDS", "1000001"),
    ],
)
def test_an_unusable_value_is_refused_by_its_name(environ: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(errors.UsageError, match=f"GATEKEEPER_{name}"):
        settings.read({**environ, f"GATEKEEPER_{name}": value})


def test_addresses_lose_their_last_slash(environ: dict[str, str]) -> None:
    chosen = settings.read(
        {**environ, "GATEKEEPER_URL": "https://gate.example/", "GATEKEEPER_GITHUB_API": "http://127.0.0.1:1/api/v3/"}
    )

    assert (chosen.url, chosen.github_api) == ("https://gate.example", "http://127.0.0.1:1/api/v3")


def test_administrators_are_logins_or_numbers(environ: dict[str, str]) -> None:
    assert settings.read({**environ, "GATEKEEPER_ADMINS": " Ada-L, 583231 ,,octo_acme "}).admins == (
        "Ada-L",
        "583231",
        "octo_acme",
    )


def test_a_server_gets_several_web_processes_and_a_file_one(environ: dict[str, str]) -> None:
    assert settings.read(environ).web_workers == 1
    assert settings.read({**environ, "GATEKEEPER_DATABASE": "sqlite:///a"}).web_workers == 1
    assert settings.read({**environ, "GATEKEEPER_WEB_WORKERS": "3"}).web_workers == 3
