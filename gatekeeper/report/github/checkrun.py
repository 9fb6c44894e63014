"""The words of a check run: how far the reviews of a commit are, and what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gatekeeper import evaluation, hosted, offers
from gatekeeper import review as reviews
from gatekeeper.halting import risk
from gatekeeper.repair import candidate
from gatekeeper.report import offered, words
from gatekeeper.report.github import fitting, markdown, places, summary
from gatekeeper.report.visible import visible
from gatekeeper.verdicts import authority as authorities
from gatekeeper.verdicts import conclusion, publication, verdict

# identifiers of the buttons, as `requested_action` brings them back
RERUN = "rerun"
APPLY_FIX = "apply-fix"
EXPLAIN = "explain"

# characters of a title
_TITLE = 120
# and of a reason
_REASON = 2_000
# functions that are named
_NAMED = 5
_GONE = frozenset({evaluation.State.SUPERSEDED, evaluation.State.ABANDONED})
_MEANING = {
    authorities.Authority.SHADOW: "**Shadow:** this check never blocks, and no comment is written.",
    authorities.Authority.ADVISE: "**Advise:** findings become comments, and this check never blocks.",
    authorities.Authority.BLOCK: "**Block:** this check fails where a test would.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one pull request, or one merge group, on the commit stands."""

    # exactly one of the two is given
    pull: int | None
    group: str | None = None
    state: evaluation.State
    # given where the state is done
    review: reviews.Review | None = None
    # of a review that is done or failed; the other states say their own
    conclusion: publication.CheckConclusion | None = None
    authority: authorities.Authority
    why_authority: str = ""
    # why it was skipped or failed
    reason: str = ""
    override: evaluation.Override | None = None
    # functions for which alone the check fails in block
    endless: tuple[risk.HaltingRisk, ...] = ()
    # best first
    offered: offers.Offers = field(default_factory=offers.Offers)
    annotations: tuple[publication.Annotation, ...] = ()
    # SHA of the newer head
    superseded_by: str | None = None
    # what it is doing, while it runs
    progress: str = ""


def render(
    standings: Sequence[Standing],
    *,
    external_id: str,
    head: str,
    requirement: hosted.Requirement | None,
    report_url: str | None,
    repository_url: str | None = None,
) -> publication.CheckRun:
    """Return the check run of the commit `head`: completed when all are, concluding with the worst of them.

    What was superseded or closed counts only where there is nothing else. `requirement` is None where it is not known;
    `repository_url` is the page that lines are linked to. Raises ValueError for no standing.
    """
    counted = [one for one in standings if one.state not in _GONE] or standings
    # nobody who overrides a verdict should have to wait for it
    live = [one for one in counted if one.state in evaluation.LIVE and one.override is None]
    leading = _leading(live or counted)
    sections = [part for one in standings for part in _section(one, len(standings), requirement, repository_url)]
    texts = [part for one in standings if _is_told(one) for part in _full(one, len(standings))]
    closing = summary.everything([one.review for one in standings if one.review and _is_told(one)], report_url)
    completed = not live
    return publication.CheckRun(
        external_id=external_id,
        head=head,
        status=_status(live),
        conclusion=conclusion.worst(map(concluded, counted)) if completed else None,
        title=_title(leading, len(standings)),
        summary=fitting.fit(sections, closing, publication.LONGEST_TEXT),
        text=fitting.fit(texts, closing, publication.LONGEST_TEXT) if texts else "",
        annotations=tuple(dict.fromkeys(note for one in counted for note in one.annotations)),
        actions=tuple(_actions(counted)) if completed else (),
        details_url=report_url or "",
    )


def concluded(one: Standing) -> publication.CheckConclusion:
    """Return what a check run of this standing alone would conclude; unknown is neutral, never a success."""
    match one.state:
        case evaluation.State.SKIPPED:
            return one.conclusion or publication.CheckConclusion.SKIPPED
        case evaluation.State.SUPERSEDED | evaluation.State.ABANDONED:
            return publication.CheckConclusion.CANCELLED
        case evaluation.State.DONE | evaluation.State.FAILED | evaluation.State.QUEUED | evaluation.State.RUNNING:
            return one.conclusion or publication.CheckConclusion.NEUTRAL


def best_fix(standings: Sequence[Standing]) -> candidate.FixCandidate | None:
    """Return the fix that the button applies: the first one of the only pull request on the commit.

    None where another one mends as many tests, which a person has to choose between. What takes a part of the change
    back is no choice where something else mends.
    """
    if len(standings) != 1 or standings[0].pull is None or not _is_told(standings[0]):
        return None
    fixes = standings[0].offered.fixes
    first, *others = offered.mends(fixes) or offered.undoing(fixes) or (None,)
    if first is None or any(len(other.mended) >= len(first.mended) for other in others if other):
        return None
    return first


def _status(live: Sequence[Standing]) -> publication.Status:
    if not live:
        return publication.Status.COMPLETED
    running = any(one.state is evaluation.State.RUNNING for one in live)
    return publication.Status.IN_PROGRESS if running else publication.Status.QUEUED


def _leading(standings: Sequence[Standing]) -> Standing:
    """Return the one that the title speaks of: what runs, or else what concludes worst."""
    for one in standings:
        if one.state is evaluation.State.RUNNING:
            return one
    worst = conclusion.worst(map(concluded, standings))
    return next(one for one in standings if concluded(one) is worst)


def _title(one: Standing, number: int) -> str:
    prefix = f"{_name(one)}: " if number > 1 else ""
    return markdown.cut(prefix + visible(_state(one)), _TITLE)


def _name(one: Standing) -> str:
    return "Merge group" if one.pull is None else f"#{one.pull}"


