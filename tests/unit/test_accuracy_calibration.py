import json
import math
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from gatekeeper.accuracy import calibration, curves

Distortion: TypeAlias = Callable[[float], float]

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def true(p: float) -> float:
    return p


def too_sure(p: float) -> float:
    return p**3 / (p**3 + (1 - p) ** 3)


def history(
    pulls: int, size: int, older: Distortion, newer: Distortion | None = None, *, seed: int
) -> list[calibration.Labelled]:
    """Return pull requests an hour apart, with scores that are what is true, distorted; `newer`: from 70 % on."""
    chosen = random.Random(seed)
    made = []
    for place in range(pulls):
        distorted = newer if newer is not None and place >= 0.7 * pulls else older
        chances = [1 / (1 + math.exp(-chosen.gauss(-1.0, 1.5))) for _ in range(size)]
        scores = tuple((distorted(chance), chosen.random() < chance) for chance in chances)
        made.append(calibration.Labelled(pull=f"{place}", known=START + timedelta(hours=place), scores=scores))
    return made


def fit(
    pulls: Sequence[calibration.Labelled], before: calibration.Calibrator | None = None
) -> calibration.Fitted | None:
    return calibration.fit(pulls, before, NOW, engine="cwm", model="small", scope="7", pooled=False)


def fitted(pulls: Sequence[calibration.Labelled], before: calibration.Calibrator | None = None) -> calibration.Fitted:
    done = fit(pulls, before)
    assert done is not None
    return done


def curve(*points: calibration.Point) -> calibration.Calibrator:
    return calibration.Calibrator(
        version="v", engine="cwm", model="small", pooled=False, method=calibration.Method.SIGMOID, points=points
    )


# thirty small pull requests do not always show it
@pytest.mark.parametrize(("pulls", "size", "method", "least"), [(100, 5, "sigmoid", 6), (300, 20, "isotonic", 10)])
def test_scores_that_are_too_sure_are_put_right(pulls: int, size: int, method: str, least: int) -> None:
    attempts = [fitted(history(pulls, size, too_sure, seed=seed)) for seed in range(10)]
    assert {attempt.calibrator.method for attempt in attempts} == {method}
    assert sum(attempt.kept for attempt in attempts) >= least
    kept = next(attempt for attempt in attempts if attempt.kept)
    assert kept.brier < kept.brier_before
    # what was said with 0.97 is true of three in four
    assert calibration.apply(kept.calibrator, too_sure(0.75)) == pytest.approx(0.75, abs=0.1)


@pytest.mark.parametrize(("pulls", "size"), [(100, 5), (300, 20)])
def test_scores_that_are_right_are_left_as_they_are(pulls: int, size: int) -> None:
    attempts = [fitted(history(pulls, size, true, seed=seed)) for seed in range(10)]
    assert sum(attempt.kept for attempt in attempts) <= 1


def test_what_no_longer_holds_is_not_kept() -> None:
    attempts = [fitted(history(300, 20, too_sure, true, seed=seed)) for seed in range(10)]
    assert not any(attempt.kept for attempt in attempts)
    assert all(attempt.brier > attempt.brier_before for attempt in attempts)


def test_a_refit_has_to_beat_what_is_in_use() -> None:
    first = fitted(history(300, 20, too_sure, seed=1))
    again = fitted(history(300, 20, too_sure, seed=2), first.calibrator)
    assert first.kept
    assert not again.kept
    # the one in use has judged the newer scores, not the scores as they are
    assert again.brier_before < first.brier_before


def test_older_outcomes_are_fitted_and_newer_ones_judge() -> None:
    pulls = history(100, 5, too_sure, seed=1)
    done = fitted(pulls)
    assert (done.pulls, done.judged_pulls) == (70, 30)
    assert done.until == pulls[70].known
    # whatever the order in which they come
    assert fitted(pulls[::-1]) == done
    # what is judged by has no part in the curve
    other = [*pulls[:70], *history(100, 5, true, seed=2)[70:]]
    assert fitted(other).calibrator.points == done.calibrator.points


def test_outcomes_known_together_are_on_one_side() -> None:
    pulls = history(100, 5, too_sure, seed=1)
    at_once = [
        calibration.Labelled(pull=one.pull, known=pulls[60].known if place >= 60 else one.known, scores=one.scores)
        for place, one in enumerate(pulls)
    ]
    done = fitted(at_once)
    assert (done.pulls, done.until) == (60, pulls[60].known)


def test_a_pull_request_is_never_divided() -> None:
    pulls = history(100, 5, too_sure, seed=1)
    # each has a first review, long before
    early = [
        calibration.Labelled(pull=one.pull, known=START - timedelta(days=9), scores=((0.5, True),)) for one in pulls
    ]
    done = fitted([*early, *pulls])
    assert (done.pulls, done.judged_pulls) == (70, 30)
    judged = [(*one.scores, (0.5, True)) for one in pulls[70:]]
    errors = [(raw - broke) ** 2 for scores in judged for raw, broke in scores]
    assert done.brier_before == pytest.approx(sum(errors) / len(errors))


