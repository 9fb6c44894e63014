"""SGLang's and OpenAI's JSON: requests written, answers read and checked. No I/O.

As SGLang 0.5.23 speaks it (`srt/managers/io_struct.py`, `srt/entrypoints/openai/protocol.py`). Every reader takes the
bytes of any answer and raises ModelError where they are not what they should be.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic_core

from gatekeeper import errors
from gatekeeper.inference import generation
from gatekeeper.report import visible

# characters of a server's own words
_SHOWN = 300


def generate(asked: generation.Asked, rid: str) -> bytes:
    """Return the body of `/generate` for one sample."""
    return pydantic_core.to_json(
        {
            "rid": rid,
            "input_ids": asked.prompt,
            # text is not used; without this, trace tokens would be missing from it all the same
            "sampling_params": {**_drawn(asked.sampling), "max_new_tokens": asked.most, "skip_special_tokens": False}
            | ({"stop_token_ids": asked.stop} if asked.stop else {}),
            # from -1, of the answer alone: the prompt's would keep its prefix from being reused
            **({"return_logprob": True, "logprob_start_len": -1} if asked.logprobs else {}),
        }
    )


def generated(body: bytes, asked: generation.Asked, where: str) -> tuple[generation.Sample, generation.Usage]:
    """Return the sample in an answer of `/generate`, and its cost without the time it took."""
    answer = _read(body, where)
    meta = _mapping(answer.get("meta_info"), where, "meta_info")
    ids = _ids(answer.get("output_ids"), where)
    if len(ids) > asked.most:
        raise _strange(where, f"{len(ids)} tokens where at most {asked.most} were asked for")
    reason = _mapping(meta.get("finish_reason"), where, "finish_reason").get("type")
    sample = generation.Sample(
        ids=ids,
        text="",
        finish=_finish(reason, where),
        logprobs=_logprobs(meta.get("output_token_logprobs"), ids, where) if asked.logprobs else (),
    )
    usage = generation.Usage(
        prompt_tokens=_count(meta.get("prompt_tokens"), where, "prompt_tokens"),
        cached_tokens=_count(meta.get("cached_tokens", 0), where, "cached_tokens"),
        completion_tokens=_count(meta.get("completion_tokens"), where, "completion_tokens"),
    )
    return sample, usage


def chat(asked: generation.Conversation, model: str, samples: int, rid: str) -> bytes:
    """Return the body of `/v1/chat/completions`; `rid` is for SGLang alone, others refuse what they do not know."""
    answer = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": asked.schema}}
    return pydantic_core.to_json(
        {
            "model": model,
            "messages": [{"role": role, "content": content} for role, content in asked.messages],
            "temperature": asked.sampling.temperature,
            "top_p": asked.sampling.top_p,
            "max_tokens": asked.most,
            "n": samples,
            **({"rid": rid} if rid else {}),
            **({"logprobs": True} if asked.logprobs else {}),
            **({"response_format": answer} if asked.schema is not None else {}),
        }
    )


def chatted(
    body: bytes, asked: generation.Conversation, where: str
) -> tuple[list[generation.Sample], generation.Usage]:
    """Return the samples in an answer of `/v1/chat/completions`, one at least, and their cost without the time."""
    answer = _read(body, where)
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise _strange(where, "no choices")
    samples = [_choice(_mapping(choice, where, "choices"), asked, where) for choice in choices]
    usage = _mapping(answer.get("usage") or {}, where, "usage")
    details = _mapping(usage.get("prompt_tokens_details") or {}, where, "prompt_tokens_details")
    return samples, generation.Usage(
        prompt_tokens=_count(usage.get("prompt_tokens", 0), where, "prompt_tokens"),
        cached_tokens=_count(details.get("cached_tokens") or 0, where, "cached_tokens"),
        completion_tokens=_count(usage.get("completion_tokens", 0), where, "completion_tokens"),
    )


def tokenize(texts: Sequence[str], model: str) -> bytes:
    """Return the body of `/v1/tokenize`; no token is put before or after the texts."""
    return pydantic_core.to_json({"model": model, "prompt": texts, "add_special_tokens": False})


def tokenized(body: bytes, count: int, where: str) -> list[generation.Ids]:
    """Return the ids of each of `count` texts."""
    tokens = _read(body, where).get("tokens")
    if not isinstance(tokens, list) or len(tokens) != count:
        raise _strange(where, f"not the tokens of {count} texts")
    return [_ids(each, where) for each in tokens]


def detokenize(ids: Sequence[generation.Ids], model: str, *, skip: bool) -> bytes:
    """Return the body of `/v1/detokenize`; `skip` leaves control tokens out of the text."""
    return pydantic_core.to_json({"model": model, "tokens": ids, "skip_special_tokens": skip})


def detokenized(body: bytes, count: int, where: str) -> list[str]:
    """Return the text of each of `count` lists of ids."""
    texts = _read(body, where).get("text")
    if not isinstance(texts, list) or len(texts) != count or not all(isinstance(text, str) for text in texts):
        raise _strange(where, f"not the texts of {count} lists of tokens")
    return texts


def mapping(body: bytes, where: str) -> Mapping[str, Any]:
    """Return a JSON object."""
    return _read(body, where)


def refusal(body: bytes) -> str:
    """Return what a server says of why it refused, on one line, shortened and harmless to look at; else nothing."""
    try:
        said = pydantic_core.from_json(body[:10_000], allow_partial=True)
    except ValueError:
        return ""
    for key in ("error", "message", "detail"):
        if isinstance(said, dict) and key in said:
            said = said[key]
    return f": {visible.visible(said[:_SHOWN])}" if isinstance(said, str) else ""


def _drawn(sampling: generation.Sampling) -> dict[str, Any]:
    # all of them: what is left out is taken from the checkpoint's generation_config.json
    neutral = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}
    return {"temperature": sampling.temperature, "top_p": sampling.top_p, **neutral}


def _read(body: bytes, where: str) -> dict[str, Any]:
    try:
        answer = pydantic_core.from_json(body)
    except ValueError as error:
        raise _strange(where, "no JSON") from error
    return _mapping(answer, where, "the answer")


def _mapping(value: object, where: str, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _strange(where, f"{name} is no object")
    return value


def _ids(value: object, where: str) -> generation.Ids:
    # an id is a small non-negative int; `set(map(type, …))` because answers have many
    if not isinstance(value, list) or (value and (set(map(type, value)) != {int} or min(value) < 0)):
        raise _strange(where, "tokens that are no ids")
    return tuple(value)


def _logprobs(value: object, ids: generation.Ids, where: str) -> tuple[float, ...]:
    """Read `[[logarithm, id, text], …]`."""
    try:
        logarithms, named = zip(*((each[0], each[1]) for each in value), strict=True) if value else ((), ())  # type: ignore[attr-defined]
    except (TypeError, LookupError, ValueError) as error:
        raise _strange(where, "log-probabilities of another form") from error
    if named != ids:
        raise _strange(where, "log-probabilities of other tokens")
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in logarithms):
        raise _strange(where, "log-probabilities that are no numbers")
    return tuple(map(float, logarithms))


def _choice(choice: dict[str, Any], asked: generation.Conversation, where: str) -> generation.Sample:
    message = _mapping(choice.get("message"), where, "message")
    # servers that tell thought apart leave the content empty where there was no room for an answer
    text = message.get("content") or ""
    if not isinstance(text, str):
        raise _strange(where, "content that is no text")
    logarithms: list[Any] = []
    if asked.logprobs:
        listed = _mapping(choice.get("logprobs") or {}, where, "logprobs").get("content") or []
        logarithms = [each.get("logprob") if isinstance(each, dict) else None for each in listed]
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in logarithms):
        raise _strange(where, "log-probabilities that are no numbers")
    finish = _finish(choice.get("finish_reason"), where)
    return generation.Sample(ids=(), text=text, finish=finish, logprobs=tuple(map(float, logarithms)))


def _finish(reason: object, where: str) -> generation.Finish:
    match reason:
        case "stop":
            return generation.Finish.STOP
        case "length":
            return generation.Finish.LENGTH
        case "abort" | "content_filter":
            return generation.Finish.ABORTED
        case _:
            raise _strange(where, "no reason why it ended")


def _count(value: object, where: str, name: str) -> int:
    if type(value) is not int or value < 0:
        raise _strange(where, f"{name} is no count")
    return value


def _strange(where: str, what: str) -> errors.ModelError:
    return errors.ModelError(f"{where} gave a strange answer: {what}: see whether a model server runs there")
