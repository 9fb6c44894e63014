"""Which servers are taken and which refused, and what `gatekeeper model check` says of them."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click import testing

from gatekeeper import cli, errors, settings
from gatekeeper.inference import generation, serving
from tests import model_contract
from tests.fakes.modelserver import server as fake
from tests.fakes.modelserver import tokenizer as tokenizers

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(name="behaviour")
def _behaviour() -> fake.Behaviour:
    return fake.Behaviour()


@pytest.fixture(name="server")
def _server(behaviour: fake.Behaviour) -> Iterator[fake.ModelServer]:
    with fake.serve(behaviour) as served:
        yield served


def _connect(*urls: str, **others: Any) -> None:
    async def run() -> None:
        async with serving.connect(model_contract.wanted(*urls, **others)):
            pass

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"model": {"model_type": "llama"}},
            "architecture: llama is served, cwm was expected: .*loads without its window",
        ),
        ({"names": ("a", "b")}, "several models are served: there are a, b: set GATEKEEPER_MODEL_NAME"),
        ({"names": ()}, "no model is served"),
        ({"context": 1024}, "context: 1,024 tokens, and 2,048 are needed"),
        ({"is_sglang": False}, "does not take prompts of tokens: serve the model by SGLang"),
        (
            {"tokenizer": tokenizers.Tokenizer(controls=tokenizers.CONTROLS[:5])},
            r"control tokens: missing: <\|frame_sep\|>, .*<\|trace_context_start\|>: serve the tokenizer",
        ),
        ({"tokenizer": tokenizers.Tokenizer(tidies=True)}, "clean_up_tokenization_spaces"),
    ],
)
def test_a_wrong_server_is_refused_with_what_is_there_and_what_to_do(
    behaviour: fake.Behaviour, server: fake.ModelServer, changed: Mapping[str, Any], said: str
) -> None:
    for name, value in changed.items():
        setattr(behaviour, name, value)

    with pytest.raises(errors.ModelError, match=said):
        _connect(server.url)


def test_a_model_that_is_not_served_is_refused_and_one_of_several_is_taken(behaviour: fake.Behaviour) -> None:
    behaviour.names = ("a", "b")

    with fake.serve(behaviour) as server:
        _connect(server.url, name="b")
        with pytest.raises(errors.ModelError, match="c is not served: there are a, b"):
            _connect(server.url, name="c")


def test_the_room_is_what_the_memory_has_where_that_is_less_than_the_context(server: fake.ModelServer) -> None:
    async def run() -> int:
        async with serving.connect(model_contract.wanted(server.url)) as model:
            return model.served.context

    assert asyncio.run(run()) == 8000


def test_a_server_that_cannot_be_reached_is_left_out_and_a_wrong_one_among_several_refused(
    server: fake.ModelServer,
) -> None:
    absent = "http://127.0.0.1:1"

    async def run() -> None:
        async with serving.connect(model_contract.wanted(absent, server.url)) as model:
            await asyncio.gather(*(model.encode([str(number)]) for number in range(8)))

    asyncio.run(run())
    with pytest.raises(errors.ModelError, match=f"{absent}/model_info cannot be reached"):
        _connect(absent)
    with (
        fake.serve(fake.Behaviour(model={"model_type": "llama"})) as wrong,
        pytest.raises(errors.ModelError, match="llama is served"),
    ):
        _connect(server.url, wrong.url)


def test_a_router_is_asked_and_its_servers_are_checked(server: fake.ModelServer) -> None:
    async def run(url: str) -> generation.Served:
        async with serving.connect(model_contract.wanted(url)) as model:
            await model_contract.an_answer_has_its_tokens_and_its_cost(model)
            return model.served

    with fake.serve(fake.Behaviour(workers=(server.url,), context=None)) as router:
        served = asyncio.run(run(router.url))
        assert (served.server, served.context) == ("sglang 0.5.23", 8000)
        assert not server.asked_of("/generate")
        server.behaviour.model = {"model_type": "llama"}
        with pytest.raises(errors.ModelError, match="llama is served"):
            _connect(router.url)


def test_a_router_whose_servers_only_it_can_reach_is_taken_with_what_it_tells() -> None:
    async def run(url: str) -> generation.Served:
        async with serving.connect(model_contract.wanted(url)) as model:
            return model.served

    with fake.serve(fake.Behaviour(workers=("http://127.0.0.1:1",), context=None)) as router:
        served = asyncio.run(run(router.url))
        assert (served.server, served.context, served.architecture) == ("sglang-router", 131_072, "cwm")


def test_settings_name_the_servers_and_how_they_are_used(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "GATEKEEPER_MODEL_URL": "http://one:1/, http://two:2,http://one:1",
        "GATEKEEPER_MODEL_PROFILE": "reasoning",
        "GATEKEEPER_MODEL_NAME": "m",
        "GATEKEEPER_MODEL_KEY": "k",
        "GATEKEEPER_MODEL_REQUESTS": "7",
        "GATEKEEPER_MODEL_SECONDS": "9",
    }
    wanted = serving.wanted(settings.read(environ))

    assert (wanted.urls, wanted.profile.name, wanted.name, wanted.key) == (
        ("http://one:1", "http://two:2"),
        "reasoning",
        "m",
        "k",
    )
    assert (wanted.limits.requests, wanted.limits.seconds) == (7, 9)
    with pytest.raises(errors.UsageError, match="set GATEKEEPER_MODEL_URL"):
        serving.wanted(settings.read({"HOME": str(tmp_path)}))


def _command(*words: str) -> testing.Result:
    return testing.CliRunner().invoke(cli.main, ["model", "check", *words], env={"GATEKEEPER_MODEL_URL": ""})


def test_the_command_says_that_a_server_is_right_and_what_it_wrote(server: fake.ModelServer) -> None:
    ended = _command(server.url)

    assert ended.exit_code == 0, ended.output
    assert "✓ architecture: cwm\n" in ended.output
    assert "✓ window: 3 of 4 layers were started with a window; their pool has room for 4,000 tokens" in ended.output
    assert "tokens a second" in ended.output
    assert "wrote something else than Python does" in ended.output


def test_the_command_says_in_json_that_a_server_is_wrong(behaviour: fake.Behaviour, server: fake.ModelServer) -> None:
    behaviour.model = {"model_type": "llama\x1b[2J"}
    ended = _command(server.url, "--json")
    found = json.loads(ended.stdout)

    assert ended.exit_code == 1
    assert found["ok"] is False
    assert [each["name"] for each in found["checks"] if each["passed"] is False] == ["architecture"]
    assert "\x1b" not in _command(server.url).output


def test_the_command_says_that_no_server_is_there() -> None:
    ended = _command("http://127.0.0.1:1")

    assert ended.exit_code == 1
    assert "✗ answers: http://127.0.0.1:1/model_info cannot be reached" in ended.output


@pytest.mark.parametrize("words", [(), ("ftp://there",), ("http://127.0.0.1:1", "--profile", "gpt"), ("--speed",)])
def test_bad_use_of_the_command_is_told_as_such(words: tuple[str, ...]) -> None:
    assert _command(*words).exit_code == 2


def test_a_model_of_text_is_asked_what_a_test_does(behaviour: fake.Behaviour) -> None:
    behaviour.is_sglang = False

    with fake.serve(behaviour) as server:
        ended = _command(server.url, "--profile", "reasoning")

    assert ended.exit_code == 0, ended.output
    assert "wrote what Python does" in ended.output
    assert "pass: it holds" in ended.output
