from pathlib import Path

import pytest

from gatekeeper import errors, settings
from gatekeeper.wiring import environments

_MODEL = {
    "GATEKEEPER_MODEL_URL": "https://one.example/,http://two.example:30000",
    "GATEKEEPER_MODEL_PROFILE": "reasoning",
    "GATEKEEPER_MODEL_NAME": "m",
    "GATEKEEPER_MODEL_KEY": "hidden-key",
    "GATEKEEPER_MODEL_REQUESTS": "7",
    "GATEKEEPER_MODEL_SECONDS": "9",
    "GATEKEEPER_MODEL_SAMPLES": "5",
}


@pytest.fixture(name="environ")
def _environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "GATEKEEPER_DATA": str(tmp_path / "data")}


def test_without_a_server_there_is_none(environ: dict[str, str]) -> None:
    chosen = settings.read(environ)

    assert (chosen.model_urls, chosen.model_profile, chosen.model_name, chosen.model_key) == ((), "cwm", "", "")


def test_a_worker_is_told_of_the_servers_and_their_key_and_nobody_else_is(environ: dict[str, str]) -> None:
    chosen = settings.read({**environ, **_MODEL})
    told = {role: environments.of(role, chosen, {}) for role in ("web", "worker", "broker")}

    assert settings.read({**environ, **told["worker"]}).model_urls == chosen.model_urls
    assert {name: told["worker"].get(name) for name in _MODEL} == {
        **_MODEL,
        "GATEKEEPER_MODEL_URL": "https://one.example,http://two.example:30000",
    }
    for role in ("web", "broker"):
        assert not [name for name in told[role] if "MODEL" in name]


def test_the_key_comes_from_a_file_too_and_is_never_shown(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hidden-key\n")
    chosen = settings.read({**environ, "GATEKEEPER_MODEL_KEY_FILE": str(tmp_path / "key")})

    assert chosen.model_key == "hidden-key"
    assert "hidden" not in repr(chosen)


def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(environ: dict[str, str]) -> None:
    for key in ("hid\x1bden", "hidd\u00e9n", "hid\r\nden"):
        with pytest.raises(errors.UsageError, match="GATEKEEPER_MODEL_KEY") as caught:
            settings.read({**environ, "GATEKEEPER_MODEL_KEY": key})
        assert "hid" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "model.example:30000"),
        ("URL", "http://one.example,two"),
        ("URL", "http://user:password@one.example"),
        ("REQUESTS", "0"),
        ("SECONDS", "1.5"),
        ("SAMPLES", "-1"),
    ],
)
def test_an_unusable_value_is_refused_by_its_name(environ: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(errors.UsageError, match=f"GATEKEEPER_MODEL_{name}"):
        settings.read({**environ, f"GATEKEEPER_MODEL_{name}": value})
