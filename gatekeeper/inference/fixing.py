"""Fixes that a model writes: several samples of each question, read by their structure alone."""

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from dataclasses import dataclass, field

from gatekeeper import errors
from gatekeeper.inference import chat, fixing_messages, fixing_reading, generation, loop, masking
from gatekeeper.inference.profiles import profile as profiles
from gatekeeper.repair import proposal, proposer, sampling, sampling_edits, sampling_parts
from gatekeeper.simulation import prediction

# of one question
SAMPLES = 4
# of the seconds that are left, the share in which answers are waited for: what they propose must still be tried
SHARE = 0.6
# tokens below which an answer has no room
_LEAST_ROOM = 256
# characters of a prompt for which a token is reckoned where the server is asked in text
_CHARACTERS = 2

Connect = Callable[[], contextlib.AbstractAsyncContextManager[generation.Model]]


@dataclass(slots=True, kw_only=True)
class ModelProposer:
    """Asks a model; implements `gatekeeper.repair.proposer.Proposer`."""

    # gives the model, checked; raises ModelError
    connect: Connect
    profile: profiles.Profile
    samples: int = SAMPLES
    clock: Callable[[], float] = time.monotonic
    # of all questions so far; its seconds are those that were waited
    cost: prediction.Cost = field(default_factory=prediction.Cost)
    _asked: int = 0
    _answers: int = 0
    _proposed: int = 0
    # why there are no answers, for people; after a failure of the model it is not asked again
    _problem: str = ""
    _broken: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What came of the questions, and what went wrong, for people."""
        if not self._asked:
            return ()
        what = "1 finding" if self._asked == 1 else f"{self._asked} findings"
        spent = f"tokens: {self.cost.tokens:,}, seconds: {self.cost.seconds:.1f}"
        told = (
            f"{self.profile.name} was asked to mend {what}; answers: {self._answers}, "
            f"different fixes in them: {self._proposed}, {spent}"
        )
        return (told, self._problem) if self._problem else (told,)

    def propose(self, asked: proposer.Asked, left: Callable[[], float]) -> Sequence[proposal.Proposal]:
        """Return what the samples propose, that of most of them first; nothing where there is no answer in time."""
        began, seconds = self.clock(), left()
        parts = self._shown(sampling_parts.choose(asked))
        if not parts or seconds <= 0 or self._broken:
            return ()
        end = began + seconds * SHARE
        self._asked += 1
        question = fixing_messages.messages(asked, parts)
        try:
            answers = self._ask(question, lambda: left() <= 0 or self.clock() >= end)
        except errors.ModelError as problem:
            self._problem, self._broken = f"the model wrote no fix: {problem}", True
            return ()
        except futures.CancelledError:
            self._problem = f"the model wrote no fix within {seconds * SHARE:.0f} s"
            return ()
        finally:
            self.cost += prediction.Cost(seconds=self.clock() - began)
        found = sampling.propose(asked, parts, answers)
        self._answers += len(answers)
        self._proposed += len(found)
        return found

    def _shown(self, parts: Sequence[sampling_parts.Part]) -> Sequence[sampling_parts.Part]:
        """Return the parts that the server reads as they are written."""
        match self.profile.way:
            case profiles.Way.TOKENS:
                return parts
            case profiles.Way.MESSAGES:
                # what such a server would read as a control token is sent otherwise, and would come back so
                texts = ["\n".join(part.lines) for part in parts]
                return [part for part, text in zip(parts, texts, strict=True) if masking.masked(text) == text]

    def _ask(
        self, question: tuple[tuple[str, str], ...], over: Callable[[], bool]
    ) -> list[tuple[sampling_edits.Edit, ...]]:
        """Return the edits of each sample. Raises ModelError, and CancelledError soon after it is `over`."""
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
        return [fixing_reading.read(text) for text in texts]

    async def _by_tokens(
        self, model: generation.Model, question: tuple[tuple[str, str], ...]
    ) -> tuple[list[str], generation.Usage]:
        prompt = await chat.prompt(model, question)
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
        said = [chat.said(text).answer or "" for text in texts]
        return _whole(said, answer.samples), answer.usage

    async def _by_messages(
        self, model: generation.Model, question: tuple[tuple[str, str], ...]
    ) -> tuple[list[str], generation.Usage]:
        most = self._room(model, sum(len(content) for _, content in question) // _CHARACTERS)
        if not most:
            return [], generation.Usage()
        asked = generation.Conversation(
            messages=question,
            sampling=self.profile.reasoning,
            most=most,
            samples=self.samples,
        )
        answer = await model.converse(asked)
        # some servers leave the thought in the answer
        said = [sample.text.rpartition("</think>")[2] for sample in answer.samples]
        return _whole(said, answer.samples), answer.usage

    def _room(self, model: generation.Model, prompt: int) -> int:
        """Return how many tokens an answer may have; 0 where too few are left, which is told."""
        room, served = model.served.context - prompt, model.served
        if room >= _LEAST_ROOM:
            return min(room, self.profile.most)
        self._problem = (
            f"the functions at fault and the test, at about {prompt:,} tokens, leave no room for a fix in the "
            f"{served.context:,} tokens of {served.model}"
        )
        return 0


def _whole(texts: Sequence[str], samples: Sequence[generation.Sample]) -> list[str]:
    """Return the texts, empty where one is cut short: what it does not say may be what matters."""
    ended = [sample.finish is generation.Finish.STOP for sample in samples]
    return [text if whole else "" for text, whole in zip(texts, ended, strict=True)]
