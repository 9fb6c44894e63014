"""A Review in a check run: what matters, then everything."""

from collections.abc import Iterator, Sequence

from gatekeeper import offers, review
from gatekeeper.repair import candidate
from gatekeeper.report import offered as saying
from gatekeeper.report import words
from gatekeeper.report.github import fitting, markdown, places, steptable, telling
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict

# findings, reasons, tests or notes before the rest is counted
_LISTED = 20
# steps of one trace
_STEPS = 40
# bytes that the kinds of parts may take in the summary, and in the text, where all of them are long
_FINDINGS = 32_000
_OTHERS = 7_000
_TABLE = 26_000
_PROPOSED = 14_000


def brief(done: review.Review, where: places.Places, offered: offers.Offers) -> Iterator[fitting.Part]:
    """Yield the numbers, the findings, the best fix that was tried, and what was not looked at.

    Tests of what no test reaches come first where there is no verdict for want of them.
    """
    yield fitting.whole(_numbers(done))
    lacking = saying.lacks_tests(done, offered)
    if lacking:
        yield from proposed(done, offered)
    yield from _findings(done, where, offered)
    yield from (_fix(fix, done) for fix in saying.in_order(offered.fixes)[:1])
    if not lacking:
        yield from proposed(done, offered)
    yield from _not_analysed(done.verdict.not_analysed)
    yield from _already_failing(done)
    yield from _disagreements(done)
    yield from _halting(done)
    if done.notes:
        notes = [markdown.prose(note) for note in done.notes]
        yield _list("### Notes\n\n", notes, "note")


def full(done: review.Review) -> Iterator[fitting.Part]:
    """Yield the tests held against the change, their traces, and the other tests."""
    failing = [said for said in done.predictions if verdict.fails(said, done.policy)]
    other = [said for said in done.predictions if not verdict.fails(said, done.policy)]
    yield from _tests("Tests that would fail", failing, _TABLE)
    traces = tuple(_trace(said) for said in done.predictions if said.trace)
    if traces:
        yield fitting.Part(items=traces, what="trace", largest=_TABLE)
    yield from _tests("Other affected tests", sorted(other, key=lambda said: _ORDER[said.outcome]))


def proposed(done: review.Review, offered: offers.Offers) -> Iterator[fitting.Part]:
    """Yield the tests that were written for what no test reaches."""
    if offered.tests:
        each = tuple(telling.proposed(test, done) for test in offered.tests[:_LISTED])
        more = tuple(markdown.more(len(offered.tests) - _LISTED, "test"))
        head = f"### Tests for what no test reaches ({len(offered.tests):,})\n\n"
        yield fitting.Part(head=head, items=(*each, *more), what="proposed test", largest=_PROPOSED)


def everything(reviews: Sequence[review.Review], report_url: str | None) -> str:
    """Return where all of the reviews is to be seen; empty for none."""
    if not reviews:
        return ""
    if report_url:
        return f"Everything: {markdown.link('the full report', report_url)}."
    shown = [markdown.code(f"gatekeeper report {done.id}") for done in reviews]
    return f"Everything: {', '.join([*shown[: telling.NAMED], *markdown.more(len(shown) - telling.NAMED, 'review')])}."


_ORDER = {
    prediction.Outcome.HANG: 0,
    prediction.Outcome.ERROR: 1,
    prediction.Outcome.FAIL: 2,
    prediction.Outcome.UNKNOWN: 3,
    prediction.Outcome.SKIP: 4,
    prediction.Outcome.PASS: 5,
}


def _numbers(done: review.Review) -> str:
    subject = done.subject
    counts = ", ".join(filter(None, (words.counts(done.predictions), words.imagined(done.predictions))))
    revisions = f"{markdown.cell(subject.base[:10])} \N{RIGHTWARDS ARROW} {markdown.cell(subject.head[:10])}"
    rows = (
        ("Verdict", f"**{words.conclusion(done.verdict.conclusion)}**"),
        ("Tests", f"{len(done.predictions):,} of {done.of:,} selected" + (f": {counts}" if counts else "")),
        ("Judged", f"{revisions}, {words.judged(subject.judged)}"),
        ("Engine", f"{markdown.cell(done.engine)}, {words.seconds(done.seconds)}"),
        ("Review", markdown.cell(done.id)),
    )
    return f"{markdown.prose(done.verdict.reason)}.\n\n{markdown.table(('', ''), rows)}"


