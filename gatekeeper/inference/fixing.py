"""Fixes that a model writes: several samples of each question, read by their structure alone."""

import time
from collections.abc import Callable, Sequence

from gatekeeper.inference import fixing_messages, fixing_reading, masking, writing
from gatekeeper.inference.profiles import profile as profiles
from gatekeeper.repair import proposal, proposer, sampling, sampling_parts
from gatekeeper.simulation import prediction

# of one question
SAMPLES = 4
# of the seconds that are left, the share in which answers are waited for: what they propose must still be tried
SHARE = 0.6


class ModelProposer:
    """Asks a model; implements `gatekeeper.repair.proposer.Proposer`."""

    def __init__(
        self, connect: writing.Connect, profile: profiles.Profile, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask as `profile` says; `connect` gives the model, checked, and raises ModelError."""
        self._writing = writing.Writing(connect=connect, profile=profile, samples=SAMPLES, what="fix", clock=clock)
        self._asked = self._answers = self._proposed = 0

    @property
    def cost(self) -> prediction.Cost:
        """Of all questions so far; its seconds are those that were waited."""
        return self._writing.cost

    @property
    def notes(self) -> tuple[str, ...]:
        """What came of the questions, and what went wrong, for people."""
        if not self._asked:
            return ()
        what = "1 finding" if self._asked == 1 else f"{self._asked} findings"
        spent = f"tokens: {self.cost.tokens:,}, seconds: {self.cost.seconds:.1f}"
        told = (
            f"{self._writing.profile.name} was asked to mend {what}; answers: {self._answers}, "
            f"different fixes in them: {self._proposed}, {spent}"
        )
        return (told, self._writing.problem) if self._writing.problem else (told,)

    def propose(self, asked: proposer.Asked, left: Callable[[], float]) -> Sequence[proposal.Proposal]:
        """Return what the samples propose, that of most of them first; nothing where there is no answer in time."""
        seconds, parts = left(), self._shown(sampling_parts.choose(asked))
        if not parts or seconds <= 0 or self._writing.failed:
            return ()
        self._asked += 1
        texts = self._writing.ask(fixing_messages.messages(asked, parts), seconds * SHARE, lambda: left() <= 0)
        found = sampling.propose(asked, parts, [fixing_reading.read(text) for text in texts])
        self._answers += len(texts)
        self._proposed += len(found)
        return found

    def _shown(self, parts: Sequence[sampling_parts.Part]) -> Sequence[sampling_parts.Part]:
        """Return the parts that the server reads as they are written."""
        match self._writing.profile.way:
            case profiles.Way.TOKENS:
                return parts
            case profiles.Way.MESSAGES:
                # what such a server would read as a control token is sent otherwise, and would come back so
                texts = ["\n".join(part.lines) for part in parts]
                return [part for part, text in zip(parts, texts, strict=True) if masking.masked(text) == text]
