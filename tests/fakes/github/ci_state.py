"""What the double knows of CI: runs of GitHub Actions with jobs and artifacts, commit statuses, signed addresses."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.fakes.github import state


@dataclass(slots=True, kw_only=True, eq=False)
class Step:
    """A step of a job."""

    name: str
    conclusion: str | None


@dataclass(slots=True, kw_only=True, eq=False)
class WorkflowJob:
    """A job in one attempt; its check run has the same number, and its annotations."""

    check: state.Run = field(repr=False)
    run: "WorkflowRun" = field(repr=False)
    attempt: int
    name: str
    steps: list[Step]
    # None: deleted, or never written
    log: bytes | None = field(repr=False)
    started: datetime
    completed: datetime | None = None

    @property
    def id(self) -> int:
        return self.check.id


@dataclass(slots=True, kw_only=True, eq=False)
class Artifact:
    """A zip that a job uploaded."""

    id: int
    run: "WorkflowRun" = field(repr=False)
    name: str
    content: bytes = field(repr=False)
    # what lists say of its size
    size: int
    created: datetime
    expired: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class WorkflowRun:
    """A run of a workflow, in its latest attempt, with the jobs and artifacts of all attempts."""

    id: int
    number: int
    workflow: int
    suite: state.Suite = field(repr=False)
    name: str
    path: str
    event: str
    by: state.Account
    created: datetime
    attempt: int = 1
    status: str = "queued"
    conclusion: str | None = None
    jobs: list[WorkflowJob] = field(default_factory=list, repr=False)
    artifacts: list[Artifact] = field(default_factory=list, repr=False)

    @property
    def repository(self) -> state.Repository:
        return self.suite.repository

    @property
    def head_sha(self) -> str:
        return self.suite.head_sha


@dataclass(slots=True, kw_only=True, eq=False)
class Status:
    """A commit status."""

    id: int
    repository: state.Repository = field(repr=False)
    sha: str
    word: str
    context: str
    description: str | None
    creator: state.Account
    created: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Signed:
    """What an address in storage opens, for a while and to whoever has it."""

    content: bytes = field(repr=False)
    kind: str
    expires: datetime


@dataclass(slots=True, kw_only=True)
class Storage:
    """Where downloads lead to, and how what is there is given; each is a test's to set."""

    # None: the double's own storage
    url: str | None = None
    # whether the length is told beforehand
    announces: bool = True
    # whether all is kept and given packed by gzip, and how it says that it is packed
    packs: bool = False
    says: str | None = None
    # whether a part can be asked for
    parts: bool = True
    # by the last part of the address
    signed: dict[str, Signed] = field(default_factory=dict)
