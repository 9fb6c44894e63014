"""Closed tests -> predictions, many at a time: the model's opinion after the change, and before it as the control."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gatekeeper import errors
from gatekeeper.inference import chat, generation, opinion, simulating, tokens
from gatekeeper.inference import judgement as judging
from gatekeeper.inference.profiles import profile as profiles
from gatekeeper.inference.profiles import reasoning
from gatekeeper.simulation import agreement, prediction
from gatekeeper.simulation.program import program as programs

# tests that are asked for at a time; each is several requests, which the client bounds
AT_ONCE = 16
# tokens that reasoning needs at least, for it to be tried
THOUGHT = 2048
# characters of a token at most, in a whole program
CHARACTERS = 4

Tell = Callable[[prediction.Prediction], None]


@dataclass(slots=True, kw_only=True)
class Asker:
    """Asks one model about the tests of one review."""

    model: generation.Model
    profile: profiles.Profile
    samples: int
    judge: judging.Judge
    # test -> whether it was seen to pass before the change
    known: Mapping[str, bool]
    # tokens that may be spent; None: any
    tokens: int | None
    # hears each prediction
    tell: Tell
    spent: generation.Usage = field(default_factory=generation.Usage)
    # the model's first failure
    problem: errors.ModelError | None = None
    # tokens that the tests which are being asked about will take at least
    _reserved: int = 0
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    # groups of which the server has read a prompt in the chat format; and a lock for each while it reads that
    _read: set[str] = field(default_factory=set)
    _reading: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def ask(self, groups: Sequence[Sequence[programs.Closed]]) -> None:
        """Ask about all tests, group by group, as far as there is room for. Failures of the model become unknown."""
        await tokens.together(self._group(f"group-{number}", group) for number, group in enumerate(groups))

    async def _group(self, name: str, group: Sequence[programs.Closed]) -> None:
        warmed = generation.Usage()
        if self.profile.way is profiles.Way.TOKENS and len(group) > 1:
            async with self._places:
                warmed = await self._warm(group[0], name)
        spread = [warmed, *[generation.Usage()] * (len(group) - 1)]
        await tokens.together(self._one(closed, name, first) for closed, first in zip(group, spread, strict=True))

    async def _warm(self, first: programs.Closed, group: str) -> generation.Usage:
        simulator, usage = self._simulator(), generation.Usage()
        try:
            for program in filter(None, (first.before, first.after)):
                usage += await simulator.warm(program, group)
        except errors.ModelError:
            # each test says so itself
            pass
        self.spent += usage
        return usage

    async def _one(self, closed: programs.Closed, group: str, warmed: generation.Usage) -> None:
        async with self._places:
            if self.tokens is not None and _tokens(self.spent) + self._reserved >= self.tokens:
                self.tell(self.judge.unknown(closed.test, f"the review's budget of {self.tokens:,} tokens was spent"))
                return
            sides = closed.after, closed.before
            least = sum(len(program.text) // CHARACTERS + 1 for program in sides if program)
            self._reserved += least
            try:
                after, before = await tokens.together(self._opinion(program, closed.test, group) for program in sides)
            except errors.ModelError as problem:
                self.problem = self.problem or problem
                self.tell(self.judge.unknown(closed.test, str(problem)))
                return
            finally:
                self._reserved -= least
            assert after is not None
            usage = sum((one.usage for one in (after, before) if one), generation.Usage())
            self.spent += usage
            self.tell(self.judge.judged(closed, after, before, self._control(closed), warmed + usage))

    def _control(self, closed: programs.Closed) -> prediction.Control:
        if closed.before is None:
            return prediction.Control.NONE
        return prediction.Control.EXECUTED if self.known.get(closed.test) else prediction.Control.ASSUMED

    async def _opinion(self, program: programs.Program | None, test: str, group: str) -> opinion.Opinion | None:
        if program is None:
            return None
        match self.profile.way:
            case profiles.Way.MESSAGES:
                return await self._conversed(program, test, group)
            case profiles.Way.TOKENS:
                traced = opinion.of_traces(await self._simulator().simulate(program, self.samples, group))
                if agreement.share(traced.votes) is not None:
                    return traced
                return await self._reasoned(program, test, traced, group)

    def _simulator(self) -> simulating.Simulator:
        return simulating.Simulator(model=self.model, profile=self.profile)

    async def _conversed(self, program: programs.Program, test: str, group: str) -> opinion.Opinion:
        asked = reasoning.asked(program.text, test, samples=self.samples, group=group)
        answer = await self.model.converse(replace(asked, sampling=self.profile.reasoning, most=self.profile.most))
        return opinion.of_answers(answer.samples, program, answer.usage)

    async def _reasoned(
        self, program: programs.Program, test: str, traced: opinion.Opinion, group: str
    ) -> opinion.Opinion:
        """Ask in the model's chat format where its traces came to no end; what they cost counts all the same."""
        prompt = await chat.prompt(self.model, reasoning.messages(program.text, test))
        most = min(self.profile.most, self.model.served.context - len(prompt))
        if most < THOUGHT:
            return traced
        asked = generation.Asked(
            prompt=prompt,
            sampling=self.profile.reasoning,
            most=most,
            stop=profiles.stops(self.profile, self.model.served.controls),
            samples=self.samples,
            group=group,
        )
        led = await self._led(asked)
        answer = await self.model.generate(asked)
        texts = await self.model.decode([sample.ids for sample in answer.samples])
        said = [
            replace(sample, text=chat.answer(text) or "") for sample, text in zip(answer.samples, texts, strict=True)
        ]
        reasoned = opinion.of_answers(said, program, traced.usage + led + answer.usage)
        # why its traces came to no end says more than why its reasoning did
        return reasoned if agreement.share(reasoned.votes) is not None else replace(traced, usage=reasoned.usage)

    async def _led(self, asked: generation.Asked) -> generation.Usage:
        """Let the server read the first prompt of a group before others ask with what they share with it."""
        async with self._reading[asked.group]:
            if asked.group in self._read:
                return generation.Usage()
            answer = await self.model.generate(replace(asked, most=0, samples=1))
            self._read.add(asked.group)
            return answer.usage


def _tokens(usage: generation.Usage) -> int:
    return usage.prompt_tokens + usage.completion_tokens
