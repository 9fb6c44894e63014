"""What is said on GitHub, as values: a check run, a review with its comments. Limits are GitHub's, per field."""

from dataclasses import dataclass
from enum import StrEnum

# characters of a check run's summary and of its text, and of a comment's body
LONGEST_TEXT = 65_535
# annotations in one request; a check run may have more, by further requests
ANNOTATIONS_AT_ONCE = 50

# the name of every check run; rules of a branch that require it name it too
CHECK_NAME = "Gatekeeper"


class Status(StrEnum):
    """How far a check run is."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class CheckConclusion(StrEnum):
    """What a completed check run says; all but `failure` and `cancelled` let a merge pass where it is required."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    SKIPPED = "skipped"
    # superseded by a newer head
    CANCELLED = "cancelled"


class Level(StrEnum):
    """How loud an annotation is."""

    NOTICE = "notice"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark of a check run on lines of a file at head, counted from 1."""

    path: str
    start_line: int
    end_line: int
    level: Level
    # at most 255 characters
    title: str
    # at most 64 KiB
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button on a completed check run."""

    # at most 20 characters
    label: str
    # at most 40 characters
    description: str
    # at most 20 characters; comes back with `requested_action`
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """A check run as it is to be shown."""

    # finds the run again: creation has no idempotency key
    external_id: str
    # SHA of the commit it is shown on
    head: str
    status: Status
    # given exactly where `status` is completed
    conclusion: CheckConclusion | None = None
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    # shown only on a completed run
    actions: tuple[Action, ...] = ()
    # the full report; empty where the service has no address
    details_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A finding as a comment on the pull request's diff."""

    # hex digest, hidden in the body, that finds the comment again
    fingerprint: str
    path: str
    # 1-based lines of the file at head, in one hunk of the diff from the merge base; None: a comment on the file
    line: int | None
    # first of several lines; None for one line
    start_line: int | None = None
    # Markdown with the hidden fingerprint
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReview:
    """The comments of one review, complete: what was commented before and is not among them has been mended."""

    head: str
    # Markdown; shown above the comments where there is any
    body: str
    comments: tuple[Comment, ...]
