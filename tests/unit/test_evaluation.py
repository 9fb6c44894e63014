"""Which reviews wait for CI before they are published."""

import pytest

from gatekeeper import evaluation


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_about_that_share_of_the_reviews_is_held_back(share: float) -> None:
    held = sum(evaluation.is_held_back(f"{number:032x}", share) for number in range(2_000))

    assert held / 2_000 == pytest.approx(share, abs=0.04)
    assert share not in {0.0, 1.0} or held == share * 2_000


def test_it_depends_on_the_review_alone() -> None:
    assert len({evaluation.is_held_back("f" * 32, 0.5) for _ in range(10)}) == 1


def test_a_greater_share_holds_the_same_back_and_more() -> None:
    reviews = [f"{number:032x}" for number in range(500)]
    few, many = ({one for one in reviews if evaluation.is_held_back(one, share)} for share in (0.1, 0.3))

    assert few < many
