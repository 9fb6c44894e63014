import stat
from pathlib import Path

import pytest

from gatekeeper import errors, settings
from gatekeeper.forge import manifest
from gatekeeper.wiring import credentials

_API = "https://git.example/api/v3"


def _created(number: int = 7) -> manifest.Created:
    return manifest.Created(
        id=number,
        slug="gate",
        page="https://git.example/apps/gate",
        client_id="Iv1",
        client_secret="hidden-client",
        webhook_secret="hidden-webhook",
        key="hidden-key\n",
    )


def _read(data: Path) -> settings.Settings:
    return settings.read({"HOME": str(data), "GATEKEEPER_DATA": str(data)})


def test_what_is_stored_is_what_the_settings_read(tmp_path: Path) -> None:
    folder = credentials.write(tmp_path, _created(), api=_API, url="https://gate.example")

    chosen = _read(tmp_path)
    assert chosen.app == settings.App(
        id=7, key_file=folder / "key.pem", slug="gate", page="https://git.example/apps/gate"
    )
    assert chosen.webhook_secrets == ("hidden-webhook",)
    assert (chosen.github_api, chosen.url) == (_API, "https://gate.example")
    assert (folder / "key.pem").read_text() == "hidden-key\n"


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    folder = credentials.write(tmp_path, _created(), api=_API, url=None)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_an_app_that_is_there_is_kept(tmp_path: Path) -> None:
    credentials.write(tmp_path, _created(7), api=_API, url=None)

    with pytest.raises(errors.UsageError, match="--replace-app"):
        credentials.write(tmp_path, _created(8), api=_API, url=None)

    assert _read(tmp_path).app is not None
    assert _read(tmp_path).app.id == 7  # type: ignore[union-attr]
    assert [path.name for path in tmp_path.iterdir()] == ["app"]


def test_an_app_that_is_replaced_is_kept_aside(tmp_path: Path) -> None:
    credentials.write(tmp_path, _created(7), api=_API, url=None)
    before = credentials.mark(tmp_path)
    credentials.write(tmp_path, _created(8), api=_API, url=None, replace=True)

    assert _read(tmp_path).app.id == 8  # type: ignore[union-attr]
    assert credentials.mark(tmp_path) != before
    (aside,) = tmp_path.glob("app.replaced-*")
    assert (aside / "key.pem").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(errors.UsageError, match=r"data/app"):
        credentials.write(tmp_path / "data", _created(), api=_API, url=None)
