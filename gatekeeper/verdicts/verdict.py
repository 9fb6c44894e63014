"""Predictions -> Verdict: the rule, as a pure function."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.simulation import prediction


class Conclusion(StrEnum):
    """What a review concludes."""

    WOULD_PASS = "would_pass"  # noqa: S105 - not a password
    WOULD_FAIL = "would_fail"
    NOT_ANALYSED = "not_analysed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How sure a verdict must be."""

    # a test whose probability of failing reaches this is predicted to fail
    bar: float = 0.5
    # share of the selected tests that must have an outcome for `would_pass`
    min_analysed: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAnalysedPart:
    """Something that the review did not look at."""

    # a test id, a path, a symbol, or what else was left out; `""` for the review as a whole
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The review's conclusion and the parts it could not look at."""

    conclusion: Conclusion
    # one sentence for people
    reason: str
    not_analysed: tuple[NotAnalysedPart, ...] = ()


def fails(said: prediction.Prediction, policy: Policy) -> bool:
    """Whether the prediction is held against the change."""
    return not said.already_failing and said.p_fail is not None and said.p_fail >= policy.bar


def proven(predictions: Sequence[prediction.Prediction], policy: Policy) -> bool:
    """Whether one of the tests that would fail was run, and not only imagined: what an engine has to earn to block."""
    return any(fails(said, policy) and not said.imagined for said in predictions)


def decide(
    predictions: Sequence[prediction.Prediction], policy: Policy, *, executable: bool, unreached: Sequence[str]
) -> Verdict:
    """Return the verdict on a change.

    `executable`: whether the diff touches anything that runs. `unreached`: changed symbols that no test reaches.
    """
    unknown = tuple(
        NotAnalysedPart(what=said.test, why=said.reason)
        for said in predictions
        if said.outcome is prediction.Outcome.UNKNOWN
    )
    failing = [said for said in predictions if fails(said, policy)]
    if failing:
        reason = f"{len(failing)} of {len(predictions)} affected tests would fail"
        return Verdict(conclusion=Conclusion.WOULD_FAIL, reason=reason, not_analysed=unknown)
    if not predictions:
        return _without_tests(executable=executable, unreached=unreached)
    passing = any(said.outcome is prediction.Outcome.PASS for said in predictions)
    if not passing and any(said.already_failing for said in predictions):
        reason = f"none of the {len(predictions)} affected tests passes, before the change or after it"
        return Verdict(conclusion=Conclusion.NOT_ANALYSED, reason=reason, not_analysed=unknown)
    analysed = 1 - len(unknown) / len(predictions)
    if analysed < policy.min_analysed:
        reason = _too_little(unknown, len(predictions), policy)
        return Verdict(conclusion=Conclusion.NOT_ANALYSED, reason=reason, not_analysed=unknown)
    reason = f"{len(predictions) - len(unknown)} of {len(predictions)} affected tests analysed, none would fail"
    return Verdict(conclusion=Conclusion.WOULD_PASS, reason=reason, not_analysed=unknown)


def _without_tests(*, executable: bool, unreached: Sequence[str]) -> Verdict:
    if not executable:
        return Verdict(conclusion=Conclusion.WOULD_PASS, reason="0 tests selected: nothing executable changed")
    reason = f"no test reaches {', '.join(unreached[:5]) or 'the change'}"
    if len(unreached) > 5:  # noqa: PLR2004 - as many as one line shows
        reason += f" and {len(unreached) - 5} more"
    return Verdict(conclusion=Conclusion.NOT_ANALYSED, reason=reason)


def _too_little(unknown: Sequence[NotAnalysedPart], of: int, policy: Policy) -> str:
    commonest, _ = Counter(part.why for part in unknown).most_common(1)[0]
    return (
        f"{len(unknown)} of {of} affected tests could not be analysed "
        f"(at least {policy.min_analysed:.0%} must be), most often: {commonest}"
    )
