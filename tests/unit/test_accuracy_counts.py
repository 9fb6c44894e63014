import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.accuracy import confusion, counts

histograms = st.dictionaries(st.integers(0, counts.BINS), st.integers(1, 9), max_size=5)
confusions = st.builds(
    confusion.Confusion,
    true_positives=st.integers(0, 9),
    false_positives=st.integers(0, 9),
    false_negatives=st.integers(0, 9),
    true_negatives=st.integers(0, 9),
)
some = st.builds(
    counts.Counts,
    broken=histograms,
    sound=histograms,
    confusion=confusions,
    abstained=st.integers(0, 9),
    abstained_broken=st.integers(0, 9),
    hangs=st.integers(0, 9),
    hangs_named=st.integers(0, 9),
    hangs_found=st.integers(0, 9),
)


@given(some, some, some)
def test_adding_is_in_any_order_and_all_at_once(one: counts.Counts, two: counts.Counts, three: counts.Counts) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three) == counts.total([one, two, three])
    assert one + counts.Counts() == one
    assert (one + two).total == one.total + two.total


def test_each_count_is_added_to_its_own() -> None:
    one = counts.Counts(
        broken={1: 1, 2: 2},
        sound={3: 3},
        confusion=confusion.Confusion(true_positives=4, false_positives=5, false_negatives=6, true_negatives=7),
        abstained=8,
        abstained_broken=9,
        hangs=10,
        hangs_named=11,
        hangs_found=12,
    )
    assert one + counts.Counts(broken={2: 1}, sound={2: 1}, hangs=1) == counts.Counts(
        broken={1: 1, 2: 3},
        sound={2: 1, 3: 3},
        confusion=one.confusion,
        abstained=8,
        abstained_broken=9,
        hangs=11,
        hangs_named=11,
        hangs_found=12,
    )


def test_nothing_adds_up_to_nothing() -> None:
    assert counts.total([]) == counts.Counts()


@given(some)
def test_counts_can_be_stored_as_json(one: counts.Counts) -> None:
    assert counts.from_json(json.loads(json.dumps(counts.as_json(one)))) == one


@pytest.mark.parametrize(
    ("score", "expected"), [(0.0, 0), (0.0004, 0), (0.0006, 1), (0.5, 500), (0.9996, 1000), (1.0, 1000)]
)
def test_a_score_lies_in_the_nearest_bin(score: float, expected: int) -> None:
    assert counts.bin_of(score) == expected


@pytest.mark.parametrize("score", [-0.001, 1.001, float("nan"), float("inf")])
def test_what_is_no_probability_has_no_bin(score: float) -> None:
    with pytest.raises(ValueError, match="is no probability"):
        counts.bin_of(score)