def _state(one: Standing) -> str:
    said = _said(one)
    return f"Overridden by {one.override.by}: {said}" if one.override else said


def _said(one: Standing) -> str:  # noqa: PLR0911 - one for each state
    match one.state:
        case evaluation.State.QUEUED:
            return "Queued"
        case evaluation.State.RUNNING:
            return one.progress or "In progress"
        case evaluation.State.DONE:
            return _reached(one, one.review) if one.review else "Reviewed, and the record of it is gone"
        case evaluation.State.SKIPPED:
            return f"Not reviewed: {one.reason}"
        case evaluation.State.SUPERSEDED:
            return f"Superseded by {one.superseded_by[:10]}" if one.superseded_by else "Superseded by a newer review"
        case evaluation.State.ABANDONED:
            return f"Not reviewed: {one.reason or 'closed before it was done'}"
        case evaluation.State.FAILED:
            return f"Not analysed: {one.reason}"


def _reached(one: Standing, done: reviews.Review) -> str:
    verdict_said = _verdict(done)
    if one.endless and one.authority is authorities.Authority.BLOCK:
        return f"{words.endless(one.endless)}; {verdict_said[:1].lower()}{verdict_said[1:]}"
    return verdict_said


def _verdict(done: reviews.Review) -> str:
    match done.verdict.conclusion:
        case verdict.Conclusion.WOULD_FAIL:
            return done.verdict.reason
        case verdict.Conclusion.WOULD_PASS:
            return f"Would pass: {done.verdict.reason}"
        case verdict.Conclusion.NOT_ANALYSED:
            return f"Not analysed: {done.verdict.reason}"


def _section(
    one: Standing,
    number: int,
    requirement: hosted.Requirement | None,
    repository_url: str | None,
) -> Iterator[fitting.Part]:
    if number > 1:
        yield fitting.whole(f"## {_heading(one)}")
    if one.override:
        by, reason = markdown.code(one.override.by), markdown.prose(one.override.reason, _REASON)
        yield fitting.whole(f"**Overridden** by {by} until the next push: {reason}")
    if not _is_told(one) or one.review is None:
        yield fitting.whole(f"{markdown.prose(_said(one), _REASON)}.")
        return
    where = places.Places(repository_url=repository_url, done=one.review)
    first, *rest = summary.brief(one.review, where, one.offered)
    yield first
    yield fitting.whole(" ".join(_authority(one, requirement)))
    yield from rest


def _heading(one: Standing) -> str:
    return f"Merge group {markdown.code(one.group or '')}" if one.pull is None else f"#{one.pull}"


def _is_told(one: Standing) -> bool:
    """Whether there is a review that holds."""
    return one.state is evaluation.State.DONE and one.review is not None


def _authority(one: Standing, requirement: hosted.Requirement | None) -> Iterator[str]:
    yield _MEANING[one.authority]
    if one.why_authority:
        yield f"{markdown.prose(one.why_authority).rstrip('.')}."
    if one.authority is authorities.Authority.BLOCK and _would_fail(one) and one.review and not one.review.proven:
        yield _imagined(one)
    if one.authority is authorities.Authority.BLOCK and one.endless:
        yield _endless(one.endless)
    if requirement and one.authority is authorities.Authority.BLOCK:
        yield _required(requirement)


def _imagined(one: Standing) -> str:
    if one.conclusion is publication.CheckConclusion.FAILURE:
        return "None of the tests that would fail was run: the model that imagined it has earned to block."
    return "None of the tests that would fail was run: what a model only imagined does not block."


def _endless(risks: Sequence[risk.HaltingRisk]) -> str:
    named = [markdown.code(said.function) for said in risks]
    shown = ", ".join([*named[:_NAMED], *markdown.more(len(named) - _NAMED, "function")])
    return (
        f"{words.endless(risks)}: {shown}. It fails for that alone, as `halting.block_at` of the configuration asks; "
        "the verdict on the tests is another matter."
    )


def _required(known: hosted.Requirement) -> str:
    rules = markdown.link("the branch's rules", known.url) if known.url else "the branch's rules"
    if known.required is None:
        return f"Whether {rules} require it could not be read: only then does a failure block."
    if not known.required:
        return f"It blocks nothing yet: {rules} do not require it."
    if not known.pinned:
        return (
            f"It is required, but from any source, so that whoever may write can set it: pin it to this App in {rules}."
        )
    return "It is required by the branch's rules and pinned to this App."


def _full(one: Standing, number: int) -> Iterator[fitting.Part]:
    assert one.review
    if number > 1:
        yield fitting.whole(f"## {_heading(one)}")
    yield from summary.full(one.review)


def _actions(standings: Sequence[Standing]) -> Iterator[publication.Action]:
    if any(one.state in {evaluation.State.DONE, evaluation.State.FAILED} for one in standings):
        yield publication.Action(label="Re-run", description="Review this commit again", identifier=RERUN)
    if fix := best_fix(standings):
        yield _apply(fix)
    if any(_would_fail(one) and one.authority is not authorities.Authority.SHADOW for one in standings):
        yield publication.Action(label="Explain", description="Comment on why it would fail", identifier=EXPLAIN)


def _apply(fix: candidate.FixCandidate) -> publication.Action:
    if fix.source is candidate.Source.UNDO:
        # it takes back what the author meant: to be told from a fix before it is pressed
        return publication.Action(
            label="Undo the fault", description="Commit what takes the lines back", identifier=APPLY_FIX
        )
    return publication.Action(label="Apply fix", description="Commit the fix that was tried", identifier=APPLY_FIX)


def _would_fail(one: Standing) -> bool:
    told = one.review if _is_told(one) else None
    return told is not None and told.verdict.conclusion is verdict.Conclusion.WOULD_FAIL
