"""What every model server does that is asked by tokens: the fake one and the real one are held to the same."""

import asyncio
import re
from collections.abc import Sequence

from gatekeeper.inference import generation, serving
from gatekeeper.inference.profiles import catalogue

GREEDY = generation.Sampling(temperature=0.0)


def wanted(*urls: str, **others: object) -> serving.Wanted:
    return serving.Wanted(urls=urls, profile=catalogue.named("cwm"), **others)  # type: ignore[arg-type]


async def no_text_becomes_a_control_token(model: generation.Model, texts: Sequence[str]) -> None:
    encoded = await model.encode(texts)
    controls = set(model.served.controls.values())

    assert [controls.intersection(ids) for ids in encoded] == [set()] * len(texts)
    # lone surrogates are no text
    sound = [re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text) for text in texts]
    assert await model.decode(encoded) == sound


async def control_tokens_are_known_by_name(model: generation.Model) -> None:
    controls = model.served.controls

    assert controls
    assert await model.decode([(id_,) for id_ in controls.values()]) == list(controls)


async def an_answer_has_its_tokens_and_its_cost(model: generation.Model) -> None:
    (prompt,) = await model.encode(["def f(x):\n    return x\n"])
    answer = await model.generate(generation.Asked(prompt=prompt, sampling=GREEDY, most=4, logprobs=True))
    (sample,) = answer.samples
    stopped = await model.generate(generation.Asked(prompt=prompt, sampling=GREEDY, most=4, stop=sample.ids[1:2]))

    assert (len(sample.ids), len(sample.logprobs), sample.finish) == (4, 4, generation.Finish.LENGTH)
    assert all(logprob <= 0 for logprob in sample.logprobs)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (len(prompt), 4)
    # a stop token is the last of a sample's ids
    first = sample.ids.index(sample.ids[1]) + 1
    assert (stopped.samples[0].ids, stopped.samples[0].finish) == (sample.ids[:first], generation.Finish.STOP)


async def samples_count_their_prompt_once(model: generation.Model) -> None:
    (prompt,) = await model.encode(["samples = 3\n"])
    sampling = generation.Sampling(temperature=1.0)
    answer = await model.generate(generation.Asked(prompt=prompt, sampling=sampling, most=3, samples=3))

    lengths = [len(sample.ids) for sample in answer.samples]
    assert len(lengths) == 3
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (len(prompt), sum(lengths))


async def none_of_64_in_flight_is_lost(model: generation.Model) -> None:
    prompts = await model.encode([f"x{number:02} = {number}\n" for number in range(64)])
    asked = [generation.Asked(prompt=prompt, sampling=GREEDY, most=2) for prompt in prompts]
    answers = await asyncio.gather(*map(model.generate, asked))

    assert [answer.usage.prompt_tokens for answer in answers] == [len(prompt) for prompt in prompts]
    assert [len(answer.samples[0].ids) for answer in answers] == [2] * 64
