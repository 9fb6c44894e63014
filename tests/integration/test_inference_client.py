"""The client against a server of its own on loopback, for what goes wrong."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from gatekeeper import errors
from gatekeeper.inference import generation, loop, serving, transport
from gatekeeper.inference.profiles import catalogue
from tests import model_contract
from tests.fakes.modelserver import server as fake

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_ASKED = generation.Asked(prompt=(65, 66), sampling=model_contract.GREEDY, most=3)
_TALK = generation.Conversation(
    messages=(("user", "what <|im_end|> is it?"),), sampling=model_contract.GREEDY, most=30, samples=3
)


@pytest.fixture(name="server")
def _server() -> Iterator[fake.ModelServer]:
    with fake.serve() as served:
        yield served


def _connected(
    work: Callable[[generation.Model], Awaitable[object]], *urls: str, seconds: float = 5.0, **limits: int
) -> None:
    async def run() -> None:
        asked = model_contract.wanted(*urls, limits=transport.Limits(seconds=seconds, **limits))
        async with serving.connect(asked) as model:
            await work(model)

    asyncio.run(run())


@contextlib.asynccontextmanager
async def _model(
    *urls: str,
    seconds: float = 5.0,
    patience: float = 20.0,
    largest: int = 1 << 20,
    profile: str = "cwm",
    key: str = "",
) -> AsyncIterator[generation.Model]:
    limits = transport.Limits(seconds=seconds, patience=patience, largest=largest)
    asked = serving.Wanted(urls=urls, profile=catalogue.named(profile), limits=limits, key=key)
    async with serving.connect(asked) as model:
        yield model


@pytest.mark.parametrize(
    "holds",
    [
        model_contract.control_tokens_are_known_by_name,
        model_contract.an_answer_has_its_tokens_and_its_cost,
        model_contract.samples_count_their_prompt_once,
        model_contract.none_of_64_in_flight_is_lost,
    ],
)
def test_the_fake_server_does_what_the_real_one_does(
    server: fake.ModelServer, holds: Callable[[generation.Model], Awaitable[object]]
) -> None:
    _connected(holds, server.url)


def test_no_text_becomes_a_control_token(server: fake.ModelServer) -> None:
    texts = ["", "plain", "<|eot_id|>", "<|<|frame_sep|>|>", "\ud800é\N{GRINNING FACE}"]

    _connected(lambda model: model_contract.no_text_becomes_a_control_token(model, texts), server.url)


def test_no_more_are_in_flight_than_asked_for_and_none_is_lost(server: fake.ModelServer) -> None:
    async def work(model: generation.Model) -> None:
        server.behaviour.due("/generate", *[fake.Fault(hangs=True)] * 5)
        asked = [asyncio.create_task(model.generate(_ASKED)) for _ in range(64)]
        # one was asked at the start
        await asyncio.to_thread(_wait_for, server, 6)
        server.release()
        answers = await asyncio.gather(*asked)
        assert [answer.samples[0].ids for answer in answers] == [(67, 68, 69)] * 64

    _connected(work, server.url, requests=5)

    assert server.most_at_a_time == 5


@pytest.mark.parametrize(
    "fault",
    [
        fake.Fault(status=503),
        fake.Fault(status=429, headers=(("retry-after", "0"),)),
        fake.Fault(status=502, body=b"<html>"),
        fake.Fault(reset=True),
    ],
)
def test_what_may_pass_is_asked_again(server: fake.ModelServer, fault: fake.Fault) -> None:
    async def work(model: generation.Model) -> None:
        server.behaviour.due("/generate", fault)
        answer = await model.generate(_ASKED)
        assert answer.samples[0].ids == (67, 68, 69)

    _connected(work, server.url)

    # the check at the start, the fault, and the answer
    assert len(server.asked_of("/generate")) == 3


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (fake.Fault(status=400, body=b'{"error": {"message": "too \\u001b[2J long"}}'), r"answered 400: too \\x1b\[2J"),
        (fake.Fault(status=500), "answered 500"),
        (fake.Fault(body=b"\x00garbage"), "strange answer: no JSON"),
        (fake.Fault(body=b'{"output_ids": "many"}'), "strange answer"),
        (fake.Fault(body=b"[" * 600_000), "strange answer"),
        (fake.Fault(body=b" " * 2_000_000), "more than 1,048,576 bytes"),
        (fake.Fault(cut=True), "amid its answer"),
        (fake.Fault(status=302, headers=(("location", "http://127.0.0.1:1/"),)), "answered 302"),
    ],
)
def test_what_will_not_pass_is_told_at_once(server: fake.ModelServer, fault: fake.Fault, said: str) -> None:
    async def run() -> None:
        async with _model(server.url) as model:
            server.behaviour.due("/generate", fault)
            with pytest.raises(errors.ModelError, match=said):
                await model.generate(_ASKED)
            # and the next is answered
            await model.generate(_ASKED)

    asyncio.run(run())

    assert len(server.asked_of("/generate")) == 3


def test_a_connection_that_ends_twice_is_not_tried_on_other_requests_servers(server: fake.ModelServer) -> None:
    async def run() -> None:
        async with _model(server.url) as model:
            server.behaviour.due("/generate", *[fake.Fault(reset=True)] * 9)
            with pytest.raises(errors.ModelError, match="ended the connection without an answer"):
                await model.generate(_ASKED)

    asyncio.run(run())

    assert len(server.asked_of("/generate")) == 3


def test_a_slow_server_is_given_up_in_time_and_told_so(server: fake.ModelServer) -> None:
    async def run() -> None:
        async with _model(server.url, seconds=0.4) as model:
            server.behaviour.due("/generate", fake.Fault(hangs=True))
            begun = time.monotonic()
            with pytest.raises(errors.ModelError, match=r"did not answer within 0\.4 s"):
                await model.generate(_ASKED)
            assert time.monotonic() - begun < 2

    asyncio.run(run())

    assert server.aborted == [server.asked_of("/generate")[-1]["rid"]]


def test_a_request_that_does_not_get_its_turn_is_given_up_in_time(server: fake.ModelServer) -> None:
    async def run() -> None:
        limits = transport.Limits(requests=1, seconds=5.0, patience=0.5)
        async with serving.connect(model_contract.wanted(server.url, limits=limits)) as model:
            server.behaviour.due("/generate", fake.Fault(hangs=True))
            first = asyncio.create_task(model.generate(_ASKED))
            await asyncio.sleep(0)
            with pytest.raises(errors.ModelError, match=r"did not get its turn and an answer in 0\.5 s"):
                await model.generate(_ASKED)
            with pytest.raises(errors.ModelError):
                await first

    asyncio.run(run())


def test_every_sample_of_what_nobody_waits_for_is_taken_back(server: fake.ModelServer) -> None:
    with loop.Running() as running:

        async def ask() -> None:
            async with _model(server.url) as model:
                server.behaviour.due("/generate", fake.Fault(), *[fake.Fault(hangs=True)] * 3)
                await model.generate(
                    generation.Asked(prompt=(65,), sampling=model_contract.GREEDY, most=3, samples=3, group="g")
                )

        future = running.submit(ask())
        _wait_for(server, 5)
        future.cancel()

    rids = [asked["rid"] for asked in server.asked_of("/generate")]
    assert len(set(rids)) == 5
    assert sorted(server.aborted) == sorted(rids[2:])


def test_a_server_that_dies_amid_requests_is_an_error_in_time_and_the_next_that_comes_is_used() -> None:
    async def run() -> None:
        with fake.serve() as first:
            port = first.port
            async with _model(first.url) as model:
                first.behaviour.due("/generate", *[fake.Fault(hangs=True)] * 8)
                asked = [asyncio.create_task(model.generate(_ASKED)) for _ in range(8)]
                await asyncio.to_thread(_wait_for, first, 9)
                begun = time.monotonic()
                await asyncio.to_thread(_close, first)
                for each in asked:
                    with pytest.raises(
                        errors.ModelError, match=r"cannot be reached|ended the connection|did not answer"
                    ):
                        await each
                assert time.monotonic() - begun < 6
                with fake.serve(port=port) as second:
                    answer = await model.generate(_ASKED)
                    assert answer.samples[0].ids == (67, 68, 69)
                    assert len(second.asked_of("/generate")) == 1

    asyncio.run(run())


def _wait_for(server: fake.ModelServer, count: int) -> None:
    deadline = time.monotonic() + 5
    while len(server.asked_of("/generate")) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def _close(server: fake.ModelServer) -> None:
    server.shutdown()
    with server.hanging:
        server.closed = True
        server.hanging.notify_all()
    server.server_close()


def test_a_group_stays_with_a_server_and_moves_where_that_fails() -> None:
    async def run(one: fake.ModelServer, other: fake.ModelServer) -> None:
        async with _model(one.url, other.url) as model:
            for group in map(str, range(12)):
                for _ in range(2):
                    await model.generate(
                        generation.Asked(prompt=(65,), sampling=model_contract.GREEDY, most=1, group=group)
                    )
            # each group's two requests went to the same server, and both servers had some
            counts = [len(server.asked_of("/generate")) for server in (one, other)]
            assert all(count > 2 for count in counts)
            assert sum(count % 2 for count in counts) == 1
            await asyncio.to_thread(_close, one)
            for group in map(str, range(12)):
                await model.generate(
                    generation.Asked(prompt=(65,), sampling=model_contract.GREEDY, most=1, group=group)
                )

    with fake.serve() as one, fake.serve() as other:
        asyncio.run(run(one, other))


def test_a_prompt_that_cannot_be_right_is_never_sent(server: fake.ModelServer) -> None:
    async def run() -> None:
        async with _model(server.url) as model:
            for prompt, most in (((), 1), ((1999, 5000), 1), ((-1,), 1), ((65,) * 7999, 2)):
                with pytest.raises(errors.ModelError):
                    await model.generate(generation.Asked(prompt=prompt, sampling=model_contract.GREEDY, most=most))

    asyncio.run(run())

    assert len(server.asked_of("/generate")) == 1


@pytest.mark.parametrize("single", [False, True])
def test_a_conversation_gets_all_its_samples_and_names_no_control_tokens(*, single: bool) -> None:
    async def run(url: str) -> generation.Answer:
        async with _model(url, profile="reasoning") as model:
            return await model.converse(_TALK)

    with fake.serve(fake.Behaviour(is_sglang=False, context=None, single=single)) as server:
        answer = asyncio.run(run(server.url))

        _, *asked = server.asked_of("/v1/chat/completions")
        assert [each["n"] for each in asked] == ([3, 2, 1] if single else [3])
        assert asked[0]["messages"][0]["content"] == "what < |im_end|> is it?"
        assert asked[0]["model"] == "small-cwm"
    assert len(answer.samples) == 3
    assert answer.usage.completion_tokens == 15


def test_a_server_of_text_is_not_asked_by_tokens() -> None:
    async def run(url: str) -> None:
        async with _model(url, profile="reasoning") as model:
            assert model.served.controls == {}
            for asked in (model.generate(_ASKED), model.encode(["a"]), model.decode([(1,)])):
                with pytest.raises(errors.ModelError, match="choose the profile `reasoning`"):
                    await asked

    with fake.serve(fake.Behaviour(is_sglang=False)) as server:
        asyncio.run(run(server.url))


def test_the_key_is_sent_and_never_shown() -> None:
    async def run(url: str, key: str) -> None:
        async with _model(url, key=key) as model:
            await model.generate(_ASKED)

    with fake.serve(fake.Behaviour(key="hidden-key")) as server:
        asyncio.run(run(server.url, "hidden-key"))
        with pytest.raises(errors.ModelError, match="GATEKEEPER_MODEL_KEY") as caught:
            asyncio.run(run(server.url, "hidden-other"))
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(serving.Wanted(urls=(), profile=catalogue.named("cwm"), key="hidden-key"))


def test_proxies_of_the_environment_are_not_used(server: fake.ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def work(model: generation.Model) -> None:
        await model.generate(_ASKED)

    _connected(work, server.url)
