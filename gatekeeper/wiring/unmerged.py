"""The review of what has no tree to judge: base and head do not merge, or a tree is too large to be read."""

import uuid

from gatekeeper import configuration, errors, review
from gatekeeper.diffs import diff
from gatekeeper.git import repository, trees
from gatekeeper.impact import selection
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import clock as clocks


def subject(
    name: str | None, opened: repository.Repository, base: str, head: str, judged: review.Judged
) -> review.Subject:
    """Return the subject of what has no tree to judge."""
    return review.Subject(
        repository=name or str(opened.folder),
        base=base,
        merge_base="",
        head=head,
        judged=judged,
        before="",
        after="",
    )


def configured(base: trees.GitTree) -> configuration.Configuration:
    """Return the configuration for what has no tree to judge, which may be for want of a tree to read it from."""
    try:
        return configuration.read(base)
    except errors.NotAnalysed:
        return configuration.Configuration()


def reviewed(id_: str | None, of: review.Subject, engine: str, reason: str, clock: clocks.Clock) -> review.Review:
    """Return a review that says why nothing was analysed."""
    part = verdict.NotAnalysedPart(what="", why=reason)
    return review.Review(
        id=id_ or uuid.uuid4().hex,
        subject=of,
        started=clock.started,
        seconds=clock.seconds(),
        engine=engine,
        notes=(),
        diff=diff.Diff(files=(), text=""),
        selection=selection.Selection(affected=(), unaffected={}, total=0, unparsable={}),
        predictions=(),
        of=0,
        verdict=verdict.Verdict(conclusion=verdict.Conclusion.NOT_ANALYSED, reason=reason, not_analysed=(part,)),
        timings=clock.laps,
    )
