"""A model that says what it is told to; implements `gatekeeper.inference.generation.Model`."""

import asyncio
import itertools
from collections.abc import Callable, Sequence

from gatekeeper.inference import generation, grammar

# ids below are characters
_FIRST_CONTROL = 0x110000
CONTROLS: dict[str, int] = {name: _FIRST_CONTROL + number for number, name in enumerate(grammar.Control)}
_NAMES = {id_: name for name, id_ in CONTROLS.items()}


class ScriptedModel:
    """Answers the texts that `say` gives for a prompt's text, in turn.

    A token is a character, and its log-probability -1. An empty text stands for an answer that never comes; one that
    ends in `…` for one that is cut short.
    """

    def __init__(self, say: Callable[[str], Sequence[str]], context: int = 100_000) -> None:
        self.served = generation.Served(model="scripted", server="script 1", context=context, controls=CONTROLS)
        self.asked: list[generation.Asked | generation.Conversation] = []
        self._say = say

    async def generate(self, asked: generation.Asked) -> generation.Answer:
        self.asked.append(asked)
        (prompt,) = await self.decode([asked.prompt])
        said = await self._said(prompt, asked.samples)
        end = CONTROLS[grammar.Control.EOT]
        samples = [
            generation.Sample(ids=(*map(ord, text), end), text="", finish=finish, logprobs=(-1.0,) * (len(text) + 1))
            for text, finish in said
        ]
        return self._answer(samples, len(asked.prompt))

    async def converse(self, asked: generation.Conversation) -> generation.Answer:
        self.asked.append(asked)
        prompt = "".join(content for _, content in asked.messages)
        said = await self._said(prompt, asked.samples)
        return self._answer([generation.Sample(ids=(), text=text, finish=finish) for text, finish in said], len(prompt))

    async def encode(self, texts: Sequence[str]) -> list[generation.Ids]:
        return [tuple(map(ord, text)) for text in texts]

    async def decode(self, ids: Sequence[generation.Ids]) -> list[str]:
        return ["".join(_NAMES[id_] if id_ in _NAMES else chr(id_) for id_ in each) for each in ids]

    async def _said(self, prompt: str, samples: int) -> list[tuple[str, generation.Finish]]:
        texts = list(itertools.islice(itertools.cycle(self._say(prompt)), samples))
        if not all(texts):
            await asyncio.Event().wait()
        return [(text, generation.Finish.LENGTH if text.endswith("…") else generation.Finish.STOP) for text in texts]

    def _answer(self, samples: Sequence[generation.Sample], prompt: int) -> generation.Answer:
        usage = generation.Usage(prompt_tokens=prompt, completion_tokens=10 * len(samples), seconds=0.5)
        return generation.Answer(samples=tuple(samples), usage=usage)
