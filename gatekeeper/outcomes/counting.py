"""Whether a job's end says something of the change.

GitHub gives the reasons that are not the change's as conclusions, or as sentences in the annotations of a job's check
run. A change's own tests can write annotations, too: at worst an outcome is kept out of the score, and is listed so.
"""

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gatekeeper.outcomes import job, settlement

# a job over its limit is `cancelled`, and a step over its own `failure`
_TIME_LIMIT = re.compile(
    r"The job (?:running on runner .{0,200} )?has exceeded the maximum execution time of .{1,40}"
    r"|The action .{0,300} has timed out after \d{1,6} minutes?\.?",
    re.DOTALL,
)
_LOST = re.compile(
    r"The (?:self-)?hosted runner:? .{0,200}lost communication with the server"
    r"|The runner has received a shutdown signal"
    r"|The job was not acquired by Runner of type "
    r"|GitHub Actions has encountered an internal error"
    r"|The job was not started because "
    r"|The (?:hosted|self-hosted) runner encountered an error while running your job"
    r"|(?:.{0,300}: )?(?:\[Errno 28\] )?No space left on device",
    re.DOTALL,
)
# steps of the runner itself, and actions that fetch: they fail before a test, and not because of the change
_SET_UP = re.compile(
    r"Set up (?:job|runner)|Initialize containers|Stop containers|Complete job|(?:Pre|Post) .{1,200}"
    r"|(?:Run )?actions/(?:checkout|setup-[a-z]{1,20}|cache(?:/restore)?|download-artifact)@.{1,100}"
    r"|(?:Run )?astral-sh/setup-uv@.{1,100}"
    r"|Check ?out.{0,100}|Set ?up (?:Python|uv|Node).{0,100}",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the end of a job says."""

    # None: it counts
    uncounted: settlement.Uncounted | None = None
    # ended by its time limit, or by that of a step
    timed_out: bool = False
    # a clause on the job, for a list; empty where it counts
    why: str = ""


def trees(tree: job.Tested, *, fast_forward: bool) -> frozenset[job.Tested]:
    """Return which trees a job may have tested to tell of the one that was judged."""
    if fast_forward and tree is not job.Tested.GROUP:
        return frozenset({job.Tested.MERGE, job.Tested.HEAD})
    return frozenset({tree})


def is_named(one: job.Job, checks: Sequence[str]) -> bool:
    """Whether one of the shell patterns names the job, so that its conclusion alone is truth."""
    return any(fnmatch.fnmatchcase(one.name, pattern) for pattern in checks)


def ending(one: job.Job) -> Ending:
    """Return what the end of a job says: whether it counts, and why it does not."""
    kinds = settlement.Uncounted
    match one.conclusion:
        case job.Conclusion.SUCCESS:
            return Ending()
        case job.Conclusion.TIMED_OUT:
            return Ending(timed_out=True)
        case job.Conclusion.SKIPPED | job.Conclusion.NEUTRAL:
            return Ending(uncounted=kinds.SKIPPED, why=f"it ended as {one.conclusion.value}")
        case (
            job.Conclusion.STARTUP_FAILURE
            | job.Conclusion.STALE
            | job.Conclusion.ACTION_REQUIRED
            | job.Conclusion.ERROR
        ):
            return Ending(uncounted=kinds.INFRASTRUCTURE, why=f"it ended as {one.conclusion.value}, without its tests")
        case job.Conclusion.FAILURE | job.Conclusion.CANCELLED:
            return _told(one)


def _told(one: job.Job) -> Ending:
    """Return what the remarks on a job that failed, or was cancelled, say."""
    if any(_TIME_LIMIT.match(remark) for remark in one.remarks):
        return Ending(timed_out=True)
    lost = next((remark for remark in one.remarks if _LOST.match(remark)), None)
    if lost is not None:
        return Ending(uncounted=settlement.Uncounted.INFRASTRUCTURE, why=f"its runner said: {lost[:200]}")
    if one.conclusion is job.Conclusion.CANCELLED:
        return Ending(uncounted=settlement.Uncounted.CANCELLED, why="it was cancelled")
    unseen = one.report.source is job.Source.NONE
    if unseen and one.failed_steps and all(_SET_UP.fullmatch(step) for step in one.failed_steps):
        return Ending(
            uncounted=settlement.Uncounted.INFRASTRUCTURE,
            why=f"it failed before its tests: {one.failed_steps[0][:200]}",
        )
    return Ending()
