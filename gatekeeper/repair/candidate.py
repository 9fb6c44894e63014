"""A change that mends what the pull request breaks, as a value."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a candidate comes from."""

    # a small edit at or near the lines at fault
    EDIT = "edit"
    # what a model wrote, given the test, its trace and the lines at fault
    MODEL = "model"
    # the hunk at fault taken back: a last resort, since it undoes what the author meant
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Whole lines of one file at head, and what they become."""

    path: str
    # 1-based first and last line replaced; `end` is `start - 1` where lines are only inserted before `start`
    start: int
    end: int
    # the new lines, each with its line ending; empty: deleted
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixCandidate:
    """A fix that was tried."""

    source: Source
    replacement: Replacement
    # unified diff against head, as `git apply` takes it
    diff: str
    # fingerprints of the findings some of whose tests it mends
    mends: tuple[str, ...]
    # tests that would fail without it and pass with it
    mended: tuple[str, ...]
    # other affected tests that were run with it, none of which it breaks
    kept: int
    # the engine that tried it
    tried_by: str
    # samples of the model that say the same; 0 for what it did not write
    agreement: int = 0
