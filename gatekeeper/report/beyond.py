"""What is offered beyond a verdict, for the terminal: where the fault is, what mends it, tests of unreached code."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from gatekeeper import offers, review
from gatekeeper.repair import candidate, cause
from gatekeeper.report import culprits, offered, palette
from gatekeeper.report.visible import visible
from gatekeeper.unreached import proposed

# causes, places of one, fixes, tests
_SHOWN = 10
# lines of a diff, and of a proposed test
_LONG = 60
_MARKS = {"+": palette.ADDED, "-": palette.BROKEN}


def render(done: review.Review, given: offers.Offers) -> RenderableType:
    """Return the causes, the fixes and the proposed tests; these come first where there is no verdict without them."""
    tests = list(_tests(done, given.tests))
    rest = [*_causes(done, given.causes), *_fixes(done, given)]
    return Group(*((*tests, *rest) if offered.lacks_tests(done, given) else (*rest, *tests)))


def _causes(done: review.Review, causes: Sequence[cause.Cause]) -> Iterator[RenderableType]:
    if causes:
        yield _heading("Where the fault is")
    for one in causes[:_SHOWN]:
        yield _indented(Text(visible(one.test), style="bold", overflow="fold"))
        yield _indented(Text(visible(one.why), style=palette.FAINT, overflow="fold"), by=4)
        for lines in one.lines[:_SHOWN]:
            yield _indented(_lines(lines, done), by=4)
        if (departed := one.departure) is not None:
            where = f"{departed.path}:{departed.line}  {departed}"
            yield _indented(Text(visible(where), style=palette.UNSURE, overflow="fold"), by=4)
    yield from _more(len(causes) - _SHOWN, "finding")


def _lines(culprit: cause.Lines, done: review.Review) -> RenderableType:
    """Return the lines as a diff shows them, below their place."""
    shown = culprits.marked(culprit, done.diff)
    return Group(Text(visible(str(culprits.location(culprit)))), *_marked(shown, culprits.MOST))


def _fixes(done: review.Review, given: offers.Offers) -> Iterator[RenderableType]:
    mending, undoing = offered.mends(given.fixes), offered.undoing(given.fixes)
    if given.causes and not mending:
        yield _heading("No fix was found that holds")
    if mending:
        yield _heading(f"Fixes that were tried and hold ({len(mending)})")
        yield from _each(mending, done)
    if undoing:
        yield _heading(f"The last resort ({len(undoing)})")
        yield from _each(undoing, done)


def _each(fixes: Sequence[candidate.FixCandidate], done: review.Review) -> Iterator[RenderableType]:
    for fix in fixes[:_SHOWN]:
        said = f"{offered.source(fix)}: {offered.effect(fix)}, {offered.tried(fix.tried_by, done.predictions)}"
        yield _indented(Text(visible(said), overflow="fold"))
        yield _indented(Group(*_marked(fix.diff.removesuffix("\n").split("\n"), _LONG)), by=4)
    yield from _more(len(fixes) - _SHOWN, "fix", "fixes")


def _tests(done: review.Review, tests: Sequence[proposed.ProposedTest]) -> Iterator[RenderableType]:
    if tests:
        yield _heading(f"Tests for what no test reaches ({len(tests)})")
    for test in tests[:_SHOWN]:
        yield _indented(Text(visible(test.symbol), style="bold", overflow="fold"))
        ended = f"before the change: {offered.ended(test.before)}; after it: {offered.ended(test.after)}"
        by = f"{test.path}, {offered.author(test)}, {offered.tried(test.tried_by, done.predictions)}"
        yield _indented(Text(visible(test.found), style=palette.UNSURE, overflow="fold"), by=4)
        yield _indented(Text(visible(ended), overflow="fold"), by=4)
        yield _indented(Text(visible(by), style=palette.FAINT, overflow="fold"), by=4)
        lines = test.text.removesuffix("\n").split("\n")
        kept = [Text(visible(line), overflow="fold") for line in lines[:_LONG]]
        yield _indented(Group(*kept, *_more(len(lines) - _LONG, "line")), by=4)
    yield from _more(len(tests) - _SHOWN, "test")


def _marked(lines: Sequence[str], most: int) -> list[Text]:
    shown = [Text(visible(line), style=_MARKS.get(line[:1], ""), overflow="fold") for line in lines[:most]]
    return [*shown, *_more(len(lines) - most, "line")]


def _more(number: int, one: str, several: str = "") -> Iterator[Text]:
    if number > 0:
        yield Text(f"and {number} more {one if number == 1 else several or one + 's'}", style=palette.FAINT)


def _heading(words: str) -> RenderableType:
    return Group(Text(), Text(words, style="bold"))


def _indented(inner: RenderableType, *, by: int = 2) -> RenderableType:
    return Padding(inner, (0, 0, 0, by), expand=False)
