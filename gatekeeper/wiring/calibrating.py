"""Raw scores of engines -> the probabilities that outcomes have taught."""

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy

from gatekeeper.accuracy import calibration
from gatekeeper.simulation import prediction
from gatekeeper.store import calibrators


class Calibrated:
    """Makes probabilities of the scores of a repository's predictions, as its records have it now."""

    def __init__(self, engine: sqlalchemy.Engine, repository: str) -> None:
        """Look into the records when there are predictions, and not before."""
        self._engine, self._repository = engine, repository

    def __call__(self, said: tuple[prediction.Prediction, ...]) -> tuple[prediction.Prediction, ...]:
        """Return the predictions with the probabilities of what is in use; raw scores stay. Raises StoreError."""
        used = calibrators.all_in_use(self._engine, self._repository) if said else {}
        return tuple(of_scores(one, used) for one in said) if used else said


def of_scores(
    said: prediction.Prediction, used: Mapping[tuple[str, str], calibration.Calibrator]
) -> prediction.Prediction:
    """Return the prediction, and what else was said of its test, with the probabilities of what is in use."""
    attempts = tuple(of_scores(one, used) for one in said.attempts)
    found = used.get((said.engine, said.model))
    if found is None or said.raw_score is None or said.p_fail is None:
        return replace(said, attempts=attempts)
    p_fail = calibration.apply(found, said.raw_score)
    return replace(said, p_fail=p_fail, calibrator=found.version, attempts=attempts)
