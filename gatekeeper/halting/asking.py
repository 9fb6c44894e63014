"""The halting query: what a reasoner is asked and answers, and what follows from the answers. No I/O.

Decisions come from the structure of answers alone; a line and an input that an answer names are shown, never trusted.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean
from typing import Protocol

from gatekeeper.halting import listing, risk
from gatekeeper.simulation import agreement, prediction

# probability from which a function is said to be one that may not terminate
BAR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the halting queries of one review may spend."""

    # wall-clock seconds for all of them; functions not answered by then are `unknown`
    seconds: float = 120.0
    # functions beyond this number are `unknown`
    functions: int = 50
    # answers to each query
    samples: int = 5
    # of one answer at most, thoughts included; None: as many as the reasoner allows itself
    tokens: int | None = None


class Word(StrEnum):
    """The words in which an answer says it."""

    HALTS = "halts"
    DOES_NOT_HALT = "does not halt"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One answer that could be read."""

    word: Word
    # 1-based line of the file where the function would not end
    line: int | None = None
    # a call that would not end, in the answer's words
    example: str | None = None
    # mean natural logarithm of the probabilities of the tokens that say the word; None: not told
    logprob: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One answer that could not be read, and why: a few words for people, none of them the answer's."""

    why: str


Reply = Reading | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether one version of one function ends."""

    # qualified within the module
    function: str
    code: listing.Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """All answers to one question."""

    replies: tuple[Reply, ...]
    cost: prediction.Cost = field(default_factory=prediction.Cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAnswered:
    """Why there is no answer, in one sentence for people."""

    why: str
    cost: prediction.Cost = field(default_factory=prediction.Cost)


Answer = Answered | NotAnswered


class Reasoner(Protocol):
    """Something that can be asked whether functions end."""

    # recorded with each risk; no decision branches on them
    engine: str
    model: str
    version: str

    def ask(self, questions: Sequence[Question], budget: Budget, cancelled: Callable[[], bool]) -> Sequence[Answer]:
        """Return an answer to each question, in their order, when all are known.

        Whatever goes wrong with a question, its answer says; polls `cancelled` and ends early when it is true.
        """


def score(answer: Answered) -> float | None:
    """Return the probability (0..1) that some call does not end, by an answer's replies; None where too few count.

    The smoothed share of those that say so, as for tests, each weighed by the tokens that say it where they are told.
    """
    return agreement.share([_vote(reply) for reply in answer.replies])


def _vote(reply: Reply) -> agreement.Vote:
    match reply:
        case Unread(why=why):
            return agreement.Vote(fails=None, why=why)
        case Reading(word=Word.UNKNOWN):
            return agreement.Vote(fails=None, why="says that it does not know")
        case Reading(word=word, logprob=logprob):
            told = () if logprob is None else (logprob,)
            return agreement.Vote(fails=word is Word.DOES_NOT_HALT, weight=agreement.weight(told))


def votes(answer: Answered) -> risk.Votes:
    """Return the counts of an answer's replies, before any control."""
    cast = [_vote(reply) for reply in answer.replies]
    read = [reply for reply in answer.replies if isinstance(reply, Reading) and reply.word is not Word.UNKNOWN]
    diverging = [reply for reply in read if reply.word is Word.DOES_NOT_HALT]
    told = [reply.logprob for reply in read if reply.logprob is not None]
    return risk.Votes(
        samples=len(cast),
        halting=len(read) - len(diverging),
        diverging=len(diverging),
        uncounted=tuple(Counter(vote.why for vote in cast if vote.fails is None).most_common()),
        logprob=fmean(told) if told else None,
        line=next((reply.line for reply in diverging if reply.line is not None), None),
        example=next((reply.example for reply in diverging if reply.example is not None), None),
    )


def control(base: Answer | None) -> risk.Control:
    """Return what the answer about base's version means; None: the function is new."""
    match base:
        case None:
            return risk.Control.NONE
        case NotAnswered():
            return risk.Control.UNANSWERED
        case Answered():
            said = score(base)
            if said is None:
                return risk.Control.UNANSWERED
            return risk.Control.FAILED if said >= BAR else risk.Control.PASSED
