import itertools

import pytest

from gatekeeper.halting import risk
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


def _risk(kind: risk.Kind, probability: float | None) -> risk.HaltingRisk:
    proof = (risk.Repetition(call="f(1)", line=3, state=()),)
    return risk.HaltingRisk(
        path="pack/sums.py",
        function="f",
        line=3,
        kind=kind,
        probability=probability,
        reason="",
        evidence=proof if kind is risk.Kind.DOES_NOT_TERMINATE else (),
        engine="sandbox",
        model="1",
        version="1",
    )


_RISKS = (
    _risk(risk.Kind.DOES_NOT_TERMINATE, 0.99),
    _risk(risk.Kind.MAY_NOT_TERMINATE, 0.9),
    _risk(risk.Kind.MAY_NOT_TERMINATE, 0.6),
    _risk(risk.Kind.TERMINATES, 0.1),
    _risk(risk.Kind.UNKNOWN, None),
)


@pytest.mark.parametrize(("at", "number"), [(None, 0), (1.0, 1), (0.9, 2), (0.6, 3), (0.0, 3)])
def test_a_function_that_may_not_halt_counts_from_its_own_threshold_on_and_one_proven_not_to_always_does(
    at: float | None, number: int
) -> None:
    assert conclusion.endless(_RISKS, at) == _RISKS[:number]


@pytest.mark.parametrize("reached", verdict.Conclusion)
def test_functions_that_may_not_halt_fail_the_check_in_block_alone_whatever_the_tests_do(
    reached: verdict.Conclusion,
) -> None:
    found = verdict.Verdict(conclusion=reached, reason="")

    def concluded(may: authority.Authority, *, overridden: bool = False) -> publication.CheckConclusion:
        return conclusion.conclude(
            found, may, proven=False, fail_not_analysed=False, endless=_RISKS[:1], overridden=overridden
        )

    assert concluded(_BLOCK) is _Said.FAILURE
    assert _Said.FAILURE not in {concluded(_SHADOW), concluded(_ADVISE), concluded(_BLOCK, overridden=True)}
