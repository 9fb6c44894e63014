"""Reports that any CI hands in -> jobs in the records, and what they settle."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy

from gatekeeper.outcomes import job, reading
from gatekeeper.store import database, repositories
from gatekeeper.workflows import settling

# of a job that nobody named
NAME = "tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A job of CI, as whoever hands in its reports names it."""

    # as in the records: owner/name, or a folder's absolute path
    repository: str
    # GitHub's number of it; None where it is not there, or not known
    number: int | None = None
    # of the commit that was to be tested: a pull request's head, whichever tree of it was tested
    sha: str
    tested: job.Tested = job.Tested.MERGE
    # of the job; a second upload of the same name and attempt stands beside the first
    name: str = NAME
    workflow: str = ""
    # counted from 1; the last one is what the job says, and a test with both results is flaky
    attempt: int = 1
    # None: failure where a test did not pass, else success
    conclusion: job.Conclusion | None = None
    started: datetime | None = None
    completed: datetime | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of an upload."""

    job: str
    # whether the very same had been handed in before
    known: bool
    tests: int
    # of these, those that did not pass
    broken: int
    # ids of the reviews that were settled with it
    settled: tuple[str, ...]


def take(engine: sqlalchemy.Engine, reports: Sequence[bytes], given: Upload, now: datetime) -> Taken:
    """Keep the job with its JUnit reports (none for a job that had none) and settle what it tells of.

    Raises ReportError where a report cannot be read, and then nothing is kept; StoreError.
    """
    found = of_reports(reports, given, now)
    with database.writing(engine) as session:
        repository = repositories.known(session, given.repository, given.number)
        repositories.lock(session, repository)
        new = settling.kept(session, repository, [found])
    settled = settling.settle_commit(engine, repository, given.sha, now)
    tests = found.report.tests
    return Taken(
        job=found.id,
        known=not new,
        tests=len(tests),
        broken=sum(test.outcome.broken for test in tests),
        settled=tuple(one.review for one in settled),
    )


def of_reports(reports: Sequence[bytes], given: Upload, known: datetime) -> job.Job:
    """Return the job that handed in these reports. Raises ReportError."""
    report = reading.of_files(reports) if reports else job.Report(source=job.Source.NONE)
    broken = any(test.outcome.broken for test in report.tests)
    return job.Job(
        id=f"upload/{_digest(reports, given)}",
        sha=given.sha,
        tested=given.tested,
        name=given.name,
        workflow=given.workflow,
        attempt=given.attempt,
        conclusion=given.conclusion or (job.Conclusion.FAILURE if broken else job.Conclusion.SUCCESS),
        started=given.started,
        completed=given.completed or known,
        remarks=given.remarks,
        report=report,
        known=known,
    )


def _digest(reports: Sequence[bytes], given: Upload) -> str:
    """Return what names the upload: the same files of the same job are the same upload, whenever they are sent."""
    subject = [given.number or given.repository, given.sha, given.tested.value, given.workflow, given.name]
    whole = hashlib.sha256(json.dumps([*subject, given.attempt]).encode())
    for content in reports:
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()
