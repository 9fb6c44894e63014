import random
import warnings
from collections.abc import Sequence
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, precision_score, recall_score

from gatekeeper.accuracy import confusion, counts, figures, measuring, resampling

# of one test: bin of its score, whether it broke, whether it was predicted to
Told: TypeAlias = tuple[int, bool, bool]

told = st.tuples(st.integers(0, counts.BINS), st.booleans(), st.booleans())
# scores that meet each other and the edges of bars
tied = st.tuples(st.sampled_from([0, 1, 99, 100, 101, 300, 500, 700, 999, 1000]), st.booleans(), st.booleans())
pulls = st.lists(st.lists(told | tied, min_size=1, max_size=12), min_size=1, max_size=8)


def counted(scored: Sequence[Told], *, abstained: Sequence[bool] = ()) -> counts.Counts:
    """Return the counts of these tests; `abstained`: for each test of which nothing was said, whether it broke."""
    histograms: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for place, broke, _ in scored:
        histograms[broke][place] = histograms[broke].get(place, 0) + 1
    cells = [(broke, fails) for _, broke, fails in scored]
    return counts.Counts(
        broken=histograms[True],
        sound=histograms[False],
        confusion=confusion.Confusion(
            true_positives=cells.count((True, True)),
            false_positives=cells.count((False, True)),
            false_negatives=cells.count((True, False)),
            true_negatives=cells.count((False, False)),
        ),
        abstained=len(abstained),
        abstained_broken=sum(abstained),
    )


@given(pulls)
@settings(max_examples=150, deadline=None)
def test_rates_are_those_of_scikit_learn(many: list[list[Told]]) -> None:
    every = [one for pull in many for one in pull]
    scores = [place / counts.BINS for place, _, _ in every]
    real = [broke for _, broke, _ in every]
    said = [fails for _, _, fails in every]
    measured = measuring.measure([counted(pull) for pull in many], draws=0)
    assert measured.precision.value == (pytest.approx(precision_score(real, said)) if any(said) else None)
    assert measured.recall.value == (pytest.approx(recall_score(real, said)) if any(real) else None)
    # of the negative class, recall is what the false positive rate leaves
    rest = 1 - recall_score(real, said, pos_label=False) if not all(real) else None
    assert measured.false_block_rate.value == pytest.approx(rest)
    assert measured.pr_auc.value == (pytest.approx(average_precision_score(real, scores)) if any(real) else None)
    assert measured.brier.value == pytest.approx(brier_score_loss(real, scores, pos_label=True))


@given(pulls)
@settings(max_examples=150, deadline=None)
def test_the_reliability_diagram_is_that_of_scikit_learn(many: list[list[Told]]) -> None:
    every = [one for pull in many for one in pull]
    scores, real = [place / counts.BINS for place, _, _ in every], [broke for _, broke, _ in every]
    with warnings.catch_warnings():
        # all of one class: it has no second one to name
        warnings.simplefilter("ignore")
        observed, predicted = calibration_curve(real, scores, n_bins=resampling.BARS, pos_label=True)
    measured = measuring.measure([counted(pull) for pull in many], draws=0)
    bars = [bar for bar in measured.reliability if bar.count]
    assert [bar.predicted for bar in bars] == pytest.approx(predicted)
    assert [bar.observed for bar in bars] == pytest.approx(observed)
    error = sum(bar.count * abs(bar.predicted - bar.observed) for bar in bars) / len(every)
    assert measured.ece.value == pytest.approx(error)


@given(pulls)
@settings(max_examples=50, deadline=None)
def test_parts_that_are_added_measure_as_the_whole(many: list[list[Told]]) -> None:
    apart = measuring.measure([counted(pull) for pull in many], draws=0)
    whole = counts.Counts()
    for pull in many:
        whole += counted(pull)
    assert measuring.summed(whole, pulls=len(many)) == apart
    assert whole == counted([one for pull in many for one in pull])


def test_nothing_measured_is_unknown() -> None:
    measured = measuring.measure([])
    assert (measured.pulls, measured.counted) == (0, 0)
    assert measured.precision == measured.ece == measured.abstention == figures.Figure(value=None)
    assert [bar.count for bar in measured.reliability] == [0] * resampling.BARS


def test_what_nothing_was_said_of_is_neither_found_nor_an_alarm() -> None:
    part = counted([(900, True, True), (800, False, True)], abstained=[True, True, False, False, False])
    measured = measuring.measure([part], draws=0)
    assert measured.recall.value == pytest.approx(1 / 3)
    assert measured.false_block_rate.value == pytest.approx(1 / 4)
    assert measured.precision.value == pytest.approx(1 / 2)
    assert measured.abstention.value == pytest.approx(5 / 7)
    assert (measured.counted, measured.abstained, measured.abstained_broken) == (7, 5, 2)


