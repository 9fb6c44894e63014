"""Reports that any CI hands in -> jobs in the records, and what they settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy

from gatekeeper.outcomes import job


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
    name: str
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
    raise NotImplementedError
