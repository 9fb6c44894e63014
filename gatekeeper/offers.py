"""What is offered beyond a verdict, as one value: what failures are due to, fixes, and tests of unreached code."""

from dataclasses import dataclass, field

from gatekeeper.repair import candidate, cause
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What was found and tried for one review; all empty where nothing was looked for, or found."""

    # of the findings, those of most tests first, as far as they were looked at
    causes: tuple[cause.Cause, ...] = ()
    # best first
    fixes: tuple[candidate.FixCandidate, ...] = ()
    # of changed functions that no test reaches
    tests: tuple[proposed.ProposedTest, ...] = ()
    # of a model that was asked for them, and tried them where nothing can be run
    cost: prediction.Cost = field(default_factory=prediction.Cost)
    # what kept some from being found, and what was spent; not recorded
    notes: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether there is anything to be shown."""
        return bool(self.causes or self.fixes or self.tests)

    def cause(self, fingerprint: str) -> cause.Cause | None:
        """Return what the finding is due to; None where that is not known."""
        return next((one for one in self.causes if one.fingerprint == fingerprint), None)