def test_too_little_to_fit_on_or_to_judge_by_gives_nothing() -> None:
    assert fit([]) is None
    assert fit(history(27, 5, too_sure, seed=1)) is None
    # all at once: there is no older and newer
    same = [calibration.Labelled(pull=one.pull, known=START, scores=one.scores) for one in history(90, 5, true, seed=1)]
    assert fit(same) is None


def test_one_label_alone_gives_nothing() -> None:
    sound = [
        calibration.Labelled(pull=one.pull, known=one.known, scores=tuple((raw, False) for raw, _ in one.scores))
        for one in history(100, 5, true, seed=1)
    ]
    assert fit(sound) is None


def test_a_repository_is_alone_with_enough_pull_requests_and_not_with_enough_reviews() -> None:
    pulls = history(calibration.ALONE, 1, true, seed=1)
    assert calibration.alone(pulls)
    assert not calibration.alone(pulls[1:])
    assert not calibration.alone([*pulls[1:], *pulls[1:]])


def test_the_version_names_the_curve_and_where_it_is_from() -> None:
    pulls = history(100, 5, too_sure, seed=1)
    version = fitted(pulls).calibrator.version
    assert version.startswith("sigmoid-")
    assert fitted(pulls).calibrator.version == version
    elsewhere = calibration.fit(pulls, None, NOW, engine="cwm", model="small", scope="8", pooled=False)
    assert elsewhere is not None
    assert elsewhere.calibrator.version != version


@pytest.mark.parametrize("size", [5, 40])
def test_nothing_becomes_certain(size: int) -> None:
    # a score of 1 was right each time, and one of 0 too
    pulls = [
        calibration.Labelled(
            pull=f"{place}",
            known=START + timedelta(hours=place),
            scores=tuple((float(t % 2), t % 2 == 1) for t in range(size)),
        )
        for place in range(100)
    ]
    points = fitted(pulls).calibrator.points
    assert 0 < points[0][1] < 0.01
    assert 0.99 < points[-1][1] < 1


def test_scores_that_fall_as_more_breaks_say_only_how_much_breaks() -> None:
    points = fitted(history(60, 5, lambda p: 1 - p, seed=1)).calibrator.points
    assert len({probability for _, probability in points}) == 1
    assert 0.2 < points[0][1] < 0.45


def test_steps_are_those_of_scikit_learn() -> None:
    scores = [one for pull in history(300, 20, too_sure, seed=3) for one in pull.scores]
    method, points = curves.fit(scores)
    raw, broke = np.array([score for score, _ in scores]), np.array([flag for _, flag in scores])
    least = 0.5 / len(scores)
    expected = IsotonicRegression(out_of_bounds="clip").fit(raw, broke).predict(np.linspace(0, 1, 301))
    found = [calibration.apply(curve(*points), score) for score in np.linspace(0, 1, 301).tolist()]
    assert method == "isotonic"
    assert found == pytest.approx(np.clip(expected, least, 1 - least))


def test_lines_between_the_points_follow_the_sigmoid() -> None:
    _, points = curves.fit([one for pull in history(40, 10, too_sure, seed=3) for one in pull.scores])
    odds = [(math.log(score / (1 - score)), math.log(p / (1 - p))) for score, p in points]
    (first, low), (last, high) = odds[0], odds[-1]
    slope = (high - low) / (last - first)
    for score in np.linspace(0.001, 0.999, 500).tolist():
        exact = 1 / (1 + math.exp(-(low + slope * (math.log(score / (1 - score)) - first))))
        assert calibration.apply(curve(*points), score) == pytest.approx(exact, abs=0.002)


@st.composite
def monotone(draw: st.DrawFn) -> calibration.Calibrator:
    scores = draw(st.lists(st.floats(0, 1), min_size=1, max_size=12, unique=True))
    values = draw(st.lists(st.floats(0.001, 0.999), min_size=len(scores), max_size=len(scores)))
    return curve(*zip(sorted(scores), sorted(values), strict=True))


@given(monotone(), st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_a_greater_score_is_never_less_probable(calibrator: calibration.Calibrator, raw: list[float]) -> None:
    found = [calibration.apply(calibrator, score) for score in sorted(raw)]
    assert all(less <= more for less, more in pairwise(found))
    assert calibrator.points[0][1] <= found[0]
    assert found[-1] <= calibrator.points[-1][1]


@given(monotone())
def test_a_curve_goes_through_its_points(calibrator: calibration.Calibrator) -> None:
    for score, probability in calibrator.points:
        assert calibration.apply(calibrator, score) == pytest.approx(probability)


def test_points_can_be_stored_as_json() -> None:
    calibrator = fitted(history(100, 5, too_sure, seed=1)).calibrator
    assert tuple(map(tuple, json.loads(json.dumps(calibrator.points)))) == calibrator.points


def test_applying_a_curve_imports_no_numpy() -> None:
    program = (
        "import sys\n"
        "from gatekeeper.accuracy import calibration, counts, earning, measuring, parts, worth\n"
        "at = calibration.Calibrator(version='v', engine='e', model='m', pooled=False,\n"
        "    method=calibration.Method.SIGMOID, points=((0.0, 0.1), (1.0, 0.9)))\n"
        "print(calibration.apply(at, 0.5), sorted({'numpy', 'scipy', 'sklearn', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "0.5 []\n"
