"""A Review for the terminal: what matters in ten seconds, then everything."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gatekeeper import review
from gatekeeper.halting import risk
from gatekeeper.report import difflines, palette, words
from gatekeeper.report.visible import visible
from gatekeeper.simulation import prediction
from gatekeeper.verdicts import findings, verdict

# tests named under one finding, and reasons under one heading, before the rest is counted
_NAMED = 5
_LISTED = 10
# characters of a test's name to which reasons are aligned, and of both on one line
_ALIGNED = 44
_ROOM = 84
# characters of a message
_LONG = 300


def summary(done: review.Review) -> RenderableType:
    """Return the verdict, the findings with their lines, and what was not analysed, briefly."""
    return Group(
        _headline(done),
        *_findings(done),
        *_already_failing(done.predictions),
        *_disagreements(done.predictions),
        *_halting(done.halting),
        *_not_analysed(done.verdict.not_analysed),
        *_notes(done.notes),
        Text(),
        _numbers(done),
    )


def tests(done: review.Review) -> RenderableType:
    """Return every affected test with its outcome and the reason, by module."""
    modules = groupby(sorted(done.predictions, key=_path), key=_path)
    return Group(
        _heading(f"Affected tests ({len(done.predictions)} of {done.of})"),
        *(_module(path, list(group), done.policy) for path, group in modules),
    )


def _path(said: prediction.Prediction) -> str:
    return said.test.partition("::")[0]


def _module(path: str, predictions: Sequence[prediction.Prediction], policy: verdict.Policy) -> RenderableType:
    # aligned by hand: a table takes ten seconds for the tests of a large suite
    width = max(len(visible(said.test.partition("::")[2])) for said in predictions)
    lines = Text("\n", overflow="fold").join(_line(said, policy, min(width, _ALIGNED)) for said in predictions)
    return Group(_indented(Text(visible(path), style="bold", overflow="fold")), _indented(lines, by=4))


def _line(said: prediction.Prediction, policy: verdict.Policy, width: int) -> Text:
    name, why = visible(said.test.partition("::")[2]), visible(_cut(words.of(said)))
    if max(width, len(name)) + len(why) > _ROOM:
        indent = " " * 9
        why = "\n" + textwrap.fill(why, _ROOM, initial_indent=indent, subsequent_indent=indent)
    return Text.assemble(
        (f"{said.outcome.value:<9}", palette.of(said, policy)), f"{name:<{width}}", "  ", (why, palette.FAINT)
    )


def _headline(done: review.Review) -> RenderableType:
    glyph, style = palette.CONCLUSIONS[done.verdict.conclusion]
    verdict_line = Text.assemble(
        (f"{glyph} {words.conclusion(done.verdict.conclusion)}", f"bold {style}"),
        ("  ", ""),
        (visible(done.verdict.reason), ""),
    )
    subject = done.subject
    revisions = visible(f"{subject.base[:10]} \N{RIGHTWARDS ARROW} {subject.head[:10]}")
    where = Text.assemble(
        (visible(subject.repository), "bold"), f"  {revisions}  ", (words.judged(subject.judged), palette.FAINT)
    )
    return Group(verdict_line, _indented(where))


def _numbers(done: review.Review) -> RenderableType:
    counts = ", ".join(filter(None, (words.counts(done.predictions), words.imagined(done.predictions))))
    seconds = [f"{visible(stage)} {words.seconds(taken)}" for stage, taken in done.timings.items()]
    total = f"{words.seconds(done.seconds)} with {visible(done.engine)}"
    lines = (
        f"{len(done.predictions)} of {done.of} tests selected" + (f": {counts}" if counts else ""),
        f"{total} ({', '.join(seconds)})" if seconds else total,
        *([f"functions that can loop: {words.halting(done.halting)}"] if done.halting else []),
        f"review {visible(done.id)}",
    )
    return _indented(Text("\n".join(lines), style=palette.FAINT))


def _findings(done: review.Review) -> Iterator[RenderableType]:
    by_test = {said.test: said for said in done.predictions}
    changed = tuple(difflines.parts(done.diff))
    every = findings.find(done.predictions, done.selection, done.policy)
    shown: dict[prediction.Location | None, list[findings.Finding]] = {}
    for found in every[:_LISTED]:
        shown.setdefault(found.at, []).append(found)
    for at, here in shown.items():
        yield _heading(visible(str(at)) if at else "At no line of the repository")
        if at and (lines := difflines.excerpt(changed, at, around=2)):
            yield _indented(_excerpt(lines, at.line))
        for found in here:
            yield _indented(Text(visible(_cut(found.message)), style=palette.BROKEN, overflow="fold"))
            yield _indented(_tests_of(found, [by_test[test] for test in found.tests], done.policy))
    yield from _more(len(every) - _LISTED, "finding")


def _excerpt(lines: Sequence[difflines.Line], at: int) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    # a long line is cut, never its number
    width = 2 + max(len(str(line.after)) for line in lines)
    table.add_column(justify="right", style=palette.FAINT, no_wrap=True, min_width=width)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for line in lines:
        here = line.after == at
        style = ("bold " if here else "") + (palette.ADDED if line.mark == "+" else "")
        number = Text(f"{palette.HERE if here else ' '} {line.after}", style=palette.BROKEN if here else palette.FAINT)
        table.add_row(number, Text(f"{line.mark} {visible(line.text)}", style=style))
    return table


def _tests_of(
    found: findings.Finding, tests: Sequence[prediction.Prediction], policy: verdict.Policy
) -> RenderableType:
    lines = []
    for said in tests[:_NAMED]:
        lines.append(Text.assemble((f"{said.outcome.value:<6}", palette.of(said, policy)), visible(said.test)))
        if (own := words.of(said)) != found.message and found.kind is findings.Kind.FAILURE:
            lines.append(Text(f"{'':<6}{visible(_cut(own))}", style=palette.FAINT))
    return Group(*lines, *_more(len(tests) - _NAMED, "test"))


def _already_failing(predictions: Sequence[prediction.Prediction]) -> Iterator[RenderableType]:
    failing = [said for said in predictions if said.already_failing]
    if failing:
        yield _heading(f"Already failing before the change ({len(failing)})")
        for said in failing[:_LISTED]:
            line = Text.assemble((f"{said.outcome.value:<6}", palette.FAINT), visible(said.test), overflow="fold")
            yield _indented(line)
            ended = Text(visible(_cut(said.exception or said.reason)), style=palette.FAINT, overflow="fold")
            yield _indented(ended, by=8)
        yield from _more(len(failing) - _LISTED, "test")


def _halting(risks: Sequence[risk.HaltingRisk]) -> Iterator[RenderableType]:
    doubted = words.doubtful(risks)
    if doubted:
        yield _heading(f"May not halt ({len(doubted)})")
        for said in doubted[:_LISTED]:
            where = Text(visible(f"{said.path}:{said.line} {said.function}"), overflow="fold")
            yield _indented(where)
            why = f"{said.probability:.0%}: {said.reason} ({said.engine})"
            yield _indented(Text(visible(_cut(why)), style=palette.UNSURE, overflow="fold"), by=4)
        yield from _more(len(doubted) - _LISTED, "function")
    slow = words.slow(risks)
    if slow:
        yield _heading(f"Slow for some inputs ({len(slow)})")
        for said in slow[:_LISTED]:
            yield _indented(Text(visible(f"{said.path}:{said.line} {said.function}"), overflow="fold"))
            why = "; ".join(filter(None, (said.reason, words.effort(said))))
            yield _indented(Text(visible(_cut(why)), style=palette.UNSURE, overflow="fold"), by=4)
        yield from _more(len(slow) - _LISTED, "function")


def _disagreements(predictions: Sequence[prediction.Prediction]) -> Iterator[RenderableType]:
    disagreed = words.disagreements(predictions)
    if disagreed:
        yield _heading(f"Engines disagree ({len(disagreed)})")
        for said, what in disagreed[:_LISTED]:
            yield _indented(Text(visible(said.test), overflow="fold"))
            yield _indented(Text(visible(what), style=palette.UNSURE, overflow="fold"), by=4)
        yield from _more(len(disagreed) - _LISTED, "test")


def _not_analysed(parts: Sequence[verdict.NotAnalysedPart]) -> Iterator[RenderableType]:
    if not parts:
        return
    yield _heading(f"Not analysed ({len(parts)})")
    reasons = words.by_reason(parts)
    for why, whats in reasons[:_LISTED]:
        yield _indented(Text(visible(_cut(why)), style=palette.UNSURE, overflow="fold"))
        named = [Text(visible(what), overflow="fold") for what in whats[:_NAMED] if what]
        yield _indented(Group(*named, *_more(len(whats) - _NAMED, "part")), by=4)
    yield from _more(len(reasons) - _LISTED, "reason")


def _notes(notes: Sequence[str]) -> Iterator[RenderableType]:
    if notes:
        yield _heading("Notes")
        yield _indented(Text("\n".join(visible(_cut(note)) for note in notes), style=palette.FAINT, overflow="fold"))


def _more(number: int, what: str) -> Iterator[RenderableType]:
    if number > 0:
        yield Text(f"and {number} more {what if number == 1 else what + 's'}", style=palette.FAINT)


def _heading(text: str) -> RenderableType:
    return Group(Text(), Text(text, style="bold"))


def _indented(inner: RenderableType, *, by: int = 2) -> RenderableType:
    return Padding(inner, (0, 0, 0, by), expand=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}\N{HORIZONTAL ELLIPSIS}"
