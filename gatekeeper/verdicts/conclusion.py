"""Verdict and authority -> what the check run concludes."""

from collections.abc import Iterable, Sequence

from gatekeeper.halting import risk
from gatekeeper.verdicts import authority, publication, verdict

# from the one that weighs most
_WORST = (
    publication.CheckConclusion.FAILURE,
    publication.CheckConclusion.CANCELLED,
    publication.CheckConclusion.NEUTRAL,
    publication.CheckConclusion.SUCCESS,
    publication.CheckConclusion.SKIPPED,
)


def conclude(
    found: verdict.Verdict,
    may: authority.Authority,
    *,
    proven: bool,
    imagined: authority.Authority = authority.Authority.SHADOW,
    fail_not_analysed: bool,
    endless: Sequence[risk.HaltingRisk] = (),
    overridden: bool,
) -> publication.CheckConclusion:
    """Return the check's conclusion; only authority to block lets it fail, whatever `fail_not_analysed` says.

    `proven`: whether a test that would fail was run. What was only imagined does not block before the engine that
    imagined it has earned that: `imagined` is the level that it has. Where there are `endless` functions, the check
    fails for them alone: the verdict is on tests, and stays what it is.
    """
    if overridden:
        return publication.CheckConclusion.NEUTRAL
    blocks = may is authority.Authority.BLOCK
    if blocks and endless:
        return publication.CheckConclusion.FAILURE
    match found.conclusion:
        case verdict.Conclusion.WOULD_PASS:
            return publication.CheckConclusion.SUCCESS
        case verdict.Conclusion.WOULD_FAIL:
            return _failure(holds=blocks and (proven or imagined is authority.Authority.BLOCK))
        case verdict.Conclusion.NOT_ANALYSED:
            return _failure(holds=blocks and fail_not_analysed)


def endless(risks: Iterable[risk.HaltingRisk], at: float | None) -> tuple[risk.HaltingRisk, ...]:
    """Return the functions that fail a check: proven not to halt, or as likely as `at` (0..1) not to; None: none."""
    return () if at is None else tuple(said for said in risks if _is_endless(said, at))


def _is_endless(said: risk.HaltingRisk, at: float) -> bool:
    match said.kind:
        case risk.Kind.DOES_NOT_TERMINATE:
            return True
        case risk.Kind.MAY_NOT_TERMINATE:
            return said.probability is not None and said.probability >= at
        case risk.Kind.TERMINATES | risk.Kind.UNKNOWN:
            return False


def worst(conclusions: Iterable[publication.CheckConclusion]) -> publication.CheckConclusion:
    """Return the one that weighs most: failure, cancelled, neutral, success, skipped. Raises ValueError for none."""
    return min(conclusions, key=_WORST.index)


def _failure(*, holds: bool) -> publication.CheckConclusion:
    return publication.CheckConclusion.FAILURE if holds else publication.CheckConclusion.NEUTRAL
