"""What real CI made of predicted tests, as decisions keep it."""

from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.store import models


def of_decision(decided: models.Decision) -> settlement.Outcome | None:
    """Return what became of the test; None as long as that is not known."""
    if decided.outcome is None:
        return None
    return settlement.Outcome(
        outcome=prediction.Outcome(decided.outcome),
        uncounted=None if decided.uncounted is None else settlement.Uncounted(decided.uncounted),
    )
