"""What real CI did, beside what was predicted -> the settlement of a review."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gatekeeper.outcomes import attempts, counting, job, jobends, matching, settlement, sides, testresults
from gatekeeper.simulation import prediction

# of what a settlement lists: as many as anybody reads
LISTED = 1_000


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
    if not jobs:
        raise ValueError("nothing can be settled without a job of CI")
    allowed = counting.trees(tree, fast_forward=fast_forward)
    mine = [one for one in jobs if one.tested in allowed]
    both = _sides(predicted, mine, base_jobs, checks)
    found = testresults.judge(both, {one.test for one in predicted if one.already_failing})
    ended = jobends.judge(both, found)
    label, why = _label(found, ended)
    kept = {*found.kept, *ended.kept, *(_other_tree(one) for one in jobs if one.tested not in allowed)}
    return settlement.Settlement(
        label=label,
        why=why,
        known=max(one.known for one in mine or jobs),
        outcomes=found.outcomes,
        kept_out=tuple(sorted(kept, key=lambda one: (one.kind.value, one.what, one.why))[:LISTED]),
        unselected=len(found.unselected),
        unreported=sum(one.test not in found.outcomes for one in predicted),
        unmatched=len(found.unmatched),
        missed=tuple(sorted(found.missed)[:LISTED]),
        timed_out=ended.timed_out,
        began=min((one.started for one in mine if one.started is not None), default=None),
        ended=max((one.completed for one in mine if one.completed is not None), default=None),
        job_seconds=_seconds(mine),
        first_broken=_first((*found.broke, *ended.broke)),
    )


def _sides(
    predicted: Sequence[Predicted], mine: Sequence[job.Job], base_jobs: Sequence[job.Job], checks: Sequence[str]
) -> sides.Sides:
    index = matching.Index(one.test for one in predicted)
    # a summary names no skips, so that it tells nothing of a test that is to be skipped
    expected = [one.test for one in predicted if one.outcome is not prediction.Outcome.SKIP]
    head = attempts.grouped(mine)
    base = attempts.grouped(one for one in base_jobs if one.tested is not job.Tested.MERGE)
    return sides.Sides(
        head=head,
        base=base,
        results={name: attempts.results(one, index, expected) for name, one in head.items()},
        base_results={name: attempts.results(base[name], index, expected) for name in head if name in base},
        checks=tuple(checks),
    )


def _label(found: testresults.Judged, ended: jobends.Judged) -> tuple[settlement.Label, str]:
    broken = sorted(found.broken)
    if broken:
        more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
        return settlement.Label.BROKEN, f"{broken[0]}{more} broke in CI."
    if ended.broken:
        return settlement.Label.BROKEN, ended.broken[0]
    if ended.sound:
        return settlement.Label.SOUND, f"No test broke in {ended.sound[0]}{_more(ended.sound)}."
    return settlement.Label.NONE, ended.nothing


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 1} more of CI's jobs" if len(names) > 1 else ""


def _other_tree(one: job.Job) -> settlement.Kept:
    trees: Mapping[job.Tested, str] = {
        job.Tested.MERGE: "base merged with head",
        job.Tested.HEAD: "head itself",
        job.Tested.GROUP: "a merge group",
    }
    why = f"it tested {trees[one.tested]}, which is not the tree that was judged"
    return settlement.Kept(kind=settlement.Uncounted.OTHER_TREE, what=one.name, why=why)


def _seconds(mine: Iterable[job.Job]) -> float:
    """Return how long the jobs ran; a job that a re-run carried over is listed again, with the same times."""
    spans = {
        (one.workflow, one.name, one.started, one.completed): (one.completed - one.started).total_seconds()
        for one in mine
        if one.started is not None and one.completed is not None
    }
    return sum(max(seconds, 0.0) for seconds in spans.values())


def _first(broke: Iterable[job.Job]) -> datetime | None:
    return min((one.completed for one in broke if one.completed is not None), default=None)
