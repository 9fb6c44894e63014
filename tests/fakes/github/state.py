"""What the double knows: accounts, Apps, repositories, pull requests, checks, comments, deliveries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.github import gitdata

Role = Literal["admin", "maintain", "write", "triage", "read", "none"]
Permissions = dict[str, str]
Json = dict[str, object]


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """A user, an organisation, or an App's bot."""

    id: int
    login: str
    kind: Literal["User", "Organization", "Bot"] = "User"


@dataclass(slots=True, kw_only=True, eq=False)
class App:
    """A GitHub App, with what it was registered with."""

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str | None = field(repr=False)
    key: rsa.RSAPrivateKey = field(repr=False)
    pem: str = field(repr=False)
    permissions: Permissions
    events: list[str]
    hook_url: str | None
    created: datetime
    # where people who sign in may be sent back to
    callback_urls: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Repository:
    """A repository and its bare git."""

    id: int
    owner: Account
    name: str
    private: bool
    default_branch: str
    git: gitdata.BareGit = field(repr=False)
    parent: "Repository | None" = field(repr=False)
    created: datetime
    roles: dict[str, Role] = field(default_factory=dict)
    pulls: "dict[int, Pull]" = field(default_factory=dict, repr=False)
    # what must pass before a merge into a branch: (name of the check, id of the App it is pinned to)
    required: dict[str, list[tuple[str, int | None]]] = field(default_factory=dict)
    suites: "list[Suite]" = field(default_factory=list, repr=False)
    last_number: int = 0

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(slots=True, kw_only=True, eq=False)
class Installation:
    """An App on an account, for all or some of its repositories (None: all)."""

    id: int
    app: App = field(repr=False)
    account: Account
    repositories: list[Repository] | None
    permissions: Permissions
    events: list[str]
    created: datetime
    suspended: datetime | None = None

    def covers(self, repository: Repository) -> bool:
        if self.repositories is None:
            return repository.owner is self.account
        return repository in self.repositories


@dataclass(slots=True, kw_only=True, eq=False)
class Token:
    """An installation's token; `repositories` None means all that the installation covers."""

    value: str
    installation: Installation = field(repr=False)
    permissions: Permissions
    repositories: list[Repository] | None
    expires: datetime

    def covers(self, repository: Repository) -> bool:
        return self.installation.covers(repository) and (self.repositories is None or repository in self.repositories)


@dataclass(slots=True, kw_only=True, eq=False)
class UserToken:
    """The token of a person who signed in through an App; `expires` and `refresh` None where it lasts."""

    value: str
    account: Account
    app: App = field(repr=False)
    expires: datetime | None
    refresh: str | None


@dataclass(slots=True, kw_only=True, eq=False)
class Code:
    """What a browser brings back from GitHub, good once."""

    value: str
    account: Account
    app: App = field(repr=False)
    redirect_uri: str
    challenge: str
    expires: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Pull:
    """A pull request."""

    id: int
    number: int
    repository: Repository = field(repr=False)
    author: Account
    title: str
    body: str | None
    base_ref: str
    base_sha: str
    head_repository: Repository = field(repr=False)
    head_ref: str
    head_sha: str
    draft: bool
    created: datetime
    updated: datetime
    maintainer_can_modify: bool = False
    open: bool = True
    closed: datetime | None = None
    merged: datetime | None = None
    merge_sha: str | None = None
    mergeable: bool | None = None
    labels: list[str] = field(default_factory=list)
    reviews: "list[Review]" = field(default_factory=list)
    review_comments: "dict[int, ReviewComment]" = field(default_factory=dict)
    comments: "dict[int, IssueComment]" = field(default_factory=dict)
    resolved: set[int] = field(default_factory=set)
    # up to this tick the API still tells this head
    shown: tuple[int, str] | None = None

    @property
    def from_fork(self) -> bool:
        return self.head_repository is not self.repository


@dataclass(slots=True, kw_only=True, eq=False)
class Suite:
    """The check runs of one App on one commit."""

    id: int
    app: App = field(repr=False)
    repository: Repository = field(repr=False)
    head_sha: str
    head_branch: str | None
    before: str | None
    created: datetime
    runs: "list[Run]" = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """A check run."""

    id: int
    suite: Suite = field(repr=False)
    name: str
    started: str | None
    # at which tick lists have it
    shows: int
    external_id: str = ""
    details_url: str | None = None
    status: str = "queued"
    conclusion: str | None = None
    completed: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Review:
    """A submitted review."""

    id: int
    author: Account
    body: str
    state: str
    commit_id: str
    submitted: datetime
    shows: int


@dataclass(slots=True, kw_only=True, eq=False)
class ReviewComment:
    """A comment on a line or a file; `line` is None once outdated or for a file."""

    id: int
    pull: Pull = field(repr=False)
    author: Account
    body: str
    path: str
    review: Review | None = field(repr=False)
    reply_to: int | None
    subject: Literal["line", "file"]
    commit_id: str
    original_commit_id: str
    hunk: str
    side: str
    start_side: str | None
    line: int | None
    start_line: int | None
    original_line: int | None
    original_start_line: int | None
    position: int | None
    original_position: int | None
    created: datetime
    updated: datetime
    shows: int
    minimised: str | None = None
    reactions: list[tuple[int, Account, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class IssueComment:
    """A comment in a pull request's conversation."""

    id: int
    pull: Pull = field(repr=False)
    author: Account
    app: App | None = field(repr=False)
    body: str
    created: datetime
    updated: datetime
    shows: int
    minimised: str | None = None
    reactions: list[tuple[int, Account, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One attempt to deliver a webhook; a redelivery is another with the same GUID."""

    id: int
    guid: str
    app: App = field(repr=False)
    event: str
    action: str | None
    installation: int | None
    repository: int | None
    headers: dict[str, str]
    body: bytes = field(repr=False)
    made: datetime
    shows: int
    redelivery: bool = False
    # 0 until it was tried
    status_code: int = 0
    status: str = "pending"
    duration: float = 0.0
    answer: str = ""
