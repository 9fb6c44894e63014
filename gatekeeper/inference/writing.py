"""What a model writes in its own words: several samples of one question, of which those count that came to an end."""

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from dataclasses import dataclass, field

from gatekeeper import errors
from gatekeeper.inference import chat, generation, loop
from gatekeeper.inference.profiles import profile as profiles
from gatekeeper.simulation import prediction

# tokens below which an answer has no room
_LEAST_ROOM = 256
# characters of a prompt for which a token is reckoned where the server is asked in text
_CHARACTERS = 2

Connect = Callable[[], contextlib.AbstractAsyncContextManager[generation.Model]]
# role and text of each message
Question = Sequence[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class Writing:
    """Questions to one model for one kind of text."""

    # gives the model, checked; raises ModelError
    connect: Connect
    profile: profiles.Profile
    # of each question
    samples: int
    # what is written, for people: a fix, a test
    what: str
    clock: Callable[[], float] = time.monotonic
    # of all questions so far; its seconds are those that were waited
    cost: prediction.Cost = field(default_factory=prediction.Cost)
    # why there are no answers to the last question that had none, for people
    problem: str = ""
    # a model that failed is not asked again
    failed: bool = False

    def ask(self, question: Question, seconds: float, stopped: Callable[[], bool]) -> list[str]:
        """Return the texts of the samples, not to be trusted, "" for one that was cut short; none where it failed.

        It ends soon after the `seconds`, and after `stopped` says so.
        """
        if self.failed or seconds <= 0:
            return []
        began = self.clock()
        try:
            return self._asked(question, lambda: stopped() or self.clock() >= began + seconds)
        except errors.ModelError as problem:
            self.problem, self.failed = f"the model wrote no {self.what}: {problem}", True
        except futures.CancelledError:
            self.problem = f"the model wrote no {self.what} within {seconds:.0f} s"
        finally:
            self.cost += prediction.Cost(seconds=self.clock() - began)
        return []

    def _asked(self, question: Question, over: Callable[[], bool]) -> list[str]:
        with loop.Running() as running, running.entered(self.connect(), over) as model:
            match self.profile.way:
                case profiles.Way.TOKENS:
                    asking = self._by_tokens(model, question)
                case profiles.Way.MESSAGES:
                    asking = self._by_messages(model, question)
            texts, usage = running.result(asking, over)
        self.cost += prediction.Cost(
            tokens=usage.prompt_tokens + usage.completion_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
        )
        return texts

    async def _by_tokens(self, model: generation.Model, question: Question) -> tuple[list[str], generation.Usage]:
        prompt = await chat.prompt(model, tuple(question))
        most = self._room(model, len(prompt))
        if not most:
            return [], generation.Usage()
        asked = generation.Asked(
            prompt=prompt,
            sampling=self.profile.reasoning,
            most=most,
            stop=profiles.stops(self.profile, model.served.controls),
            samples=self.samples,
        )
        answer = await model.generate(asked)
        stops = frozenset(asked.stop)
        texts = await model.decode([tuple(id_ for id_ in one.ids if id_ not in stops) for one in answer.samples])
        return _whole([chat.answer(text) or "" for text in texts], answer.samples), answer.usage

    async def _by_messages(self, model: generation.Model, question: Question) -> tuple[list[str], generation.Usage]:
        most = self._room(model, sum(len(content) for _, content in question) // _CHARACTERS)
        if not most:
            return [], generation.Usage()
        asked = generation.Conversation(
            messages=tuple(question), sampling=self.profile.reasoning, most=most, samples=self.samples
        )
        answer = await model.converse(asked)
        # some servers leave the thought in the answer
        return _whole([one.text.rpartition("</think>")[2] for one in answer.samples], answer.samples), answer.usage

    def _room(self, model: generation.Model, prompt: int) -> int:
        """Return how many tokens an answer may have; 0 where too few are left, which is told."""
        room, served = model.served.context - prompt, model.served
        if room >= _LEAST_ROOM:
            return min(room, self.profile.most)
        self.problem = (
            f"what is asked, at about {prompt:,} tokens, leaves no room for a {self.what} in the "
            f"{served.context:,} tokens of {served.model}"
        )
        return 0


def _whole(texts: Sequence[str], samples: Sequence[generation.Sample]) -> list[str]:
    """Return the texts, empty where one is cut short: what it does not say may be what matters."""
    ended = [sample.finish is generation.Finish.STOP for sample in samples]
    return [text if whole else "" for text, whole in zip(texts, ended, strict=True)]
