"""Which failures are worth a trace: one of each group that fails alike."""

from collections.abc import Sequence

from gatekeeper.simulation import prediction

MOST = 10


def choose(predictions: Sequence[prediction.Prediction], most: int = MOST) -> tuple[str, ...]:
    """Return ids of at most `most` tests, one for each exception type and line at fault, cheapest first."""
    groups: dict[tuple[str, prediction.Location | None], prediction.Prediction] = {}
    for said in predictions:
        if not said.outcome.broken or said.already_failing:
            continue
        group = ((said.exception or said.outcome).partition(":")[0], said.at)
        if group not in groups or said.cost.fuel < groups[group].cost.fuel:
            groups[group] = said
    return tuple(said.test for said in groups.values())[:most]
