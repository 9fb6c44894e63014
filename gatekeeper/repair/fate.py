"""What became of a fix that was offered, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Became(StrEnum):
    """What was done with it."""

    # nothing yet, as far as is known
    OFFERED = "offered"
    # its text came to be on the branch: by the button, by GitHub's suggestion, or by hand
    APPLIED = "applied"
    # the branch went on, or the pull request was closed, without it
    IGNORED = "ignored"


class After(StrEnum):
    """What real CI said of the tests that it mends, on the commit that has it."""

    PASSED = "passed"
    # at least one of them did not pass
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one fix."""

    became: Became = Became.OFFERED
    # the commit that has it, and login of who asked for it, where it was applied by the button
    commit: str | None = None
    by: str | None = None
    # when that was known
    at: datetime | None = None
    # None: CI has not said so, or not of all of them
    after: After | None = None
