"""What the records say of a commit -> its check run on GitHub."""

from collections.abc import Sequence

from gatekeeper import hosted
from gatekeeper.report.github import checkrun
from gatekeeper.store import commands, evaluations, fixes, heads, records
from gatekeeper.verdicts import authority, conclusion, publication
from gatekeeper.workflows import ports


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
        check_run = using.checks.put(place, run)
        newest = heads.shown(using.database, place.repository, head, revision, check_run)


def _page(using: ports.Ports, asked: Sequence[hosted.Evaluation]) -> str | None:
    """Return the address of the full report, where there is one and one alone."""
    reviews = [one.reviewed.review for one in asked if one.reviewed]
    return f"{using.url}/reviews/{reviews[0]}" if using.url and len(reviews) == 1 else None


def _standing(using: ports.Ports, one: hosted.Evaluation) -> checkrun.Standing:
    reviewed = one.reviewed
    override = commands.overridden(using.database, one.asked)
    done = None if reviewed is None else records.find(using.database, reviewed.review)
    concluded = publication.CheckConclusion.NEUTRAL
    if done is not None and reviewed is not None:
        concluded = conclusion.conclude(
            done.verdict,
            reviewed.authority,
            fail_not_analysed=reviewed.fail_not_analysed,
            overridden=override is not None,
        )
    return checkrun.Standing(
        pull=one.asked.pull,
        group=one.asked.head_ref if one.asked.pull is None else None,
        state=one.state,
        review=done,
        conclusion=concluded,
        authority=reviewed.authority if reviewed else authority.Authority.SHADOW,
        why_authority=reviewed.why_authority if reviewed else "",
        reason=one.reason,
        override=override,
        fixes=fixes.of_review(using.database, reviewed.review) if reviewed else (),
        annotations=reviewed.annotations if reviewed else (),
        superseded_by=one.superseded_by,
        progress=one.progress,
    )


def _requirement(
    using: ports.Ports, place: hosted.Place, asked: Sequence[hosted.Evaluation]
) -> hosted.Requirement | None:
    """Return whether the check is required, where a verdict is shown."""
    done = [one for one in asked if one.state is hosted.State.DONE]
    return using.checks.requirement(place, done[0].asked.base_ref) if done else None
