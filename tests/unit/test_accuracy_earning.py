from collections.abc import Sequence
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gatekeeper.accuracy import earning
from gatekeeper.verdicts import authority

Authority: TypeAlias = authority.Authority
TERMS = earning.Terms()


def level(latest: Sequence[bool], *, held: Authority = Authority.SHADOW, terms: earning.Terms = TERMS) -> Authority:
    return earning.decide(latest, terms, held).level


def of(right: int, wrong: int) -> list[bool]:
    return [False] * wrong + [True] * right


@given(st.integers(1, 300), st.integers(0, 300))
def test_the_bound_is_that_of_clopper_and_pearson(right: int, wrong: int) -> None:
    expected = stats.binomtest(right, right + wrong, alternative="greater").proportion_ci(0.95, method="exact").low
    assert earning.lower_bound(right, right + wrong) == pytest.approx(expected)


def test_the_bound_of_nothing_is_unknown_and_that_of_errors_alone_is_nil() -> None:
    assert earning.lower_bound(0, 0) is None
    assert earning.lower_bound(0, 7) == 0


@pytest.mark.parametrize(
    ("right", "expected"),
    [(0, "shadow"), (8, "shadow"), (9, "advise"), (28, "advise"), (29, "block"), (100, "block")],
)
def test_without_an_error_nine_earn_advice_and_twenty_nine_blocking(right: int, expected: str) -> None:
    assert level(of(right, 0)) == expected


def test_a_level_is_earned_at_the_bar_and_lost_only_below_the_margin() -> None:
    # 0.872 lies between 0.85 and 0.90
    between = of(93, 7)
    assert 0.85 < (earning.lower_bound(93, 100) or 0) < 0.9
    assert level(between, held=Authority.ADVISE) is Authority.ADVISE
    assert level(between, held=Authority.BLOCK) is Authority.BLOCK
    # 0.836
    below = of(90, 10)
    assert level(below, held=Authority.BLOCK) is Authority.ADVISE
    # 0.43: it falls through both
    assert level(of(52, 48), held=Authority.BLOCK) is Authority.SHADOW


def test_going_up_and_down_around_the_bar_changes_the_level_once() -> None:
    held, levels = Authority.SHADOW, []
    for wrong in (4, 5, 6, 5, 4, 5, 6, 5):
        held = level(of(100 - wrong, wrong), held=held)
        levels.append(held)
    assert levels == [Authority.BLOCK] * 8


def test_only_the_latest_are_looked_at() -> None:
    assert level([*of(0, 50), *of(100, 0)]) is Authority.BLOCK
    assert level([*of(100, 0), *of(0, 50)], held=Authority.BLOCK) is Authority.SHADOW


def test_blocking_is_never_easier_than_advice() -> None:
    odd = earning.Terms(advise=0.95, block=0.5)
    assert level(of(29, 0), terms=odd) is Authority.SHADOW
    assert level(of(59, 0), terms=odd) is Authority.BLOCK


def test_without_evidence_nothing_is_held() -> None:
    earned = earning.decide([], TERMS, Authority.BLOCK)
    assert earned.level is Authority.SHADOW
    assert earned.evidence == earning.Evidence(blocked=0, right=0, lower_bound=None)


@given(st.lists(st.booleans(), max_size=120), st.sampled_from(list(Authority)))
def test_one_more_that_is_right_never_lowers_the_level(latest: list[bool], held: Authority) -> None:
    order = list(Authority)
    before = level(latest, held=held)
    assert order.index(level([*latest, True], held=held)) >= order.index(before)


@given(st.lists(st.booleans(), max_size=120), st.sampled_from(list(Authority)))
def test_what_was_decided_is_decided_again(latest: list[bool], held: Authority) -> None:
    once = level(latest, held=held)
    assert level(latest, held=once) is once


@given(st.lists(st.booleans(), max_size=60), st.sampled_from([0.5, 0.7, 0.9, 0.97]))
def test_what_is_needed_is_the_least_that_would_do(latest: list[bool], bar: float) -> None:
    def bound(more: int) -> float:
        seen = [*latest, *[True] * more][-80:]
        return earning.lower_bound(sum(seen), len(seen)) or 0.0

    more = earning.needed(latest, bar, pulls=80)
    if more is None:
        assert bound(80) < bar
    else:
        assert bound(more) >= bar
        assert more == 0 or bound(more - 1) < bar


@pytest.mark.parametrize(("bar", "number"), [(0.7, 9), (0.9, 29), (0.95, 59)])
def test_what_is_needed_from_nothing(bar: float, number: int) -> None:
    assert earning.needed([], bar, pulls=100) == number


def test_a_bar_that_the_window_cannot_show_is_out_of_reach() -> None:
    assert earning.needed([], 0.9, pulls=28) is None
    assert "28 pull requests cannot show" in earning.decide(of(9, 0), earning.Terms(pulls=28), Authority.SHADOW).why


@pytest.mark.parametrize(
    ("latest", "held", "expected"),
    [
        (
            of(4, 0),
            Authority.SHADOW,
            (
                "nothing is earned yet: 4 of the latest 4 pull requests that would have been blocked really broke, "
                "so that at least 0.47 of such do (95 % sure); advise asks 0.70: 5 more right in a row would do"
            ),
        ),
        (
            of(61, 0),
            Authority.ADVISE,
            (
                "block is earned, for which 0.90 is asked: 61 of the latest 61 pull requests that would have been "
                "blocked really broke, so that at least 0.95 of such do (95 % sure)"
            ),
        ),
        (
            of(93, 7),
            Authority.BLOCK,
            (
                "block is kept, since keeping it takes 0.85: 93 of the latest 100 pull requests that would have been "
                "blocked really broke, so that at least 0.87 of such do (95 % sure)"
            ),
        ),
        (
            of(40, 10),
            Authority.BLOCK,
            (
                "block is lost, since keeping it takes 0.85: 40 of the latest 50 pull requests that would have been "
                "blocked really broke, so that at least 0.68 of such do (95 % sure); "
                "block asks 0.90: 56 more right in a row would do"
            ),
        ),
        (
            [],
            Authority.SHADOW,
            (
                "nothing is earned yet: no pull request that counts would have been blocked; "
                "advise asks 0.70: 9 more right in a row would do"
            ),
        ),
    ],
)
def test_the_sentence_gives_the_figures_and_what_is_missing(latest: list[bool], held: Authority, expected: str) -> None:
    assert earning.decide(latest, TERMS, held).why == expected
