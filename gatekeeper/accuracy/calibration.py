"""Raw scores -> probabilities: fitted on older outcomes, judged on newer ones, kept only where better."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """How the curve was fitted."""

    ISOTONIC = "isotonic"
    SIGMOID = "sigmoid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """A curve from an engine's raw score to a probability."""

    # names it; predictions carry it
    version: str
    engine: str
    model: str
    # whether several repositories' outcomes made it
    pooled: bool
    method: Method
    # (raw score, probability), both ascending; straight lines between, flat outside
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One engine's raw scores in one pull request, each with what really became of the test."""

    # the pull request; several reviews of one may come apart, and are put together
    pull: str
    # when its outcomes were known
    known: datetime
    # (raw score in 0..1, whether the test really broke): outcomes that count, and nothing already failing
    scores: tuple[tuple[float, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """One attempt, and how it compares."""

    calibrator: Calibrator
    fitted: datetime
    # outcomes known before this were fitted, later ones judged it
    until: datetime
    # pull requests fitted on, and judged by
    pulls: int
    judged_pulls: int
    # Brier score on the later outcomes: its own, and that of what was in use before
    brier: float
    brier_before: float
    # whether it is better by more than noise, and so to be used
    kept: bool


def apply(calibrator: Calibrator, raw: float) -> float:
    """Return the probability that a raw score in 0..1 stands for; never 0 nor 1, and never less for a greater score."""
    raise NotImplementedError


def alone(history: Sequence[Labelled]) -> bool:
    """Whether a repository's own history is enough for a calibrator of its own; otherwise the pooled one serves it."""
    raise NotImplementedError


def fit(
    history: Sequence[Labelled],
    before: Calibrator | None,
    now: datetime,
    *,
    engine: str,
    model: str,
    scope: str,
    pooled: bool,
    seed: int = 0,
) -> Fitted | None:
    """Return what the history gives; None where it is too little to fit on or to judge by.

    `before`: what is in use for the same scores; None where they are taken as they are. `scope` says whose history it
    is, and goes into the version's name.
    """
    raise NotImplementedError
