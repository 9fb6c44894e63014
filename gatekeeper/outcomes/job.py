"""What CI did on a commit, as values: jobs, and the tests that they reported."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gatekeeper.simulation import prediction


class Tested(StrEnum):
    """Which tree a job ran on."""

    # base merged with head, as `pull_request` runs do
    MERGE = "merge"
    # the commit itself, as `push` runs do
    HEAD = "head"
    # the commit of a merge group
    GROUP = "group"


class Conclusion(StrEnum):
    """How a job ended; GitHub's words for the conclusion of a check run, and one of our own for commit statuses."""

    SUCCESS = "success"
    FAILURE = "failure"
    # ended by its time limit
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"
    STARTUP_FAILURE = "startup_failure"
    STALE = "stale"
    # a commit status `error`: what should have run could not
    ERROR = "error"


class Source(StrEnum):
    """Where the outcomes of a job's tests are known from."""

    # a test report: JUnit's XML
    REPORT = "report"
    # pytest's short summary in the job's log: what did not pass, and counts
    SUMMARY = "summary"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One test as a report names it; all text is hostile and bounded by whoever read it."""

    # what JUnit's XML calls `classname`; empty where the report has none
    classname: str
    name: str
    # None where the report has none
    file: str | None = None
    # never `unknown`
    outcome: prediction.Outcome
    # None where the report does not tell
    seconds: float | None = None
    # first line of what went wrong; empty for a pass
    message: str = ""
    # whether the report itself shows both results: failed, run again and passed
    flaky: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The tests that one job reported."""

    source: Source
    tests: tuple[Reported, ...] = ()
    # of a summary: how many passed without being named; None where that tells nothing of what is not named
    passed: int | None = None
    # why there are none, or not all; empty where all is well
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job, check run or commit status that has ended."""

    # unique in the records: `actions/RUN/ATTEMPT/JOB`, `check/ID`, `status/[REPOSITORY/]SHA/CONTEXT`, `upload/DIGEST`
    id: str
    # SHA of the commit that CI names, and which tree of it was tested
    sha: str
    tested: Tested
    # the job's name with its matrix, the check run's, the status's context
    name: str
    # empty where there is none
    workflow: str = ""
    # counted from 1; a re-run is a new attempt
    attempt: int = 1
    conclusion: Conclusion
    # None where it never ran
    started: datetime | None = None
    completed: datetime | None = None
    # what the runner or the App said of how it ended, bounded: lost runners, time limits
    remarks: tuple[str, ...] = ()
    # names of the steps that failed, as GitHub Actions lists them
    failed_steps: tuple[str, ...] = ()
    report: Report
    # when it became known here
    known: datetime
