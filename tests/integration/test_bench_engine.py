"""`gatekeeper bench CASES.json --engine …`: real reviews, by the sandbox and by a model server on loopback."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import errors, settings
from gatekeeper.wiring.bench import shown
from tests.fakes.modelserver import server
from tests.integration import bench_package

pytest.importorskip("cosmic_ray", reason="mutations need gatekeeper[bench]")
pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]

_FAILS = '{"outcome": "fail", "exception": "AssertionError", "line": null, "why": "it is below"}'
_SAMPLES = 2
# roomy enough for prompts that reason
_SERVED = {"version": "0.5.23", "max_req_input_len": 32_000}


@pytest.fixture
def chosen(tmp_path: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    """Return settings with a cache of their own that holds the built sandbox."""
    monkeypatch.setenv("GATEKEEPER_FUEL", "5")
    monkeypatch.setenv("GATEKEEPER_MODEL_PROFILE", "reasoning")
    monkeypatch.setenv("GATEKEEPER_MODEL_SAMPLES", str(_SAMPLES))
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "sandbox").symlink_to(compiled.parent)
    return replace(settings.read(os.environ), cache=cache, database=f"sqlite:///{tmp_path / 'none.sqlite'}")


def cases(folder: Path, chosen: settings.Settings) -> Path:
    """Return a list of one change after which `below` fails, and nothing else that is labelled."""
    digest = bench_package.kept(folder, chosen.cache)
    file = folder / "cases.json"
    file.write_text(json.dumps([bench_package.case(digest, "AddNot", 0, below="failed", above="failed")]))
    return file


def benched(
    file: Path, chosen: settings.Settings, engine: str | None, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    assert shown.bench(file, chosen, limit=None, native=False, as_json=True, engine=engine) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_model_predicts_alone_and_what_it_took_is_told(
    tmp_path: Path, chosen: settings.Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    behaviour = server.Behaviour(context=32_768, server=_SERVED, instead={"test_below": _FAILS})
    with server.serve(behaviour) as model:
        monkeypatch.setenv("GATEKEEPER_MODEL_URL", model.url)
        told = benched(cases(tmp_path, chosen), replace(chosen, model_urls=(model.url,)), "reasoning", capsys)
        asked = [body for body in model.asked_of("/v1/chat/completions") if "n" in body and body["n"] == _SAMPLES]

    taken = told["spending"]
    assert told["engine"] == "reasoning"
    assert list(taken["engines"]) == ["reasoning"]
    assert (taken["executed"], taken["disagreed"]) == (0, 0)
    assert taken["imagined"] == taken["engines"]["reasoning"]["decided"] > 0
    spent = taken["engines"]["reasoning"]
    assert len(asked) > 0, told["reviews"][0]["reason"]
    # what the server says of each answer
    assert (spent["prompt_tokens"], spent["cached_tokens"]) == (10 * len(asked), 4 * len(asked))
    assert spent["completion_tokens"] == 5 * _SAMPLES * len(asked)
    assert spent["cached_share"] == 0.4
    assert spent["seconds"] > 0
    assert spent["dollars"] == 0
    assert told["reviews"][0]["spending"] == taken


def test_the_cascade_runs_what_it_can_and_says_who_decided(
    tmp_path: Path, chosen: settings.Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.serve(server.Behaviour(context=32_768, server=_SERVED)) as model:
        monkeypatch.setenv("GATEKEEPER_MODEL_URL", model.url)
        told = benched(cases(tmp_path, chosen), replace(chosen, model_urls=(model.url,)), "cascade", capsys)

    taken = told["spending"]
    assert told["engine"] == "cascade"
    assert taken["imagined"] == 0
    assert taken["executed"] == taken["engines"]["sandbox"]["decided"] > 0
    assert taken["engines"]["sandbox"]["fuel"] > 0


def test_what_engines_took_is_printed(
    tmp_path: Path, chosen: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    shown.bench(cases(tmp_path, chosen), chosen, limit=None, native=False, as_json=False, engine="sandbox")

    printed = capsys.readouterr().out
    assert "Engines (sandbox)" in printed
    assert "Outcomes imagined: 0, run: " in printed


def test_an_engine_that_cannot_be_used_is_told_before_anything_is_fetched(
    tmp_path: Path, chosen: settings.Settings
) -> None:
    file = cases(tmp_path, chosen)
    for engine, said in (("cwm", "set GATEKEEPER_MODEL_URL"), ("oracle", "there is no engine 'oracle'")):
        with pytest.raises(errors.UsageError, match=said):
            shown.bench(file, replace(chosen, model_urls=()), limit=None, native=False, as_json=True, engine=engine)
