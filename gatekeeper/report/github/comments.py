"""The findings of a review as comments on the pull request's diff, with the fixes that were tried."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gatekeeper import offers, review
from gatekeeper.diffs import diff
from gatekeeper.repair import candidate, cause
from gatekeeper.report import offered as saying
from gatekeeper.report.github import fitting, markdown, places, steptable, suggestions, summary, telling
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import anchors, findings, publication

# steps of the trace in a comment; the whole of it is in the report
_STEPS = 12
# frames of a traceback, of which the innermost say most
_FRAMES = 8
# findings that the body names
_OUTSIDE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A finding with what is said of it."""

    finding: findings.Finding
    tests: Sequence[prediction.Prediction]
    # what it is due to; None: not known
    cause: cause.Cause | None
    fix: candidate.FixCandidate | None
    # None: the fix does not fit the diff, or was suggested already
    suggestion: suggestions.Suggestion | None
    # another finding's comment suggests the same fix
    suggested: bool


def draft(
    done: review.Review,
    *,
    head_diff: diff.Diff,
    to_head: Callable[[str, int], int | None],
    offered: offers.Offers,
    limit: int,
    report_url: str | None,
    repository_url: str | None = None,
) -> publication.PullReview:
    """Return a comment for each finding that the diff has a place for, at most `limit`, the most important first.

    `head_diff` is merge base to head, as GitHub shows it; `to_head` takes a path and a 1-based line of the judged tree
    and returns head's line, or None where it has none. The body names what is in no comment.
    """
    where = places.Places(repository_url=repository_url, done=done)
    drafted = [(one, _comment(one, head_diff, to_head, where)) for one in _told(done, head_diff, offered)]
    made = [comment for _, comment in drafted if comment]
    outside = [one for one, comment in drafted if not comment]
    closing = summary.everything([done], report_url)
    parts = (*_body(done, outside, len(made) - limit, where), *summary.proposed(done, offered))
    return publication.PullReview(
        head=done.subject.head,
        body=fitting.fit(parts, closing, publication.LONGEST_TEXT) if drafted or offered.tests else "",
        comments=tuple(made[:limit]),
    )


def _told(done: review.Review, head_diff: diff.Diff, offered: offers.Offers) -> Iterator[_Told]:
    said = telling.by_test(done)
    every = findings.find(done.predictions, done.selection, done.policy)
    suggested: set[candidate.FixCandidate] = set()
    for found in sorted(every, key=lambda one: _weight(one, telling.tests_of(one, said))):
        fix = next((fix for fix in saying.in_order(offered.fixes) if found.fingerprint in fix.mends), None)
        again = fix is not None and fix in suggested
        fits = suggestions.suggest(fix.replacement, head_diff) if fix and not again else None
        if fix and fits:
            suggested.add(fix)
        yield _Told(
            finding=found,
            tests=telling.tests_of(found, said),
            cause=offered.cause(found.fingerprint),
            fix=fix,
            suggestion=fits,
            suggested=again,
        )


def _weight(found: findings.Finding, tests: Sequence[prediction.Prediction]) -> tuple[bool, bool, int]:
    """Return what sorts the most important first: what does not parse, what may not halt, what breaks most tests."""
    return found.kind is not findings.Kind.UNPARSABLE, not telling.halts_not(tests), -len(tests)


def _comment(
    told: _Told, head_diff: diff.Diff, to_head: Callable[[str, int], int | None], where: places.Places
) -> publication.Comment | None:
    path, placed = _place(told, head_diff, to_head)
    if path is None:
        return None
    here = placed is not None and _covers(placed, path, told.finding.at, to_head)
    return publication.Comment(
        fingerprint=told.finding.fingerprint,
        path=path,
        line=placed.line if placed else None,
        start_line=placed.start_line if placed else None,
        body=fitting.fit(_said(told, where, here=here), _marker(told.finding), publication.LONGEST_TEXT),
    )


def _covers(
    placed: anchors.Anchor, path: str, at: prediction.Location | None, to_head: Callable[[str, int], int | None]
) -> bool:
    """Whether the finding's line is among those that are commented on."""
    line = to_head(path, at.line) if at and at.path == path else None
    return line is not None and (placed.start_line or placed.line) <= line <= placed.line


def _place(
    told: _Told, head_diff: diff.Diff, to_head: Callable[[str, int], int | None]
) -> tuple[str | None, anchors.Anchor | None]:
    """Return the path and the lines to comment on; no lines: the file as a whole; no path: nowhere in the diff."""
    if told.suggestion and told.fix:
        return told.fix.replacement.path, told.suggestion.anchor
    at = told.finding.at
    if at is None or not anchors.has_file(head_diff, at.path):
        return None, None
    line = to_head(at.path, at.line)
    return at.path, None if line is None else anchors.anchor(head_diff, at.path, line)


def _said(told: _Told, where: places.Places, *, here: bool) -> Iterator[fitting.Part]:
    """Yield the comment's parts; `here`: whether the finding's line is the one that is commented on."""
    at = "" if here else f" at {where.shown(told.finding.at)}"
    yield fitting.whole(
        f"**{telling.title(told.finding, told.tests)}**{at}", markdown.code(told.finding.message, 1_000)
    )
    if told.tests:
        yield fitting.whole(telling.named(told.tests))
    if told.cause:
        yield fitting.Part(items=(telling.due(told.cause, where.done, where),), what="cause")
    yield from _fix(told, where.done)
    yield from _evidence(told.tests)


def _fix(told: _Told, done: review.Review) -> Iterator[fitting.Part]:
    if told.fix is None:
        return
    if told.suggested:
        yield fitting.whole("The fix that is suggested for another finding mends this one too.")
    elif told.suggestion:
        yield fitting.Part(items=(f"{telling.fix(told.fix, done)}\n\n{told.suggestion.text}",), what="suggestion")
    else:
        folded = markdown.details("The fix as a diff", markdown.block(told.fix.diff, "diff"))
        yield fitting.Part(items=(f"{telling.fix(told.fix, done)}\n\n{folded}",), what="fix")


def _evidence(tests: Sequence[prediction.Prediction]) -> Iterator[fitting.Part]:
    traced = next((said for said in tests if said.trace), None) or next(
        (said for said in tests if said.traceback), None
    )
    if traced is None:
        return
    inner = [markdown.code(traced.test)]
    if traced.traceback:
        inner.append(" \N{RIGHTWARDS ARROW} ".join(markdown.code(str(at)) for at in traced.traceback[-_FRAMES:]))
    if traced.trace:
        inner.append(steptable.render(traced.trace, last=_STEPS))
    yield fitting.Part(items=(markdown.details("How it gets there", "\n\n".join(inner)),), what="trace")


def _marker(found: findings.Finding) -> str:
    return f"<!-- gatekeeper:{found.fingerprint} -->"


def _body(done: review.Review, outside: Sequence[_Told], beyond: int, where: places.Places) -> Iterator[fitting.Part]:
    yield fitting.whole(f"{markdown.prose(done.verdict.reason)}.")
    if outside:
        items = tuple(
            f"- **{telling.title(one.finding, one.tests)}** at {where.shown(one.finding.at)}: "
            f"{markdown.code(one.finding.message)}"
            for one in outside[:_OUTSIDE]
        )
        yield fitting.Part(head="Outside the diff:\n\n", items=items, joint="\n", what="finding")
    for number in (len(outside) - _OUTSIDE, beyond):
        yield fitting.Part(items=tuple(markdown.more(number, "finding")))
