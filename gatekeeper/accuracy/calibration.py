"""Raw scores -> probabilities: fitted on older outcomes, judged on newer ones, kept only where better.

Each engine and model has a pooled calibrator, fitted on what all repositories saw of it. A repository whose own history
is long enough (`alone`) is fitted by itself besides, with the pooled one as what its own has to beat. Nothing is shrunk
from one to the other: whichever is used, it is one curve that can be looked at.
"""

import bisect
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

# pull requests that a repository needs for a calibrator of its own: 70 to fit on, 30 to judge by
ALONE = 100
# what the older and the newer part need at least: fewer decide nothing, whatever comes of it
FITTED, JUDGED = 20, 10
# the share of the history, by when its outcomes were known, that is fitted on
_OLDER = 0.7
# resamples of the newer pull requests, and the share of them in which a calibrator has to be better
_DRAWS, _SURE = 1000, 0.9

Point: TypeAlias = tuple[float, float]


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
    points: tuple[Point, ...]


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
    points = calibrator.points
    right = bisect.bisect_right(points, raw, key=lambda point: point[0])
    if right in {0, len(points)}:
        return points[min(right, len(points) - 1)][1]
    (low, less), (high, more) = points[right - 1 : right + 1]
    # rounding must not lift it over the next point
    return min(more, less + (more - less) * (raw - low) / (high - low))


def alone(history: Sequence[Labelled]) -> bool:
    """Whether a repository's own history is enough for a calibrator of its own; otherwise the pooled one serves it."""
    return len(_pulls(history)) >= ALONE


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
    is, and goes into the version's name. A pull request is never divided: it belongs to when its last outcome was
    known. It is kept where its Brier score on the newer ones is less than before's, in nine of ten resamples of them.
    """
    from gatekeeper.accuracy import curves

    pulls = _pulls(history)
    newer = pulls[int(len(pulls) * _OLDER) :]
    older = [pull for pull in pulls if pull.known < newer[0].known] if newer else []
    if len(older) < FITTED or len(newer) < JUDGED or len({broke for pull in older for _, broke in pull.scores}) == 1:
        return None
    method, points = curves.fit([one for pull in older for one in pull.scores])
    named = json.dumps([engine, model, scope, now.isoformat(), points])
    calibrator = Calibrator(
        version=f"{method}-{hashlib.sha256(named.encode()).hexdigest()[:12]}",
        engine=engine,
        model=model,
        pooled=pooled,
        method=Method(method),
        points=points,
    )
    errors = [_errors(calibrator, pull) for pull in newer]
    errors_before = [_errors(before, pull) for pull in newer]
    judging = sum(len(pull.scores) for pull in newer)
    return Fitted(
        calibrator=calibrator,
        fitted=now,
        until=newer[0].known,
        pulls=len(older),
        judged_pulls=len(newer),
        brier=sum(errors) / judging,
        brier_before=sum(errors_before) / judging,
        kept=curves.less(errors, errors_before, draws=_DRAWS, seed=seed) >= _SURE,
    )


def _pulls(history: Sequence[Labelled]) -> list[Labelled]:
    """Return the pull requests, each once with all its scores, by when the last of its outcomes was known."""
    reviews: defaultdict[str, list[Labelled]] = defaultdict(list)
    for review in history:
        if review.scores:
            reviews[review.pull].append(review)
    pulls = [
        Labelled(
            pull=pull,
            known=max(review.known for review in each),
            scores=tuple(score for review in each for score in review.scores),
        )
        for pull, each in reviews.items()
    ]
    return sorted(pulls, key=lambda pull: (pull.known, pull.pull))


def _errors(calibrator: Calibrator | None, pull: Labelled) -> float:
    """Return the sum of the squared errors in one pull request."""
    return sum(((raw if calibrator is None else apply(calibrator, raw)) - broke) ** 2 for raw, broke in pull.scores)
