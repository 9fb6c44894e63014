"""A review beside what real CI did: the values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gatekeeper.simulation import prediction


class Label(StrEnum):
    """What real CI says of a change."""

    # it breaks a test, in a way that counts
    BROKEN = "broken"
    # its tests were seen to run, and none of them broke in a way that counts
    SOUND = "sound"
    # nothing that counts was seen
    NONE = "none"


class Uncounted(StrEnum):
    """Why an outcome is kept out of the score."""

    # both results on one commit
    FLAKY = "flaky"
    # the runner was lost, or something else that is not the change's
    INFRASTRUCTURE = "infrastructure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    # it fails before the change too
    RED_ON_BASE = "red_on_base"
    # a job that runs no tests, as far as is known: a linter, a build
    NO_TESTS = "no_tests"
    # a test that broke in a job that ended well all the same: CI does not hold it against anybody
    FORGIVEN = "forgiven"
    # another tree was tested than the one that was judged
    OTHER_TREE = "other_tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An outcome that was kept out of the score."""

    kind: Uncounted
    # a test's id, or a job's name
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What real CI made of one predicted test."""

    outcome: prediction.Outcome
    # None: it counts
    uncounted: Uncounted | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A review beside what real CI did on the tree that was judged."""

    label: Label
    # one sentence
    why: str
    # when the last of its jobs became known
    known: datetime
    # id of the predicted test -> what became of it, for those that CI reported
    outcomes: Mapping[str, Outcome]
    # what was kept out, tests and jobs
    kept_out: tuple[Kept, ...]
    # tests: reported and not among the predicted (never selected), predicted and not reported, and names in reports
    # that fit more than one predicted test, or one but for its parameters
    unselected: int
    unreported: int
    unmatched: int
    # of the unselected: those that broke in a way that counts, which the selection missed
    missed: tuple[str, ...]
    # whether a job was ended by its time limit
    timed_out: bool
    # when the first job began and the last ended; None where that is not known
    began: datetime | None
    ended: datetime | None
    # seconds that all jobs ran
    job_seconds: float
    # when the first job that broke ended: when the author would have learned it
    first_broken: datetime | None
