"""What a pull request's tests really did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Label(StrEnum):
    """How a test that passed before the change ended after it."""

    FAILED = "failed"
    ERROR = "error"
    # it did not end within its time limit
    TIMEOUT = "timeout"
    # neither passed nor failed: unscored
    SKIPPED = "skipped"
    # it was no longer collected
    MISSING = "missing"

    @property
    def broken(self) -> bool:
        """Whether a test that ended so was broken by the change."""
        return self is not Label.SKIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The labels of one pull request."""

    # test id -> how it ended: the tests that passed before and not after; all others did not change
    changed: Mapping[str, Label]
    # tests known to pass before the change
    passing: frozenset[str] = field(default_factory=frozenset)
    # files and folders whose tests were run for the labels; empty: all
    within: tuple[str, ...] = ()
    # the whole run hung or crashed: the change breaks something whatever `changed` says
    crashed: bool = False

    @property
    def broken(self) -> frozenset[str]:
        """Ids of the tests that the change breaks."""
        return frozenset(test for test, label in self.changed.items() if label.broken)

    def covers(self, test: str) -> bool:
        """Whether the labels speak of the test with that id: it was run, and not skipped."""
        path = test.partition("::")[0]
        inside = not self.within or any(path == place or path.startswith(f"{place}/") for place in self.within)
        return inside and test not in self.skipped

    @property
    def skipped(self) -> frozenset[str]:
        """Ids of the tests that are not scored."""
        return frozenset(test for test, label in self.changed.items() if not label.broken)

    @property
    def hanging(self) -> frozenset[str]:
        """Ids of the tests that no longer end."""
        return frozenset(test for test, label in self.changed.items() if label is Label.TIMEOUT)

    @property
    def breaks(self) -> bool:
        """Whether the change breaks anything."""
        return self.crashed or bool(self.broken)