def test_a_miss_without_a_score_is_a_miss_all_the_same() -> None:
    never_selected = counts.Counts(confusion=confusion.Confusion(false_negatives=3))
    measured = measuring.measure([counted([(900, True, True)]), never_selected], draws=0)
    assert measured.recall.value == pytest.approx(1 / 4)
    # of what has a score
    assert measured.pr_auc.value == 1
    assert measured.brier.value == pytest.approx(0.01)


def test_always_pass_misses_all_that_breaks_and_never_abstains() -> None:
    part = counted([(900, True, True), (800, False, True), (0, False, False)], abstained=[True, False])
    always = measuring.always_pass(part)
    measured = measuring.measure([always], draws=0)
    assert always.total == part.total
    assert (measured.recall.value, measured.false_block_rate.value, measured.abstention.value) == (0, 0, 0)
    assert measured.precision.value is None
    # a score that never differs finds as many as there are
    assert measured.pr_auc.value == pytest.approx(2 / 5)


def some(number: int, seed: int, *, size: int = 4) -> list[counts.Counts]:
    """Return pull requests whose tests fall together: half of the pull requests are right thrice as often."""
    chosen = random.Random(seed)
    parts = []
    for _ in range(number):
        right = chosen.choice([0.9, 0.3])
        parts.append(counted([(700, chosen.random() < right, True) for _ in range(size)]))
    return parts


def test_the_same_seed_gives_the_same_interval_and_another_one_nearly_the_same() -> None:
    parts = some(60, seed=1)
    first, again, other = (measuring.measure(parts, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first.ece != other.ece
    assert first.ece.low is not None
    assert other.ece.low == pytest.approx(first.ece.low, abs=0.03)


def test_an_interval_holds_what_is_true_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        precision = measuring.measure(some(60, seed=seed), draws=400).precision
        assert precision.low is not None
        assert precision.high is not None
        held += precision.low <= 0.6 <= precision.high
    assert 0.9 <= held / 200 <= 0.99


def test_pull_requests_are_drawn_and_not_tests() -> None:
    together = measuring.measure(some(60, seed=1, size=40)).precision
    every = [counted([one]) for part in some(60, seed=1, size=40) for one in each_of(part)]
    alone = measuring.measure(every).precision
    assert alone.value == pytest.approx(together.value)
    assert width(together) > 3 * width(alone)


def test_reviews_of_one_pull_request_are_put_together() -> None:
    one, two, three = some(3, seed=1)
    assert measuring.by_pull([(1, one), (2, two), (1, three)]) == [one + three, two]


def test_there_is_no_interval_from_a_handful() -> None:
    four, five = (measuring.measure(some(number, seed=2)).precision for number in (4, resampling.FEWEST))
    assert four.value is not None
    assert (four.low, four.high) == (None, None)
    assert five.low is not None


def test_a_rate_in_which_few_take_part_has_no_interval_though_others_have() -> None:
    parts = [counted([(100, False, False)]) for _ in range(30)] + [counted([(900, True, True)])]
    measured = measuring.measure(parts)
    assert measured.precision == figures.Figure(value=1.0)
    assert measured.pr_auc == figures.Figure(value=1.0)
    assert measured.false_block_rate == figures.Figure(value=0.0, low=0.0, high=0.0)


def test_pull_requests_without_anything_counted_take_no_part() -> None:
    parts = some(20, seed=1)
    assert measuring.measure([*parts, counts.Counts()]) == measuring.measure(parts)


def test_the_latest_bound_the_figures_of_all() -> None:
    parts = some(300, seed=5)
    whole = counts.total(parts)
    assert measuring.bounded(whole, pulls=300, latest=parts) == measuring.measure(parts)
    part = measuring.bounded(whole, pulls=300, latest=parts[-60:]).precision
    every = measuring.measure(parts).precision
    assert part.value == every.value
    assert width(part) > width(every)


def test_dealing_many_pull_requests_into_hands_keeps_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = some(1500, seed=5)
    apart = measuring.measure(parts).precision
    monkeypatch.setattr(resampling, "HANDS", 300)
    dealt = measuring.measure(parts).precision
    assert dealt.value == apart.value
    assert width(dealt) == pytest.approx(width(apart), rel=0.2)


def test_an_interval_holds_its_own_value() -> None:
    # perfectly calibrated as it was seen, which no resample is
    parts = [counted([(500, broke, True)]) for broke in [True, False] * 20]
    error = measuring.measure(parts).ece
    assert (error.value, error.low) == (0, 0)
    assert error.high is not None
    assert error.high > 0


def each_of(part: counts.Counts) -> list[Told]:
    return [
        (place, broke, True)
        for broke, histogram in ((True, part.broken), (False, part.sound))
        for place, count in histogram.items()
        for _ in range(count)
    ]


def width(figure: figures.Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low
