"""A proposed test, as a value."""

from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.simulation import prediction


class Source(StrEnum):
    """Who wrote it."""

    MODEL = "model"
    # written from what the function was seen to do with small values
    OBSERVED = "observed"
    # hypothesis's, from the function's signature
    GHOSTWRITER = "ghostwriter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How it ended on one tree."""

    outcome: prediction.Outcome
    # `Type: message`, first line; empty where it passed
    exception: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedTest:
    """A test of a changed function that no test reaches, run on both trees."""

    # the function, as the selection names it
    symbol: str
    # a file that head does not have, and its whole content
    path: str
    text: str
    source: Source
    # None: the function was not there before the change
    before: Ended | None
    after: Ended
    # what running it on both trees found: one sentence
    found: str
    # the engine that ran it
    tried_by: str
