"""What the records say of a commit -> its check run on GitHub."""

import re
from collections.abc import Sequence

from gatekeeper import errors, evaluation, hosted
from gatekeeper import offers as values
from gatekeeper.report.github import checkrun
from gatekeeper.store import evaluations, heads, offers, overrides, records
from gatekeeper.verdicts import authority, conclusion, verdict
from gatekeeper.workflows import ports, steps

# gh-readonly-queue/BRANCH/pr-NUMBER-SHA
_QUEUED = re.compile(r"/pr-(\d{1,9})-[0-9a-f]+$")
# what a review says that is published only after CI has ended
_WAITS = "Waits for CI, so that the precision stays measurable; at most 2 hours"
_NO_VERDICT = verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason="")


def external_id(repository: int, head: str) -> str:
    """Return what finds the commit's check run again."""
    return f"{repository}/{head}"


def show(using: ports.Ports, place: hosted.Place, head: str) -> None:
    """Bring the commit's check run up to date with the records; nothing happens where nothing was asked for.

    Raises ForgeError and StoreError. What another worker changes meanwhile is shown before this returns: two that show
    the same commit at once may reach GitHub in either order.
    """
    newest = False
    while not newest:
        revision = heads.revision(using.database, place.repository, head)
        asked = evaluations.on_head(using.database, place.repository, head)
        if not asked:
            return
        run = checkrun.render(
            [_standing(using, one) for one in asked],
            external_id=external_id(place.repository, head),
            head=head,
            requirement=_requirement(using, place, asked),
            report_url=_page(using, asked),
            repository_url=f"{using.github}/{place.name}",
        )
        using.checks.put(place, run)
        newest = heads.shown(using.database, place.repository, head, revision)


def is_stale(using: ports.Ports, place: hosted.Place, head: str) -> bool:
    """Whether the commit's check run does not show what is on record. Raises StoreError."""
    return heads.is_stale(using.database, place.repository, head)


def show_or_give_up(using: ports.Ports, place: hosted.Place, head: str) -> None:
    """Show the commit's check run, as one step; where the App may not, or no more, leave it as it is."""
    try:
        steps.step("show", lambda: show(using, place, head))
    except (errors.ForbiddenError, errors.MissingError, errors.RefusedError):
        steps.step("give up", lambda: heads.give_up(using.database, place.repository, head))


def _page(using: ports.Ports, asked: Sequence[evaluation.Evaluation]) -> str | None:
    """Return the address of the full report, where there is one and one alone."""
    reviews = [one.reviewed.review for one in asked if one.reviewed]
    return f"{using.url}/reviews/{reviews[0]}" if using.url and len(reviews) == 1 else None


def _standing(using: ports.Ports, one: evaluation.Evaluation) -> checkrun.Standing:
    reviewed, terms = one.reviewed, one.terms
    override = _override(using, one.asked)
    done = None if reviewed is None else records.find(using.database, reviewed.review)
    concluded = one.conclusion
    endless = conclusion.endless(done.halting if done else (), terms.halting_at if terms else None)
    if terms is not None:
        concluded = conclusion.conclude(
            done.verdict if done else _NO_VERDICT,
            terms.authority,
            proven=done is not None and done.proven,
            imagined=terms.imagined,
            fail_not_analysed=terms.fail_not_analysed,
            endless=endless,
            overridden=override is not None,
        )
    if one.state is evaluation.State.DONE and one.held_until is not None and using.now() < one.held_until:
        return _held_back(one, override)
    return checkrun.Standing(
        pull=one.asked.pull,
        group=one.asked.head_ref if one.asked.pull is None else None,
        state=one.state,
        review=done,
        conclusion=concluded,
        authority=terms.authority if terms else authority.Authority.SHADOW,
        why_authority=terms.why_authority if terms else "",
        reason=one.reason,
        override=override,
        offered=offers.of_review(using.database, reviewed.review) if reviewed else values.Offers(),
        endless=endless,
        annotations=reviewed.annotations if reviewed else (),
        superseded_by=one.superseded_by,
        progress=one.progress,
    )


def _held_back(one: evaluation.Evaluation, override: evaluation.Override | None) -> checkrun.Standing:
    """Return a review that is done, and shown as one that is not."""
    return checkrun.Standing(
        pull=one.asked.pull,
        group=one.asked.head_ref if one.asked.pull is None else None,
        state=evaluation.State.RUNNING,
        authority=authority.Authority.BLOCK,
        override=override,
        progress=_WAITS,
    )


def _override(using: ports.Ports, asked: evaluation.Asked) -> evaluation.Override | None:
    """Return the word that holds for what is reviewed; a merge group's is that of the pull request it is named for."""
    if asked.pull is not None:
        return overrides.overridden(using.database, asked)
    named = _QUEUED.search(asked.head_ref)
    if named is None:
        return None
    pull = evaluations.current_of_pull(using.database, asked.place.repository, int(named[1]))
    return overrides.overridden(using.database, pull.asked) if pull else None


def _requirement(
    using: ports.Ports, place: hosted.Place, asked: Sequence[evaluation.Evaluation]
) -> hosted.Requirement | None:
    """Return whether the check is required, where a verdict may block: it takes two requests to know."""
    blocking = [one for one in asked if one.reviewed and one.reviewed.terms.authority is authority.Authority.BLOCK]
    return using.checks.requirement(place, blocking[0].asked.base_ref) if blocking else None
