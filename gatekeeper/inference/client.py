"""A model, through its servers: the one implementation of the port `generation.Model`."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from gatekeeper import errors
from gatekeeper.inference import api, generation, masking, tokens


class Client:
    """Asks a checked server; has as many requests in flight as its transport lets it."""

    def __init__(
        self,
        server: api.Api,
        served: generation.Served,
        tokenizer: tokens.Tokenizer | None,
        *,
        ids: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.served = served
        self._server = server
        # None: a server that is asked in text
        self._tokenizer = tokenizer
        self._ids, self._clock = ids, clock

    async def generate(self, asked: generation.Asked) -> generation.Answer:
        """Continue a prompt of tokens. Raises ModelError; cancelled on the server with the task that awaits it.

        Of several samples, the prompt is computed once and counted once. (SGLang's own `n` does so too, but names its
        requests anew, so that they cannot be taken back, and counts the prompt as cached.)
        """
        self._known().check(asked.prompt)
        self._fits(asked.prompt, asked.most)
        begun = self._clock()
        if asked.samples == 1:
            sample, usage = await self._server.generate(asked, self._ids())
            return self._answer([sample], usage, begun)
        grouped = replace(asked, group=asked.group or self._ids())
        _, usage = await self._server.generate(replace(grouped, most=0, logprobs=False), self._ids())
        drawn = await tokens.together(self._server.generate(grouped, self._ids()) for _ in range(asked.samples))
        completed = sum(spent.completion_tokens for _, spent in drawn)
        return self._answer([sample for sample, _ in drawn], replace(usage, completion_tokens=completed), begun)

    async def converse(self, asked: generation.Conversation) -> generation.Answer:
        """Answer messages, in which names of control tokens are broken up first. Raises ModelError."""
        begun = self._clock()
        names = tuple(self.served.controls)
        sound = tuple((role, masking.masked(content, names)) for role, content in asked.messages)
        grouped = replace(asked, messages=sound, group=asked.group or self._ids())
        samples: list[generation.Sample] = []
        usage = generation.Usage()
        # some servers give one sample, however many are asked for
        while len(samples) < asked.samples:
            rid = self._ids() if self._tokenizer else ""
            drawn, spent = await self._server.chat(grouped, asked.samples - len(samples), rid)
            samples += drawn
            usage += spent
        return self._answer(samples[: asked.samples], usage, begun)

    async def encode(self, texts: Sequence[str]) -> list[generation.Ids]:
        """Return the ids of each text, never a control token among them. Raises ModelError."""
        return await self._known().encode(texts)

    async def decode(self, ids: Sequence[generation.Ids]) -> list[str]:
        """Return the text of each, control tokens by name. Raises ModelError."""
        return await self._known().decode(ids)

    def _known(self) -> tokens.Tokenizer:
        if self._tokenizer is None:
            raise errors.ModelError(
                f"{self.served.model} on {self.served.server} is asked in text and not by tokens: "
                "choose the profile `reasoning`, or a model on SGLang"
            )
        return self._tokenizer

    def _fits(self, prompt: generation.Ids, most: int) -> None:
        if not prompt or len(prompt) + most > self.served.context:
            raise errors.ModelError(
                f"a prompt of {len(prompt):,} tokens and an answer of {most:,} do not fit the {self.served.context:,} "
                f"tokens of {self.served.model}"
            )

    def _answer(self, samples: Sequence[generation.Sample], usage: generation.Usage, begun: float) -> generation.Answer:
        return generation.Answer(samples=tuple(samples), usage=replace(usage, seconds=self._clock() - begun))


def numbered(prefix: str) -> Callable[[], str]:
    """Return a source of ids: the prefix and a number."""
    numbers = itertools.count()
    return lambda: f"{prefix}-{next(numbers)}"
