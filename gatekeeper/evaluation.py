"""Reviews that are asked for of what GitHub hosts, how far they have come, and what came of them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gatekeeper import hosted, review
from gatekeeper.accuracy import earning as earnings
from gatekeeper.verdicts import authority as authorities
from gatekeeper.verdicts import publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be reviewed."""

    # id of the workflow, and of the evaluation that keeps its state
    id: str
    place: hosted.Place
    # None: a merge group
    pull: int | None
    head: str
    # what head is fetched by: refs/pull/7/head, or a merge group's branch
    head_ref: str
    # name of the branch that it is to be merged into
    base_ref: str
    # SHA that base was at when it was asked for
    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A review that is to be carried out now."""

    asked: Asked
    # id of the review that is recorded; not to be guessed, since it is part of its page's address
    review: str
    # what the pull request is like now; a merge group is no draft and has no labels (None)
    draft: bool
    labels: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Of base's configuration what is needed after the review, when there is no tree to read it from."""

    ceiling: authorities.Authority
    # whether what is used of the ceiling has to be earned
    earn: bool
    earning: earnings.Terms
    # shell patterns of the names of checks that run tests
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a repository's verdicts are held to."""

    authority: authorities.Authority
    # one sentence
    why_authority: str
    # whether the configuration lets `not_analysed` fail the check
    fail_not_analysed: bool
    # what has been earned by the engine that imagined all tests which would fail: it blocks with that alone
    imagined: authorities.Authority = authorities.Authority.SHADOW
    # what the verdict rests on: executed, or the engine that imagined it
    basis: str = review.EXECUTED
    # probability of not halting from which on a function fails the check in block; None: never
    halting_at: float | None = None
    # None for what was recorded before there were any
    rules: Rules | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review that was carried out and recorded."""

    # id of the recorded review
    review: str
    terms: Terms
    # what to say on the pull request's lines
    annotations: tuple[publication.Annotation, ...]
    # None for a merge group, which has no comments
    comments: publication.PullReview | None
    # whether it is published only after CI has ended
    held_back: bool = False


def is_held_back(identity: str, share: float) -> bool:
    """Whether the review of that id is one of the `share` (0..1) that is published only after CI has ended."""
    drawn = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8]) / 2**64
    return drawn < share


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReviewed:
    """A pull request that the repository's configuration keeps out."""

    # one sentence: a draft, a label, a branch, paths
    reason: str
    # skipped, or cancelled for what is to be reviewed later and must not pass meanwhile
    conclusion: publication.CheckConclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A review that was given up because it was told to stop; nothing was recorded."""


class State(StrEnum):
    """How far a review that was asked for has come."""

    QUEUED = "queued"
    RUNNING = "running"
    # reviewed, with a verdict of whatever kind
    DONE = "done"
    # kept out by the repository's configuration
    SKIPPED = "skipped"
    # a newer head, or a newer review of the same, took its place
    SUPERSEDED = "superseded"
    # the pull request was closed, or the merge group dissolved
    ABANDONED = "abandoned"
    # it could not be carried out, for a reason that is not the change's
    FAILED = "failed"


LIVE = frozenset({State.QUEUED, State.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A review that was asked for, and how far it has come."""

    asked: Asked
    # when it was asked for
    when: datetime
    state: State
    # why it is in this state; empty where there is nothing to say
    reason: str
    progress: str
    # SHA of the newer head
    superseded_by: str | None
    # None until it is done
    reviewed: Reviewed | None
    # None until they are known
    terms: Terms | None
    # what the check concludes where it was not reviewed
    conclusion: publication.CheckConclusion | None
    # whether the pull request is open, or the merge group there, as far as is known
    open: bool
    # until when it waits for CI before it is published; None where it does not
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A maintainer's word against a verdict."""

    # login
    by: str
    reason: str
