"""What is asked of a model server and what it answers, as values; and the port that the engine speaks to it through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn."""

    # 0: the likeliest
    temperature: float
    top_p: float = 1.0


class Finish(StrEnum):
    """Why a sample ended."""

    # a stop token, which is the last of its ids
    STOP = "stop"
    # the most tokens that were asked for, or the end of the context
    LENGTH = "length"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A prompt of tokens to be continued."""

    prompt: Ids
    sampling: Sampling
    # most new tokens of one sample
    most: int
    # ids that end a sample
    stop: Ids = ()
    samples: int = 1
    # whether the log-probability of each new token is wanted
    logprobs: bool = False
    # what shares a prefix has the same: where there are several servers, one of them gets it all
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A prompt of messages, for servers that are asked in text; the answer is JSON where a schema is given."""

    # (role, content); roles are system, user, assistant
    messages: tuple[tuple[str, str], ...]
    sampling: Sampling
    most: int
    # JSON Schema of the answer
    schema: Mapping[str, Any] | None = None
    samples: int = 1
    # whether the log-probability of each new token is wanted
    logprobs: bool = False
    # as of Asked
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One continuation."""

    # empty where the server answers in text alone
    ids: Ids
    # "" where ids are asked for
    text: str
    finish: Finish
    # natural logarithms, one for each id; empty where they were not asked for
    logprobs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an answer cost; additive."""

    prompt_tokens: int = 0
    # of the prompt's tokens, those that the server had computed before
    cached_tokens: int = 0
    completion_tokens: int = 0
    # wall-clock seconds, waiting included
    seconds: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """Return both together."""
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            seconds=self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All samples of one request."""

    samples: tuple[Sample, ...]
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a model server says of itself."""

    # the model's name as the server serves it
    model: str
    # the server's own version: `sglang 0.5.23`
    server: str
    # tokens of prompt and answer together
    context: int
    # `model_type` of the checkpoint's configuration; None where the server does not tell
    architecture: str | None = None
    # control token by name -> id; empty where the server is asked in text
    controls: Mapping[str, int]


class Model(Protocol):
    """A model server, checked. Every call raises ModelError where there is no answer in time."""

    served: Served

    async def generate(self, asked: Asked) -> Answer:
        """Continue a prompt of tokens; cancelled with the task that awaits it."""

    async def converse(self, asked: Conversation) -> Answer:
        """Answer messages."""

    async def encode(self, texts: Sequence[str]) -> list[Ids]:
        """Return the ids of each text, among which there is never a control token, whatever the text says."""

    async def decode(self, ids: Sequence[Ids]) -> list[str]:
        """Return the text of each; bytes that are not UTF-8 become U+FFFD."""
