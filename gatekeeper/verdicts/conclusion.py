"""Verdict and authority -> what the check run concludes."""

from collections.abc import Iterable

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
    overridden: bool,
) -> publication.CheckConclusion:
    """Return the check's conclusion; only authority to block lets it fail, whatever `fail_not_analysed` says.

    `proven`: whether a test that would fail was run. What was only imagined does not block before the engine that
    imagined it has earned that: `imagined` is the level that it has.
    """
    if overridden:
        return publication.CheckConclusion.NEUTRAL
    blocks = may is authority.Authority.BLOCK
    match found.conclusion:
        case verdict.Conclusion.WOULD_PASS:
            return publication.CheckConclusion.SUCCESS
        case verdict.Conclusion.WOULD_FAIL:
            return _failure(holds=blocks and (proven or imagined is authority.Authority.BLOCK))
        case verdict.Conclusion.NOT_ANALYSED:
            return _failure(holds=blocks and fail_not_analysed)


def worst(conclusions: Iterable[publication.CheckConclusion]) -> publication.CheckConclusion:
    """Return the one that weighs most: failure, cancelled, neutral, success, skipped. Raises ValueError for none."""
    return min(conclusions, key=_WORST.index)


def _failure(*, holds: bool) -> publication.CheckConclusion:
    return publication.CheckConclusion.FAILURE if holds else publication.CheckConclusion.NEUTRAL
