"""What real CI did, beside what was predicted -> the settlement of a review."""

from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.outcomes import job, settlement
from gatekeeper.simulation import prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What was decided of one test, as far as judging needs it."""

    # pytest's node id
    test: str
    outcome: prediction.Outcome
    already_failing: bool = False


def settle(
    predicted: Sequence[Predicted],
    jobs: Sequence[job.Job],
    base_jobs: Sequence[job.Job] = (),
    *,
    tree: job.Tested,
    fast_forward: bool = False,
    checks: Sequence[str] = (),
) -> settlement.Settlement:
    """Return what CI made of a review.

    `jobs`: all that ended on the head's (or the merge group's) SHA, at least one, all attempts, in any order;
    `base_jobs`: those of base's SHA. `tree`: which was judged; `fast_forward`: base is the merge base, so that head's
    tree is the merged one. `checks`: shell patterns of the jobs whose conclusion alone is truth. Raises ValueError
    without jobs.
    """
    raise NotImplementedError
