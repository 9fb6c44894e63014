"""Curves from scores to probabilities, in scikit-learn. Import it where it is used: that takes a second."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from gatekeeper.accuracy import counts

# How many scores, and how many of the rarer label, it takes to fit steps rather than a sigmoid's two numbers; with
# fewer they follow chance. Niculescu-Mizil, Caruana, "Predicting Good Probabilities with Supervised Learning" (2005).
ISOTONIC, RARER = 1000, 100
# half a bin: the log-odds of a score of 0 or 1 have no end
_EDGE = 0.5 / counts.BINS
# scores at which a sigmoid is written down, evenly by log-odds; straight lines between are off by less than 0.001
_GRID = 65

Floats: TypeAlias = NDArray[np.float64]
Points: TypeAlias = tuple[tuple[float, float], ...]


def fit(scores: Sequence[tuple[float, bool]]) -> tuple[Literal["isotonic", "sigmoid"], Points]:
    """Return the method and the points of a curve that never falls and never reaches 0 or 1.

    `scores`: (raw score in 0..1, whether it broke), of both labels. Nothing is said to be surer than one error in twice
    as many tests as were fitted on.
    """
    raw = np.array([score for score, _ in scores])
    broke = np.array([flag for _, flag in scores])
    rarer = min(np.count_nonzero(broke), np.count_nonzero(~broke))
    isotonic = len(scores) >= ISOTONIC and rarer >= RARER
    at, probability = _isotonic(raw, broke) if isotonic else _sigmoid(raw, broke)
    least = 0.5 / len(scores)
    points = zip(at.tolist(), np.clip(probability, least, 1 - least).tolist(), strict=True)
    return "isotonic" if isotonic else "sigmoid", tuple(points)


def less(one: Sequence[float], other: Sequence[float], *, draws: int, seed: int) -> float:
    """Return the share of resamples in which the sum of the first is less: a paired bootstrap over pull requests."""
    gained = np.array(other) - np.array(one)
    chosen = np.random.default_rng(seed)
    drawn = [gained[chosen.integers(0, len(gained), len(gained))].sum() for _ in range(draws)]
    return float(np.mean(np.array(drawn) > 0))


def _isotonic(raw: Floats, broke: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return steps by Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Probabilities" (2002)."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(raw, broke.astype(float))
    return fitted.X_thresholds_, fitted.y_thresholds_


def _sigmoid(raw: Floats, broke: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return a curve by Platt, "Probabilistic Outputs for Support Vector Machines" (1999), with his targets.

    It is fitted on the scores' log-odds, so that scores which are right already stay as they are.
    """
    held, found = len(broke), np.count_nonzero(broke)
    target = np.where(broke, (found + 1) / (found + 2), 1 / (held - found + 2))
    odds = _log_odds(raw).reshape(-1, 1)
    # each score is both: broken by its target, and not by the rest
    both = LogisticRegression(C=np.inf).fit(
        np.vstack([odds, odds]), np.repeat([1, 0], held), sample_weight=np.concatenate([target, 1 - target])
    )
    reach = _log_odds(np.array(1.0))
    grid = np.linspace(-reach, reach, _GRID)
    # a score that falls as more breaks says nothing but how much breaks
    falls = both.coef_[0, 0] <= 0
    probability = np.full(_GRID, target.mean()) if falls else both.predict_proba(grid.reshape(-1, 1))[:, 1]
    return 1 / (1 + np.exp(-grid)), probability


def _log_odds(score: Floats) -> Any:  # noqa: ANN401 - a number or an array, as it came
    inside = np.clip(score, _EDGE, 1 - _EDGE)
    return np.log(inside / (1 - inside))
