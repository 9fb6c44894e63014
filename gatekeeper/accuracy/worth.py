"""What a review was worth: time of CI that it would have saved, time until it spoke, and its cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gatekeeper.outcomes import job, settlement
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a review cost."""

    # of the sandbox
    cpu_seconds: float = 0.0
    # of model servers
    gpu_seconds: float = 0.0
    # read and written by models
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Times of a review against those of CI, in seconds."""

    # from the request to the verdict
    verdict_seconds: float
    # from the request to the end of CI; None where that is not known
    ci_seconds: float | None
    # that jobs ran after a verdict that was right to fail; 0 for any other verdict
    saved_seconds: float


def of_review(
    settled: settlement.Settlement,
    jobs: Sequence[job.Job],
    conclusion: verdict.Conclusion,
    *,
    requested: datetime,
    published: datetime,
) -> Worth:
    """Return what the verdict was worth; `jobs` are those of the tree that was judged."""
    raise NotImplementedError


def spent(costs: Iterable[tuple[bool, prediction.Cost]]) -> Spent:
    """Return the sum of costs, each with whether a model was asked (its `imagined`) instead of the sandbox."""
    raise NotImplementedError
