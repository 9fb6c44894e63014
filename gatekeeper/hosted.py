"""What GitHub tells, as values: repositories, pull requests, rules of branches, deliveries, installations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gatekeeper.outcomes import job


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository as an installation of the App sees it."""

    installation: int
    # GitHub's number of the repository, which survives a rename
    repository: int
    # owner/name as last heard
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request as the API shows it now."""

    number: int
    open: bool
    draft: bool
    head: str
    head_ref: str
    # number of the repository that head lies in; None where it was deleted
    head_repository: int | None
    base: str
    base_ref: str
    labels: tuple[str, ...]
    # whether the author lets the base repository's maintainers push to head's branch
    maintainer_can_modify: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Whether the rules of a branch ask for the check."""

    # None: not permitted to look
    required: bool | None
    # whether only this App's run counts
    pinned: bool
    # the page on which a maintainer changes it
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of a review's comments."""

    made: int
    updated: int
    resolved: int
    # fingerprints of those that GitHub did not take as comments
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedDelivery:
    """A delivery that did not reach the service."""

    # GitHub's number of the attempt, by which it is asked for again
    id: int
    # the GUID that all attempts share
    guid: str
    delivered: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An installation of the App."""

    id: int
    account: str
    suspended: bool
    # name -> read or write, as granted
    permissions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of GitHub Actions on a commit, in its latest attempt."""

    id: int
    # counted from 1
    attempt: int
    sha: str
    # which tree its jobs check out unless they choose another
    tested: job.Tested
    # what started it: push, pull_request, merge_group, ...
    event: str
    # the workflow's name, and its file in the repository
    workflow: str
    path: str
    # None as long as it has not ended
    conclusion: job.Conclusion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What CI did, as far as it has ended."""

    jobs: Sequence[job.Job]
    # how many more have begun or wait, and may end yet
    unfinished: int
