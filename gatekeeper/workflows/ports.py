"""What the workflows need done by others: GitHub read and written, reviews carried out."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy
from dbos import DBOSClient

from gatekeeper import evaluation, hosted
from gatekeeper.outcomes import job
from gatekeeper.repair import candidate
from gatekeeper.verdicts import publication


class Checks(Protocol):
    """Check runs of one name. Every method raises ForgeError."""

    def put(self, place: hosted.Place, run: publication.CheckRun) -> int:
        """Create the run, or update the visible one with its external id; return GitHub's id.

        Doing it twice leaves one run with each annotation once; extra runs of the external id are closed.
        """
        ...

    def requirement(self, place: hosted.Place, branch: str) -> hosted.Requirement:
        """Return whether the branch's rules require the check of this App."""
        ...


class Pulls(Protocol):
    """Pull requests, read. Every method raises ForgeError."""

    def get(self, place: hosted.Place, number: int) -> hosted.Pull:
        """Return the pull request as it is now."""
        ...

    def open(self, place: hosted.Place) -> Iterator[hosted.Pull]:
        """Yield every open pull request."""
        ...

    def permission(self, place: hosted.Place, login: str) -> str:
        """Return the user's permission: none, read, triage, write, maintain or admin."""
        ...


class Comments(Protocol):
    """Comments, found again by what is hidden in them. Every method raises ForgeError."""

    def publish(self, place: hosted.Place, number: int, review: publication.PullReview) -> hosted.Published:
        """Make the pull request's comments what the review says.

        A comment of ours with a known fingerprint is updated, its thread opened again; one whose fingerprint is gone
        has its thread resolved; new ones come in one review. What is not in the diff becomes a comment on the file.
        """
        ...

    def reply(self, place: hosted.Place, number: int, key: str, body: str) -> None:
        """Comment on the pull request once for each `key`; a second call with the key changes that comment."""
        ...

    def react(self, place: hosted.Place, comment: int, *, review_comment: bool, content: str) -> None:
        """React to a comment: `eyes`, `+1`, `-1`, `confused`."""
        ...


class Branches(Protocol):
    """Commits made in the App's name. Every method raises ForgeError."""

    def apply(self, place: hosted.Place, pull: hosted.Pull, change: candidate.Replacement, message: str) -> str:
        """Commit the change on top of `pull.head` to the pull request's branch and return the new SHA.

        Raises RefusedError where the branch has moved, or lies in a fork that maintainers may not change. A commit
        with the same message already on top of `pull.head` is returned as it is.
        """
        ...


class Ci(Protocol):
    """What CI did on a commit, read in few requests. Every method raises ForgeError.

    Jobs of the same id are the same job. Our own check is never among them.
    """

    def runs(self, place: hosted.Place, sha: str) -> Sequence[hosted.Run]:
        """Return the runs of GitHub Actions on the commit, those that test another tree left out; the oldest first."""
        ...

    def of_run(self, place: hosted.Place, run: hosted.Run, known: AbstractSet[str]) -> hosted.Collected:
        """Return the jobs of all attempts of the run but those whose ids are `known`, with what they reported.

        Reports that cannot be given to one job are those of a job of their own, `actions/RUN/ATTEMPT/artifacts`. Some
        reports are there only once the run has ended, and a re-run takes those of earlier attempts away: keep them.
        """
        ...

    def checks(self, place: hosted.Place, sha: str, tested: job.Tested) -> hosted.Collected:
        """Return the check runs of other Apps than GitHub Actions, taken to test the tree `tested` unless they say."""
        ...

    def statuses(self, place: hosted.Place, sha: str, tested: job.Tested) -> hosted.Collected:
        """Return the latest commit status of each context, taken to test the tree `tested` unless they say."""
        ...


class App(Protocol):
    """What GitHub tells the App itself. Every method raises ForgeError."""

    def installations(self) -> Sequence[hosted.Installed]:
        """Return every installation."""
        ...

    def repositories(self, installation: int) -> Iterator[hosted.Place]:
        """Yield every repository of the installation."""
        ...

    def failed_deliveries(self, since: datetime) -> Sequence[hosted.FailedDelivery]:
        """Return deliveries after `since` none of whose attempts succeeded, oldest first."""
        ...

    def redeliver(self, delivery: int) -> None:
        """Ask GitHub to deliver it again."""
        ...


class Reviewer(Protocol):
    """Carries out reviews: fetches, selects, pre-executes, records."""

    def review(
        self, assignment: evaluation.Assignment, progress: Callable[[str], None], cancelled: Callable[[], bool]
    ) -> evaluation.Reviewed | evaluation.NotReviewed | evaluation.Stopped:
        """Review and record; doing it twice records it once. Ends within a second after `cancelled` said so.

        What cannot be analysed is recorded as a review that says so. Raises FetchError where git's objects cannot be
        had yet, ForgeError, ConfigurationError and SandboxError.
        """
        ...

    def offer(
        self, asked: evaluation.Asked, identity: str, cancelled: Callable[[], bool]
    ) -> publication.PullReview | None:
        """Look for what can be offered beyond the verdict of the recorded review, and record it; return new comments.

        None where nothing was found, or head has moved. Doing it twice records it once. Ends within a second after
        `cancelled` said so. Errors as `review`.
        """
        ...

    def terms(self, assignment: evaluation.Assignment) -> evaluation.Terms:
        """Return what base's configuration holds the review to, where it cannot be carried out; errors as `review`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All of them, as wiring makes them."""

    checks: Checks
    pulls: Pulls
    comments: Comments
    branches: Branches
    app: App
    ci: Ci
    reviewer: Reviewer
    # the database of records, with DBOS's tables beside them
    database: sqlalchemy.Engine
    # DBOS as seen from outside: what runs, and what is to run
    client: DBOSClient
    # public address of the service; None where it has none
    url: str | None
    # address of GitHub's pages
    github: str
    # this worker's name
    worker: str
    now: Callable[[], datetime]
    # how long what deliveries say, and traces, are kept
    keep_deliveries: timedelta
    keep_traces: timedelta
