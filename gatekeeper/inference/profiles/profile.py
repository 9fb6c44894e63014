"""A kind of model: what it is asked in, what it must be, how it is sampled, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.inference import generation

_MILLION = 1_000_000


class Way(StrEnum):
    """What a model is asked in."""

    # a prompt of tokens, continued by tokens: traces, and chat by the model's own format
    TOKENS = "tokens"
    # messages, answered in text
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens; 0 for a server of one's own."""

    input: float = 0.0
    # of the prompt, what the server had computed before
    cached: float = 0.0
    output: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of model."""

    # what GATEKEEPER_MODEL_PROFILE says: the name of the file
    name: str
    # one line
    about: str
    # what its licence allows, for who chooses it
    licence: str
    way: Way
    # `model_type` of the checkpoint; None: any
    architecture: str | None
    # tokens of prompt and answer together that it was made for, and that a server must have at least
    context: int
    least_context: int
    # control tokens by name that a server's tokenizer must have
    controls: tuple[str, ...] = ()
    # control tokens by name that end an answer, where the tokenizer has them
    stops: tuple[str, ...] = ()
    # None: it writes no traces
    tracing: generation.Sampling | None = None
    reasoning: generation.Sampling
    # most tokens of an answer that reasons
    most: int = 8192
    prices: Prices = Prices()


def stops(profile: Profile, controls: Mapping[str, int]) -> generation.Ids:
    """Return the ids that end an answer, of the tokenizer with these control tokens."""
    return tuple(controls[name] for name in profile.stops if name in controls)


def dollars(prices: Prices, usage: generation.Usage) -> float:
    """Return what was spent."""
    fresh = max(0, usage.prompt_tokens - usage.cached_tokens)
    spent = fresh * prices.input + usage.cached_tokens * prices.cached + usage.completion_tokens * prices.output
    return spent / _MILLION
