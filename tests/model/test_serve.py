"""The script that starts servers says what it starts, refuses what it cannot serve, and starts several as one."""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.model import servers
from tests.model.conftest import StartServer

KINDS = ["full_attention", *["sliding_attention"] * 3]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return _checkpoint(tmp_path / "checkpoint", model_type="cwm")


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("--cpu", "--dtype float32 --device cpu --attention-backend torch_native"),
        ("--h100-fp8", "--quantization fp8 --attention-backend fa3 --context-length 131072"),
        ("--2xh100", "--tp-size 2 --attention-backend fa3 --context-length 131072"),
    ],
)
def test_a_profile_is_shown_with_its_options_and_the_window_layers(checkpoint: Path, profile: str, words: str) -> None:
    shown = _serve(profile, checkpoint, "--print").stdout
    assert words in shown
    assert '{"is_hybrid_swa": true, "hybrid_layer_pattern": [0, 1, 1, 1]}' in shown


def test_replicas_have_their_own_ports_and_gpus_behind_one_router(checkpoint: Path) -> None:
    shown = _serve(
        "--2xh100", checkpoint, "--replicas", "2", "--port", "4000", "--print", "--", "--load-format", "dummy"
    )
    first, second, router = shown.stdout.splitlines()
    assert "--port 4001 " in first
    assert "--base-gpu-id 0 " in first
    assert "--port 4002 " in second
    assert "--base-gpu-id 2 " in second
    assert first.endswith("--load-format dummy")
    assert "--worker-urls http://127.0.0.1:4001 http://127.0.0.1:4002 --policy cache_aware" in router
    assert "--prometheus-port 4003" in router
    assert router.endswith("--port 4000")


def test_weights_that_call_themselves_llama_are_refused(tmp_path: Path) -> None:
    refused = _serve("--h100-fp8", _checkpoint(tmp_path / "old", model_type="llama"))
    assert refused.returncode == 1
    assert "says model_type 'llama', and not 'cwm'" in refused.stderr


@pytest.mark.parametrize(("profile", "method", "held"), [("--h100-awq", None, "nothing"), ("--h100-fp8", "awq", "awq")])
def test_weights_quantised_otherwise_than_the_profile_wants_are_refused(
    tmp_path: Path, profile: str, method: str | None, held: str
) -> None:
    folder = _checkpoint(tmp_path / "weights", model_type="cwm", quantised=method)
    refused = _serve(profile, folder)
    assert refused.returncode == 1
    assert f"holds weights quantised by {held}, and this profile is for" in refused.stderr


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    refused = _serve("--cpu", tmp_path)
    assert refused.returncode == 1
    assert "config.json cannot be read (No such file or directory). Name the folder of a checkpoint" in refused.stderr


def test_two_replicas_answer_as_one_that_keeps_prefixes_and_stop_together(
    random_checkpoint: Path, start_server: StartServer
) -> None:
    both = start_server(random_checkpoint, replicas=2)
    shared = list(range(100, 300))
    cached = [both.generate([*shared, last])["meta_info"]["cached_tokens"] for last in range(20, 24)]
    assert cached == [0, 200, 200, 200]
    both.process.terminate()
    assert both.process.wait(servers.STOPPING_SECONDS) == 0
    router = int(both.url.rpartition(":")[2])
    for port in (router, router + 1, router + 2):
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/health")


def _serve(profile: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [servers.SCRIPTS / "serve", profile, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _checkpoint(folder: Path, *, model_type: str, quantised: str | None = None) -> Path:
    config = {"model_type": model_type, "num_hidden_layers": len(KINDS), "layer_types": KINDS}
    if quantised:
        config["quantization_config"] = {"quant_method": quantised}
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    return folder