def _findings(done: review.Review, where: places.Places, offered: offers.Offers) -> Iterator[fitting.Part]:
    every = findings.find(done.predictions, done.selection, done.policy)
    said = telling.by_test(done)
    items = tuple(_finding(one, telling.tests_of(one, said), where, offered) for one in every[:_LISTED])
    if items:
        more = tuple(markdown.more(len(every) - _LISTED, "finding"))
        head = f"### {markdown.counted(len(every), 'finding')}\n\n"
        yield fitting.Part(head=head, items=(*items, *more), what="finding", largest=_FINDINGS)


def _finding(
    found: findings.Finding, tests: Sequence[prediction.Prediction], where: places.Places, offered: offers.Offers
) -> str:
    lines = [f"**{telling.title(found, tests)}** at {where.shown(found.at)}", markdown.code(found.message)]
    if tests:
        lines.append(telling.named(tests))
    if (due := offered.cause(found.fingerprint)) is not None:
        lines.append(telling.due(due, where.done, where))
    return "\n\n".join(lines)


def _fix(fix: candidate.FixCandidate, done: review.Review) -> fitting.Part:
    head = "Undoing" if fix.source is candidate.Source.UNDO else "A fix"
    return fitting.whole(f"### {head} that was tried\n\n{telling.fix(fix, done)}\n\n{markdown.block(fix.diff, 'diff')}")


def _not_analysed(parts: Sequence[verdict.NotAnalysedPart]) -> Iterator[fitting.Part]:
    if parts:
        reasons = words.by_reason(parts)
        items = tuple(_reason(why, whats) for why, whats in reasons[:_LISTED])
        more = tuple(markdown.more(len(reasons) - _LISTED, "reason"))
        head = f"### Not analysed ({len(parts):,})\n\n"
        yield fitting.Part(head=head, items=(*items, *more), what="reason", largest=_OTHERS)


def _reason(why: str, whats: Sequence[str]) -> str:
    named = markdown.named([markdown.code(what) for what in whats if what], telling.NAMED, "part")
    return f"{markdown.prose(why)}\n\n{named}" if named else markdown.prose(why)


def _already_failing(done: review.Review) -> Iterator[fitting.Part]:
    failing = [said for said in done.predictions if said.already_failing]
    if failing:
        tests = [f"{markdown.code(said.test)}: {markdown.code(said.exception or said.reason)}" for said in failing]
        head = f"### Already failing before the change ({len(failing):,})\n\n"
        yield _list(head, tests, "test")


def _disagreements(done: review.Review) -> Iterator[fitting.Part]:
    disagreed = words.disagreements(done.predictions)
    if disagreed:
        tests = [f"{markdown.code(said.test)}: {markdown.prose(what)}" for said, what in disagreed]
        yield _list(f"### Engines disagree ({len(disagreed):,})\n\n", tests, "test")


def _halting(done: review.Review) -> Iterator[fitting.Part]:
    doubted = words.doubtful(done.halting)
    if doubted:
        functions = [
            f"{markdown.code(f'{said.path}:{said.line}')} {markdown.code(said.function)}, "
            f"{said.probability or 0:.0%}: {markdown.prose(said.reason)} ({markdown.prose(said.engine)})"
            for said in doubted
        ]
        yield _list(f"### May not halt ({len(doubted):,})\n\n", functions, "function")
    slow = words.slow(done.halting)
    if slow:
        functions = [
            f"{markdown.code(f'{said.path}:{said.line}')} {markdown.code(said.function)}: {markdown.prose(said.reason)}"
            for said in slow
        ]
        yield _list(f"### Slow for some inputs ({len(slow):,})\n\n", functions, "function")


def _list(head: str, items: Sequence[str], what: str) -> fitting.Part:
    rows = (*items[:_LISTED], *markdown.more(len(items) - _LISTED, what))
    return fitting.Part(head=head, items=tuple(f"- {row}" for row in rows), joint="\n", what=what, largest=_OTHERS)


def _tests(heading: str, tests: Sequence[prediction.Prediction], largest: int | None = None) -> Iterator[fitting.Part]:
    if tests:
        head = f"### {heading} ({len(tests):,})\n\n{markdown.table_head(('Outcome', 'Test', 'Why'))}\n"
        rows = tuple(
            markdown.table_row((said.outcome.value, markdown.cell(said.test), markdown.cell(words.of(said))))
            for said in tests
        )
        yield fitting.Part(head=head, items=rows, joint="\n", what="test", largest=largest)


def _trace(said: prediction.Prediction) -> str:
    assert said.trace
    inner = f"{markdown.code(said.test)}\n\n{steptable.render(said.trace, last=_STEPS)}"
    return markdown.details("Step by step", inner)
