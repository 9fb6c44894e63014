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
    """Return what the verdict was worth; `jobs` are those of the tree that was judged.

    `requested`: when the event came that asked for the review and for CI. A job saves what it ran after `published`: it
    need not have, had the author been told. A verdict to fail saves nothing unless CI found the change broken.
    """
    right = conclusion is verdict.Conclusion.WOULD_FAIL and settled.label is settlement.Label.BROKEN
    return Worth(
        verdict_seconds=_between(requested, published),
        ci_seconds=None if settled.ended is None else _between(requested, settled.ended),
        saved_seconds=sum((_after(published, ran) for ran in jobs), 0.0) if right else 0.0,
    )


def spent(costs: Iterable[tuple[bool, prediction.Cost]]) -> Spent:
    """Return the sum of costs, each with whether a model was asked (its `imagined`) instead of the sandbox.

    Every attempt of every engine is a cost, whichever decided.
    """
    cpu_seconds, gpu_seconds, tokens = 0.0, 0.0, 0
    for asked, cost in costs:
        gpu_seconds += cost.seconds if asked else 0.0
        cpu_seconds += 0.0 if asked else cost.seconds
        tokens += cost.tokens
    return Spent(cpu_seconds=cpu_seconds, gpu_seconds=gpu_seconds, tokens=tokens)


def _after(published: datetime, ran: job.Job) -> float:
    if ran.started is None or ran.completed is None:
        return 0.0
    return _between(max(ran.started, published), ran.completed)


def _between(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())
