"""Rows of what is exported."""

from dataclasses import dataclass
from datetime import datetime

from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionLine:
    """One test of one review, predicted and real."""

    review: str
    started: datetime
    head: str
    position: int
    test: str
    engine: str
    model: str
    version: str
    predicted: prediction.Outcome
    # in 0..1; None for `unknown` and `skip`
    p_fail: float | None
    raw_score: float | None
    calibrator: str | None
    would_fail: bool
    already_failing: bool
    # whether it was imagined instead of run
    imagined: bool
    seconds: float
    # None as long as CI has not told
    outcome: prediction.Outcome | None
    # None: it counts
    uncounted: settlement.Uncounted | None
    last_outcome: prediction.Outcome | None
    failure_rate: float | None
