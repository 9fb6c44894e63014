import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.simulation import agreement, prediction

_PASS = agreement.Vote(fails=False)
_FAIL = agreement.Vote(fails=True)
_CUT = agreement.Vote(fails=None, why="its answer was cut off")
_EXECUTED = prediction.Control.EXECUTED

_votes = st.lists(
    st.builds(agreement.Vote, fails=st.sampled_from([True, False, None]), weight=st.floats(0, 1)), max_size=9
)


def test_samples_that_agree_make_it_likely_and_never_certain() -> None:
    agreed = agreement.agree([_FAIL] * 3, [_PASS] * 3, _EXECUTED)

    assert agreed.fails
    assert agreed.score == pytest.approx(0.5 + 0.75 * 0.375)


def test_one_sample_of_the_likeliest_answer_is_enough() -> None:
    assert agreement.agree([_FAIL], [_PASS], _EXECUTED).fails
    passing = agreement.agree([_PASS], [_PASS], _EXECUTED)
    assert passing.score is not None
    assert not passing.fails


def test_a_model_that_gets_base_wrong_is_not_believed_on_head() -> None:
    agreed = agreement.agree([_FAIL] * 3, [_FAIL, _FAIL, _PASS], prediction.Control.ASSUMED)

    assert agreed.score is None
    assert agreed.why == "the model says that it fails before the change too, where it is taken to pass"


def test_samples_that_disagree_say_nothing() -> None:
    assert agreement.agree([_FAIL, _PASS], [_PASS, _PASS], _EXECUTED).score is None


def test_answers_that_are_cut_off_are_no_failures() -> None:
    agreed = agreement.agree([_CUT, _CUT, _FAIL], [_PASS] * 3, _EXECUTED)

    assert agreed.score is None
    assert agreed.why == "its answer was cut off"


def test_a_control_that_could_not_be_simulated_says_so() -> None:
    agreed = agreement.agree([_FAIL] * 3, [_CUT] * 3, _EXECUTED)

    assert agreed.why == "its control before the change could not be simulated: its answer was cut off"


def test_a_new_test_counts_half() -> None:
    new = agreement.agree([_FAIL] * 3, None, prediction.Control.NONE).score
    controlled = agreement.agree([_FAIL] * 3, [_PASS] * 3, _EXECUTED).score

    assert new is not None
    assert controlled is not None
    assert 0.5 < new < controlled


def test_an_unsure_sample_weighs_less_than_a_sure_one() -> None:
    unsure = agreement.Vote(fails=True, weight=agreement.weight([-2.0, -3.0]))
    sure = agreement.Vote(fails=False, weight=agreement.weight([-0.01, -0.02]))

    share = agreement.share([unsure, sure])

    assert share is not None
    assert share < 0.5


@given(_votes, st.one_of(st.none(), _votes), st.sampled_from(prediction.Control))
def test_a_score_is_a_probability_or_has_a_reason(
    after: list[agreement.Vote], before: list[agreement.Vote] | None, control: prediction.Control
) -> None:
    agreed = agreement.agree(after, before, control)

    assert agreed.why if agreed.score is None else 0 <= agreed.score <= 1


@given(_votes, _votes)
def test_one_more_failing_sample_never_lowers_the_score(
    after: list[agreement.Vote], before: list[agreement.Vote]
) -> None:
    less = agreement.share(after)
    more = agreement.share([*after, _FAIL])

    if less is not None and more is not None:
        assert more >= less


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True)))
def test_a_weight_is_a_probability_whatever_the_server_says(logprobs: list[float]) -> None:
    assert 0 <= agreement.weight(logprobs) <= 1


def test_the_weight_is_the_geometric_mean() -> None:
    assert agreement.weight([math.log(0.5), math.log(0.125)]) == pytest.approx(0.25)
    assert agreement.weight([]) == 1
