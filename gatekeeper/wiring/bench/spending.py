"""What reviews cost, engine by engine, and who decided: read from the JSON of `gatekeeper review`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from gatekeeper.inference import generation
from gatekeeper.inference.profiles import catalogue, profile
from gatekeeper.simulation import prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one engine said and took; additive."""

    # predictions that it made, those that another engine's then stood for too
    said: int = 0
    # those of them that stand, with an outcome
    decided: int = 0
    # those of them that another engine's stands for, with the other result
    overruled: int = 0
    # each test's own, also where several were asked about at the same time
    seconds: float = 0.0
    # WebAssembly instructions
    fuel: int = 0
    prompt_tokens: int = 0
    # of the prompts' tokens, those that the server had computed before
    cached_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        """Return both together."""
        return Spent(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Spent)})

    @property
    def cached(self) -> float | None:
        """Share (0..1) of the prompts' tokens that were cached; None where no model was asked."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None

    @property
    def usage(self) -> generation.Usage:
        """What a model was asked and answered."""
        return generation.Usage(
            prompt_tokens=self.prompt_tokens,
            cached_tokens=self.cached_tokens,
            completion_tokens=self.completion_tokens,
            seconds=self.seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What one review, or several, took; additive."""

    # engine -> what it took
    engines: Mapping[str, Spent] = field(default_factory=dict)
    # outcomes that a model imagined, and that a run showed
    imagined: int = 0
    executed: int = 0
    # tests on which two engines came to different results
    disagreed: int = 0

    def __add__(self, other: "Spending") -> "Spending":
        """Return both together."""
        names = [*self.engines, *(name for name in other.engines if name not in self.engines)]
        nothing = Spent()
        return Spending(
            engines={name: self.engines.get(name, nothing) + other.engines.get(name, nothing) for name in names},
            imagined=self.imagined + other.imagined,
            executed=self.executed + other.executed,
            disagreed=self.disagreed + other.disagreed,
        )


def read(tests: Iterable[Mapping[str, Any]]) -> Spending:
    """Return what a review took, from the `tests` of its JSON."""
    return total(map(_of, tests))


def total(each: Iterable[Spending]) -> Spending:
    """Return all together."""
    return sum(each, Spending())


def dollars(engine: str, spent: Spent) -> float:
    """Return US dollars by the profile's prices: 0 for the sandbox, and for a server of one's own, GPU not counted."""
    known = catalogue.every().get(engine)
    return profile.dollars(known.prices, spent.usage) if known else 0.0


def _of(test: Mapping[str, Any]) -> Spending:
    outcome = prediction.Outcome(test["outcome"])
    decided = outcome is not prediction.Outcome.UNKNOWN
    stands = Spending(
        engines={test["engine"]: _spent(test["cost"], decided=decided)},
        imagined=int(decided and test["imagined"]),
        executed=int(decided and not test["imagined"]),
        disagreed=int(test["disagreed"]),
    )
    return total([stands, *(_overruled(other, outcome) for other in test["attempts"])])


def _overruled(other: Mapping[str, Any], stands: prediction.Outcome) -> Spending:
    otherwise = other["p_fail"] is not None and prediction.Outcome(other["outcome"]).broken != stands.broken
    known = stands is not prediction.Outcome.UNKNOWN
    return Spending(engines={other["engine"]: _spent(other["cost"], overruled=otherwise and known)})


def _spent(cost: Mapping[str, Any], *, decided: bool = False, overruled: bool = False) -> Spent:
    return Spent(
        said=1,
        decided=int(decided),
        overruled=int(overruled),
        seconds=cost["seconds"],
        fuel=cost["fuel"],
        prompt_tokens=cost["tokens"] - cost["completion_tokens"],
        cached_tokens=cost["cached_tokens"],
        completion_tokens=cost["completion_tokens"],
    )
