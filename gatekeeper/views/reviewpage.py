"""One review beside what real CI made of it, and one of its predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gatekeeper import offers, review
from gatekeeper.diffs import diff as diffs
from gatekeeper.outcomes import settlement
from gatekeeper.repair import fate
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import authority
from gatekeeper.views import reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of real CI on the review's head."""

    name: str
    workflow: str
    attempt: int
    tested: str
    conclusion: str
    started: datetime | None
    completed: datetime | None
    # report, summary or none; tests that it reported
    source: str
    reported: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What real CI made of the review."""

    label: settlement.Label
    why: str
    known: datetime
    # why, what, one sentence
    uncounted: tuple[tuple[str, str, str], ...]
    # counts by name: as stored with the settlement
    tests: Mapping[str, int]
    verdict_seconds: float | None
    ci_seconds: float | None
    saved_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """All of it."""

    done: review.Review
    line: reviews.Line
    # what held when it was published; None outside the service
    authority: authority.Authority | None
    why_authority: str
    settled: Settled | None
    # test -> what real CI made of it
    outcomes: Mapping[str, settlement.Outcome]
    jobs: tuple[Job, ...]
    offered: offers.Offers
    # what became of each fix, in their order
    fates: tuple[fate.Fate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionPage:
    """One test of a review."""

    review: str
    repository: str
    # position of the test among the review's, from 0, and how many there are
    position: int
    of: int
    said: prediction.Prediction
    would_fail: bool
    why_selected: str
    outcome: settlement.Outcome | None
    # what the test did in CI when it was predicted: its last outcome, and the share of runs that failed
    last_outcome: prediction.Outcome | None
    failure_rate: float | None
    # of the review's engines' attempts, those that carry a trace: one that ran it and one that imagined it
    executed: prediction.Prediction | None
    imagined: prediction.Prediction | None
    # the change, for the lines of source that no frame stands at; None where it was not kept
    diff: diffs.Diff | None = None
