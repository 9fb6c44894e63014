"""What real CI did, job by job, as it was read or handed in."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.outcomes import job
from gatekeeper.simulation import prediction
from gatekeeper.store import database, models, outcomemodels, upserts

_Row = outcomemodels.Job
# of one commit: more than any CI has, and a bound on what is held in memory
MOST = 2_000


def keep(session: orm.Session, repository: int, found: Sequence[job.Job]) -> tuple[job.Job, ...]:
    """Keep the jobs of a repository in the caller's transaction; return those that were not there before.

    One that was takes the new state: a commit status is set again and again. `repository`: number in these records.
    """
    by_id = {one.id: one for one in found}
    there = sqlalchemy.select(_Row.id, _Row.conclusion, _Row.completed, _Row.reported)
    known = {row[0]: tuple(row[1:]) for row in session.execute(there.where(_Row.id.in_(list(by_id))))}
    # one that says the same as before stays as it is: with the time at which that became known
    changed = [one for one in by_id.values() if known.get(one.id) != _state(one)]
    upserts.put(session, _Row, [_row(one, repository) for one in changed])
    return tuple(one for one in changed if one.id not in known)


def known(engine: sqlalchemy.Engine, repository: int, sha: str) -> frozenset[str]:
    """Return the ids of the commit's jobs that are there. Raises StoreError."""
    with database.session(engine) as session:
        mine = sqlalchemy.select(_Row.id).where(_Row.repository_id == repository, _Row.sha == sha)
        return frozenset(session.scalars(mine))


def are_there(engine: sqlalchemy.Engine, repository: str, sha: str) -> bool:
    """Whether any job of the commit is on record, of the repository of that name. Raises StoreError."""
    named = models.Repository
    with database.session(engine) as session:
        mine = sqlalchemy.select(_Row.id).join(named, named.id == _Row.repository_id)
        return session.scalar(mine.where(named.name == repository, _Row.sha == sha).limit(1)) is not None


def is_any(session: orm.Session, repository: int, sha: str) -> bool:
    """Whether there is a job of the commit."""
    mine = sqlalchemy.select(_Row.id).where(_Row.repository_id == repository, _Row.sha == sha)
    return session.scalar(mine.limit(1)) is not None


def is_any_red(session: orm.Session, repository: int, sha: str) -> bool:
    """Whether a job of the commit did not end well, for whatever reason."""
    well = [job.Conclusion.SUCCESS.value, job.Conclusion.SKIPPED.value, job.Conclusion.NEUTRAL.value]
    mine = (_Row.repository_id == repository, _Row.sha == sha, _Row.conclusion.not_in(well))
    return session.scalar(sqlalchemy.select(_Row.id).where(*mine).limit(1)) is not None


def of_commit(session: orm.Session, repository: int, sha: str) -> tuple[job.Job, ...]:
    """Return the commit's jobs by id, at most `MOST`, each with the tests that are still kept."""
    mine = (
        sqlalchemy.select(_Row)
        .where(_Row.repository_id == repository, _Row.sha == sha)
        .options(orm.undefer(_Row.tests))
        .order_by(_Row.id)
        .limit(MOST)
    )
    return tuple(_value(row) for row in session.scalars(mine))


def is_forgotten(session: orm.Session, repository: int, sha: str) -> bool:
    """Whether retention has removed what a test of the commit did."""
    mine = (_Row.repository_id == repository, _Row.sha == sha, _Row.reported > 0, _Row.tests.is_(None))
    return session.scalar(sqlalchemy.select(_Row.id).where(*mine).limit(1)) is not None


def forget_tests(engine: sqlalchemy.Engine, before: datetime) -> int:
    """Remove what the tests of jobs known before that time did; return how many jobs that are. Raises StoreError."""
    old = sqlalchemy.update(_Row).where(_Row.known < before, _Row.tests.is_not(None)).values(tests=None)
    with database.session(engine) as session, session.begin():
        return len(session.scalars(old.returning(_Row.id)).all())


def _state(found: job.Job) -> tuple[str, datetime | None, int]:
    return found.conclusion.value, found.completed, len(found.report.tests)


def _row(found: job.Job, repository: int) -> dict[str, Any]:
    report = found.report
    return {
        "id": found.id,
        "repository_id": repository,
        "sha": found.sha,
        "tested": found.tested.value,
        "name": found.name,
        "workflow": found.workflow,
        "attempt": found.attempt,
        "conclusion": found.conclusion.value,
        "started": found.started,
        "completed": found.completed,
        "remarks": list(found.remarks),
        "failed_steps": list(found.failed_steps),
        "known": found.known,
        "source": report.source.value,
        "why": report.why,
        "reported": len(report.tests),
        "passed": report.passed,
        "tests": _packed(report.tests) if report.tests else None,
    }


def _packed(tests: Sequence[job.Reported]) -> bytes:
    return zlib.compress(json.dumps([asdict(one) for one in tests], separators=(",", ":")).encode("ascii"))


def _unpacked(content: bytes | None) -> tuple[job.Reported, ...]:
    if content is None:
        return ()
    stored = json.loads(zlib.decompress(content))
    return tuple(job.Reported(**{**one, "outcome": prediction.Outcome(one["outcome"])}) for one in stored)


def _value(row: _Row) -> job.Job:
    return job.Job(
        id=row.id,
        sha=row.sha,
        tested=job.Tested(row.tested),
        name=row.name,
        workflow=row.workflow,
        attempt=row.attempt,
        conclusion=job.Conclusion(row.conclusion),
        started=row.started,
        completed=row.completed,
        remarks=tuple(row.remarks),
        failed_steps=tuple(row.failed_steps),
        report=job.Report(source=job.Source(row.source), tests=_unpacked(row.tests), passed=row.passed, why=row.why),
        known=row.known,
    )
