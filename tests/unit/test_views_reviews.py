"""How a verdict compares with what real CI said."""

import pytest

from gatekeeper.outcomes import settlement
from gatekeeper.verdicts import verdict
from gatekeeper.views import reviews

BROKEN, SOUND = settlement.Label.BROKEN, settlement.Label.SOUND
FAILS, PASSES, NOTHING = (
    verdict.Conclusion.WOULD_FAIL,
    verdict.Conclusion.WOULD_PASS,
    verdict.Conclusion.NOT_ANALYSED,
)


@pytest.mark.parametrize(
    ("label", "conclusion", "expected"),
    [
        (BROKEN, FAILS, reviews.Result.RIGHT),
        (SOUND, PASSES, reviews.Result.RIGHT),
        (SOUND, FAILS, reviews.Result.FALSE_ALARM),
        (BROKEN, PASSES, reviews.Result.MISS),
        (BROKEN, NOTHING, reviews.Result.ABSTAINED),
        (SOUND, NOTHING, reviews.Result.ABSTAINED),
    ],
)
def test_a_labelled_verdict_is_right_wrong_or_none(
    label: settlement.Label, conclusion: verdict.Conclusion, expected: reviews.Result
) -> None:
    assert reviews.result(label, conclusion) is expected


@pytest.mark.parametrize("label", [None, settlement.Label.NONE])
@pytest.mark.parametrize("conclusion", list(verdict.Conclusion))
def test_what_has_no_label_is_unsettled_whatever_the_verdict(
    label: settlement.Label | None, conclusion: verdict.Conclusion
) -> None:
    assert reviews.result(label, conclusion) is reviews.Result.UNSETTLED
