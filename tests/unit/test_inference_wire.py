import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import errors
from gatekeeper.inference import generation, wire

_ASKED = generation.Asked(
    prompt=(128000, 5), sampling=generation.Sampling(temperature=0.5), most=3, stop=(1, 4), logprobs=True
)
_META = {
    "finish_reason": {"type": "length", "length": 2},
    "prompt_tokens": 2,
    "completion_tokens": 2,
    "cached_tokens": 1,
    "output_token_logprobs": [[-0.25, 7, None], [-1, 8, None]],
}
_TALK = generation.Conversation(
    messages=(("user", "hello"),), sampling=generation.Sampling(temperature=0.5), most=3, logprobs=True
)


def _generated(asked: generation.Asked = _ASKED, /, **changed: Any) -> tuple[generation.Sample, generation.Usage]:
    answer = {"output_ids": changed.pop("output_ids", [7, 8]), "meta_info": {**_META, **changed}}
    return wire.generated(json.dumps(answer).encode(), asked, "http://server/generate")


def test_what_sglang_would_choose_by_itself_is_always_said() -> None:
    body = json.loads(wire.generate(_ASKED, "id-1"))

    assert (body["rid"], body["input_ids"], body["return_logprob"], body["logprob_start_len"]) == (
        "id-1",
        [128000, 5],
        True,
        -1,
    )
    assert body["sampling_params"] == {
        "temperature": 0.5,
        "top_p": 1.0,
        "top_k": -1,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "max_new_tokens": 3,
        "skip_special_tokens": False,
        "stop_token_ids": [1, 4],
    }


def test_an_answer_gives_ids_logarithms_and_cost() -> None:
    sample, usage = _generated()

    assert sample == generation.Sample(ids=(7, 8), text="", finish=generation.Finish.LENGTH, logprobs=(-0.25, -1.0))
    assert usage == generation.Usage(prompt_tokens=2, cached_tokens=1, completion_tokens=2)


@pytest.mark.parametrize(
    "changed",
    [
        {"output_ids": [7, "8"]},
        {"output_ids": [7, True]},
        {"output_ids": [7, -8]},
        {"output_ids": None},
        {"output_ids": [7, 8, 9, 10]},
        {"finish_reason": None},
        {"finish_reason": {"type": "tired"}},
        {"prompt_tokens": "2"},
        {"completion_tokens": -1},
        {"cached_tokens": True},
        {"output_token_logprobs": None},
        {"output_token_logprobs": [[-0.25, 7, None]]},
        {"output_token_logprobs": [[-0.25, 7, None], [-1, 9, None]]},
        {"output_token_logprobs": [[None, 7, None], [-1, 8, None]]},
        {"output_token_logprobs": [[float("nan"), 7, None], [-1, 8, None]]},
        {"output_token_logprobs": [7, 8]},
        {"output_token_logprobs": {"7": -1}},
    ],
)
def test_a_strange_answer_is_an_error_that_names_the_address(changed: dict[str, Any]) -> None:
    with pytest.raises(errors.ModelError, match="http://server/generate gave a strange answer"):
        _generated(**changed)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*_META, "output_ids", "meta_info", "type", "choices", "message"]), inner)
    ),
    max_leaves=12,
)


@given(st.binary() | _JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_answer_or_an_error(body: bytes) -> None:
    readers: list[Callable[[], object]] = [
        lambda: wire.generated(body, _ASKED, "there"),
        lambda: wire.chatted(body, _TALK, "there"),
        lambda: wire.tokenized(body, 1, "there"),
        lambda: wire.detokenized(body, 1, "there"),
        lambda: wire.mapping(body, "there"),
    ]
    for read in readers:
        try:
            read()
        except errors.ModelError as error:
            assert len(str(error)) < 300  # noqa: PT017 - either is right
    assert len(wire.refusal(body)) < 4000


def test_deeply_nested_answers_are_strange_too() -> None:
    with pytest.raises(errors.ModelError):
        wire.mapping(b'{"a":' * 100_000, "there")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "too long"}}', ": too long"),
        (b'{"object": "error", "message": "no\\n\\u001b[2Jway"}', ": no\\n\\x1b[2Jway"),
        (b'{"detail": "Not Found"}', ": Not Found"),
        (b"<html>", ""),
        (b'{"error": {"message": 3}}', ""),
    ],
)
def test_a_refusal_is_told_in_the_servers_words_made_harmless(body: bytes, said: str) -> None:
    assert wire.refusal(body) == said


def test_a_chat_asks_for_json_by_schema_and_gives_every_choice() -> None:
    talk = generation.Conversation(
        messages=(("user", "hello"),), sampling=generation.Sampling(temperature=0.5), most=3, schema={"type": "object"}
    )
    choices = [
        {"message": {"content": "{}"}, "finish_reason": "stop"},
        {"message": {"content": None}, "finish_reason": "length"},
    ]
    body = json.loads(wire.chat(talk, "m", 2, ""))
    samples, usage = wire.chatted(json.dumps({"choices": choices}).encode(), talk, "there")

    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert (body["n"], body["model"], "rid" in body) == (2, "m", False)
    assert [(sample.text, sample.finish) for sample in samples] == [
        ("{}", generation.Finish.STOP),
        ("", generation.Finish.LENGTH),
    ]
    assert usage == generation.Usage()
