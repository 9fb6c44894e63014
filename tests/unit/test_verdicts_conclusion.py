import itertools

import pytest

from gatekeeper.verdicts import authority, conclusion, publication, verdict

_SHADOW, _ADVISE, _BLOCK = authority.Authority
_PASS, _FAIL, _NOT = verdict.Conclusion
_Said = publication.CheckConclusion


def _concluded(
    reached: verdict.Conclusion,
    may: authority.Authority,
    *,
    proven: bool = True,
    strict: bool = False,
    overridden: bool = False,
) -> publication.CheckConclusion:
    found = verdict.Verdict(conclusion=reached, reason="")
    return conclusion.conclude(found, may, proven=proven, fail_not_analysed=strict, overridden=overridden)


@pytest.mark.parametrize("may", authority.Authority)
def test_would_pass_is_a_success_whatever_the_authority(may: authority.Authority) -> None:
    assert _concluded(_PASS, may) is _Said.SUCCESS


def test_only_block_lets_would_fail_fail() -> None:
    assert [_concluded(_FAIL, may) for may in authority.Authority] == [_Said.NEUTRAL, _Said.NEUTRAL, _Said.FAILURE]


def test_failures_that_were_only_imagined_do_not_block() -> None:
    assert {_concluded(_FAIL, may, proven=False) for may in authority.Authority} == {_Said.NEUTRAL}


def test_what_was_only_imagined_blocks_once_the_engine_that_imagined_it_has_earned_that() -> None:
    found = verdict.Verdict(conclusion=_FAIL, reason="")

    def concluded(may: authority.Authority, imagined: authority.Authority) -> publication.CheckConclusion:
        return conclusion.conclude(
            found, may, proven=False, imagined=imagined, fail_not_analysed=False, overridden=False
        )

    assert concluded(_BLOCK, _BLOCK) is _Said.FAILURE
    assert {concluded(_ADVISE, _BLOCK), concluded(_BLOCK, _ADVISE)} == {_Said.NEUTRAL}


def test_not_analysed_is_no_success_and_fails_only_in_block_where_configured() -> None:
    assert {_concluded(_NOT, may) for may in authority.Authority} == {_Said.NEUTRAL}
    assert [_concluded(_NOT, may, strict=True) for may in authority.Authority] == [
        _Said.NEUTRAL,
        _Said.NEUTRAL,
        _Said.FAILURE,
    ]


def test_an_override_never_blocks_and_never_reads_as_success() -> None:
    said = {
        _concluded(reached, may, strict=True, overridden=True)
        for reached, may in itertools.product(verdict.Conclusion, authority.Authority)
    }

    assert said == {_Said.NEUTRAL}


def test_the_worst_of_several_holds() -> None:
    order = [_Said.FAILURE, _Said.CANCELLED, _Said.NEUTRAL, _Said.SUCCESS, _Said.SKIPPED]

    for one, other in itertools.combinations(order, 2):
        assert conclusion.worst([other, one, other]) is one
    assert set(order) == set(_Said)


def test_nothing_has_no_worst() -> None:
    with pytest.raises(ValueError, match="empty"):
        conclusion.worst([])
