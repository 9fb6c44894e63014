"""Jobs in the records -> settled reviews: matched, scored, and the authority that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import review
from gatekeeper.accuracy import earning, parts, worth
from gatekeeper.outcomes import job, judging, settlement
from gatekeeper.repair import fate
from gatekeeper.simulation import prediction
from gatekeeper.store import (
    awaiting,
    database,
    fates,
    jobs,
    repositories,
    settlements,
    standings,
    subjects,
    testrecords,
)

# reviews that an outcome may still settle: those whose base it is on may have begun long after it
RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one review."""

    review: str
    head: str
    base: str
    label: settlement.Label


def keep(engine: sqlalchemy.Engine, repository: int, found: list[job.Job]) -> int:
    """Keep the jobs of one commit and count what their tests did; return how many are new. Raises StoreError."""
    if not found:
        return 0
    with database.writing(engine) as session:
        repositories.lock(session, repository)
        return len(kept(session, repository, found))


def kept(session: orm.Session, repository: int, found: list[job.Job]) -> tuple[job.Job, ...]:
    """Do so in the caller's transaction, in which the repository is locked; return the new ones."""
    before = jobs.of_commit(session, repository, found[0].sha)
    new = jobs.keep(session, repository, found)
    testrecords.count_jobs(session, repository, new, before)
    return new


def settle_commit(engine: sqlalchemy.Engine, repository: int, sha: str, now: datetime) -> tuple[Settled, ...]:
    """Settle every review of that head, or into that base, each in a transaction of its own. Raises StoreError."""
    with database.session(engine) as session:
        reviews = subjects.of_commit(session, repository, sha, since=now - RECENT)
    done = (settle(engine, one, now) for one in reviews)
    return tuple(one for one in done if one is not None)


def settle(engine: sqlalchemy.Engine, identity: str, now: datetime) -> Settled | None:
    """Compare a recorded review with all that is known of its commit, and keep what comes of it.

    None where nothing is known, or no more. Doing it twice gives the same. Raises StoreError.
    """
    with database.writing(engine) as session:
        repository = subjects.repository_of(session, identity)
        repositories.lock(session, repository)
        of = subjects.subject(session, identity)
        found = jobs.of_commit(session, repository, of.head)
        if not found or jobs.is_forgotten(session, repository, of.head):
            return None
        before = jobs.of_commit(session, repository, of.base)
        settled = _judged(of, found, before)
        said = [one.said for one in of.attempts]
        scores = parts.of_review(settled, said, of.conclusion, loops=of.loops)
        value = worth.of_review(
            settled, _of_tree(of, found), of.conclusion, requested=of.requested, published=of.published
        )
        spent = worth.spent((one.imagined, one.cost) for one in of.attempts)
        settlements.record(session, of, settled, scores, (value, spent))
        for fix in fates.on_commit(session, repository, of.head):
            fix.in_ci = _after(of, fix.mended, found, before)
        return _stand(session, of, settled.label, now)


def _judged(of: subjects.Subject, found: tuple[job.Job, ...], before: tuple[job.Job, ...]) -> settlement.Settlement:
    predicted = [
        judging.Predicted(test=one.said.test, outcome=one.said.outcome, already_failing=one.said.already_failing)
        for one in of.decided
    ]
    return _judge(of, predicted, found, before)


def _judge(
    of: subjects.Subject,
    predicted: Sequence[judging.Predicted],
    found: tuple[job.Job, ...],
    before: tuple[job.Job, ...],
) -> settlement.Settlement:
    return judging.settle(
        predicted,
        found,
        before,
        tree=_tree(of),
        fast_forward=of.base == of.merge_base,
        checks=of.checks,
    )


def _after(
    of: subjects.Subject, mended: Sequence[str], found: tuple[job.Job, ...], before: tuple[job.Job, ...]
) -> str | None:
    """Return what CI says of a fix that the head has, by the tests that it mends; None where not all are known."""
    real = _judge(of, [judging.Predicted(test=test, outcome=prediction.Outcome.PASS) for test in mended], found, before)
    said = [one for one in (real.outcomes.get(test) for test in mended) if one is not None and one.uncounted is None]
    if any(one.outcome.broken for one in said):
        return fate.After.FAILED.value
    passed = sum(one.outcome is prediction.Outcome.PASS for one in said)
    return fate.After.PASSED.value if 0 < passed == len(mended) else None


def _tree(of: subjects.Subject) -> job.Tested:
    if of.group:
        return job.Tested.GROUP
    return job.Tested.HEAD if of.judged is review.Judged.HEAD else job.Tested.MERGE


def _of_tree(of: subjects.Subject, found: tuple[job.Job, ...]) -> list[job.Job]:
    trees = {_tree(of), job.Tested.HEAD} if of.base == of.merge_base else {_tree(of)}
    return [one for one in found if one.tested in trees]


def _stand(session: orm.Session, of: subjects.Subject, label: settlement.Label, now: datetime) -> Settled:
    """Decide anew what has been earned on what the review rests on: only what would have blocked tells of it."""
    basis = subjects.basis(of)
    if basis is not None:
        terms = of.terms or standings.terms_of(session, of.repository, basis) or earning.Terms()
        stands = standings.decide(session, of.repository, basis, terms, now)
        if stands.changed and stands.lost is not None:
            # a verdict that is shown must not go on to block by what no longer holds
            why = standings.told(stands)
            awaiting.step_down(session, of.repository, basis, stands.earned.level, why)
    return Settled(review=of.id, head=of.head, base=of.base, label=label)
