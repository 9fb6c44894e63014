"""The port by which something other than small edits proposes fixes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatekeeper.repair import culprit, proposal, units
from gatekeeper.simulation import prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One fault that a fix is asked for."""

    fault: proposal.Fault
    # of the test that stands for the fault, with its trace where there is one
    said: prediction.Prediction
    # None: nothing was isolated
    culprit: culprit.Culprit | None
    of: units.Change


class Proposer(Protocol):
    """Something that proposes fixes."""

    def propose(self, asked: Asked, left: Callable[[], float]) -> Sequence[proposal.Proposal]:
        """Return fixes that were not tried, best first; none after the `left` seconds, and none where it fails."""
        ...
