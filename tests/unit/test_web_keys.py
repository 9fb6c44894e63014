import stat
from concurrent import futures
from pathlib import Path

import pytest

from gatekeeper import errors, settings
from gatekeeper.web import keys
from gatekeeper.wiring import webkey


def test_each_purpose_has_a_key_of_its_own() -> None:
    made = keys.derived("secret")

    assert len({made.cookie, made.address, made.tokens}) == 3
    assert made == keys.derived("secret")
    assert made != keys.derived("other")
    assert "secret" not in repr(made)
    assert repr(made.cookie) not in repr(made)


def test_what_is_sealed_opens_with_the_same_secret_alone() -> None:
    sealed = keys.derived("secret").seal("ghu_token")

    assert b"ghu_token" not in sealed
    assert keys.derived("secret").opened(sealed) == "ghu_token"
    assert keys.derived("other").opened(sealed) is None
    assert keys.derived("secret").opened(sealed[:-1] + b"x") is None
    assert keys.derived("secret").opened(b"") is None


def test_the_first_process_makes_the_secret_for_all(tmp_path: Path) -> None:
    chosen = settings.read({"GATEKEEPER_DATA": str(tmp_path / "data")})

    with futures.ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: webkey.of(chosen).cookie, range(8)))

    assert len(found) == 1
    (kept,) = (tmp_path / "data").iterdir()
    assert kept.name == "web.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_given_secret_is_used_and_none_is_kept(tmp_path: Path) -> None:
    secret = "s" * 32
    chosen = settings.read({"GATEKEEPER_DATA": str(tmp_path / "data"), "GATEKEEPER_WEB_KEY": secret})

    assert webkey.of(chosen) == keys.derived(secret)
    assert not (tmp_path / "data").exists()


def test_a_damaged_secret_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "web.key").write_text("short")
    with pytest.raises(errors.UsageError, match="not whole"):
        webkey.of(settings.read({"GATEKEEPER_DATA": str(tmp_path)}))
