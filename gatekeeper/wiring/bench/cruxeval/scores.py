"""Answers against recorded outputs."""

import math
from collections import Counter
from dataclasses import dataclass

from gatekeeper.inference import generation
from gatekeeper.wiring.bench.cruxeval import asking, samples, values

# of the normal distribution, for 95 %
_Z = 1.959963984540054
SOURCE = "CWM: An Open-Weights LLM for Research on Code Generation with World Models, arXiv:2510.02387"
# pass@1 of CWM on all 800 samples, in 0..1
PUBLISHED = {asking.Mode.TRACE: 0.877, asking.Mode.REASONING: 0.943}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One sample with its answers."""

    sample: samples.Sample
    answered: asking.Answered

    @property
    def right(self) -> tuple[bool, ...]:
        """Whether each answer is the recorded output; one that could not be read is not."""
        wanted = self.sample.output
        return tuple(said.value is not None and values.same(said.value, wanted) for said in self.answered.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All samples of one run."""

    scored: tuple[Scored, ...]
    # samples in the file
    of: int
    profile: str
    model: str
    server: str
    mode: asking.Mode
    # wall-clock seconds of the run
    seconds: float
    # US dollars, by the profile's prices
    dollars: float

    @property
    def share(self) -> float:
        """pass@1 in 0..1: the mean over samples of the share of right answers."""
        return sum(sum(one.right) / len(one.right) for one in self.scored) / len(self.scored)

    @property
    def usage(self) -> generation.Usage:
        """What all answers took; `seconds` adds those that ran at the same time."""
        return sum((one.answered.usage for one in self.scored), generation.Usage())

    @property
    def answers(self) -> int:
        """How many answers were asked for."""
        return sum(len(one.answered.said) for one in self.scored)

    @property
    def cached(self) -> float | None:
        """Share (0..1) of the prompts' tokens that the server had computed before; None where there are none."""
        usage = self.usage
        return usage.cached_tokens / usage.prompt_tokens if usage.prompt_tokens else None

    def unread(self) -> list[tuple[str, int]]:
        """Return why answers could not be read, and how many, the most frequent first."""
        return Counter(
            said.why for one in self.scored for said in one.answered.said if said.value is None
        ).most_common()


def wilson(share: float, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `number` samples (Wilson, JASA 22(158), 1927)."""
    spread = _Z * math.sqrt(share * (1 - share) / number + (_Z / (2 * number)) ** 2)
    middle, whole = share + _Z**2 / (2 * number), 1 + _Z**2 / number
    # rounded: nothing and everything must be exact bounds
    return round(max(0.0, (middle - spread) / whole), 9), round(min(1.0, (middle + spread) / whole), 9)
