import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.accuracy import confusion

_COUNTS = st.integers(min_value=0, max_value=1_000_000)
CONFUSIONS = st.builds(
    confusion.Confusion,
    true_positives=_COUNTS,
    false_positives=_COUNTS,
    false_negatives=_COUNTS,
    true_negatives=_COUNTS,
)


def test_rates_are_those_of_the_textbook() -> None:
    counted = confusion.Confusion(true_positives=6, false_positives=2, false_negatives=4, true_negatives=8)
    assert counted.precision == 6 / 8
    assert counted.recall == 6 / 10
    assert counted.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert counted.accuracy == 14 / 20


def test_a_rate_without_anything_to_divide_by_is_unknown_and_not_nil() -> None:
    empty = confusion.Confusion()
    assert (empty.precision, empty.recall, empty.f1, empty.accuracy) == (None, None, None, None)
    sound = confusion.Confusion(true_negatives=5)
    assert (sound.precision, sound.recall, sound.f1, sound.accuracy) == (None, None, None, 1.0)


def test_missing_everything_is_a_recall_of_nil_and_no_precision() -> None:
    missed = confusion.Confusion(false_negatives=3)
    assert (missed.precision, missed.recall, missed.f1) == (None, 0.0, 0.0)


@given(CONFUSIONS, CONFUSIONS)
def test_sums_do_not_depend_on_the_order_and_lose_nothing(
    left: confusion.Confusion, right: confusion.Confusion
) -> None:
    assert left + right == right + left
    assert (left + right).total == left.total + right.total
    assert left + confusion.Confusion() == left


@given(CONFUSIONS)
def test_f1_is_the_harmonic_mean_wherever_both_rates_are_known_and_not_nil(counted: confusion.Confusion) -> None:
    if counted.precision and counted.recall:
        assert counted.f1 == pytest.approx(2 / (1 / counted.precision + 1 / counted.recall))


@given(CONFUSIONS)
def test_always_passing_is_scored_on_the_same_tests_and_finds_none(counted: confusion.Confusion) -> None:
    passing = confusion.always_pass(counted)
    assert passing.total == counted.total
    assert passing.true_positives == passing.false_positives == 0
    assert passing.false_negatives == counted.true_positives + counted.false_negatives


def test_macro_gives_each_group_the_same_weight_and_leaves_out_the_undefined() -> None:
    groups = [
        confusion.Confusion(true_positives=100),
        confusion.Confusion(true_positives=1, false_positives=1, false_negatives=3),
        confusion.Confusion(false_negatives=1),
        confusion.Confusion(true_negatives=9),
    ]
    macro = confusion.macro(groups)
    assert (macro.precision, macro.precision_groups) == (0.75, 2)
    assert macro.recall == pytest.approx(1.25 / 3)
    assert macro.recall_groups == 3


def test_macro_of_nothing_is_unknown() -> None:
    macro = confusion.macro([])
    assert (macro.precision, macro.recall, macro.precision_groups, macro.recall_groups) == (None, None, 0, 0)
