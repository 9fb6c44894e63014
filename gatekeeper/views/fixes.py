"""What became of fixes that were offered, counted."""

from dataclasses import dataclass

from gatekeeper.repair import candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class FixFigures:
    """The fixes of one source; of each finding the one that was offered last counts, however often it was."""

    source: candidate.Source
    # in all; what is neither applied nor ignored is open
    offered: int
    # its text came to be on the branch
    applied: int
    # the branch went on, or the pull request was closed, without it
    ignored: int
    # of the applied: what real CI said of the tests that it mends; nothing is known of the others
    passed: int
    failed: int

    @property
    def open(self) -> int:
        """How many nothing became of yet."""
        return self.offered - self.applied - self.ignored

    @property
    def unknown(self) -> int:
        """How many of the applied CI has not judged."""
        return self.applied - self.passed - self.failed
