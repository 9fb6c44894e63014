"""A bench for the terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gatekeeper.accuracy import confusion, scoring
from gatekeeper.report import palette, words
from gatekeeper.report.visible import visible
from gatekeeper.wiring.bench import results, speed, spending

# mistakes of one pull request that are shown before the rest is counted
_LISTED = 20
# characters of a reason
_LONG = 160
_RATES = ("precision", "recall", "F1", "right")


def render(bench: results.Bench) -> RenderableType:
    """Return the figures, then each mistake."""
    return Group(
        _heading(f"{len(bench.ran)} of {bench.of} labelled pull requests"),
        _per_test(bench),
        Text(),
        _per_change(bench.tally),
        *_sentences(bench),
        _packages(bench),
        *_spending(bench),
        *_speed(bench.speed),
        *_mistakes("False alarms", [(one, one.scored.false_alarms) for one in bench.ran]),
        *_mistakes("Misses", [(one, one.scored.misses) for one in bench.ran]),
        *_failed(bench),
    )


def _per_test(bench: results.Bench) -> RenderableType:
    counted, macro = bench.tally.tests, bench.macro
    table = _table("per test", *_RATES, "found", "alarms", "misses")
    found = (f"{counted.true_positives:,}", f"{counted.false_positives:,}", f"{counted.false_negatives:,}")
    table.add_row("micro", *_rates(counted), *found)
    table.add_row("macro", _share(macro.precision), _share(macro.recall))
    passing = confusion.always_pass(counted)
    table.add_row("always pass", *_rates(passing), "0", "0", f"{passing.false_negatives:,}")
    return table


def _per_change(tally: scoring.Tally) -> RenderableType:
    counted = tally.changes
    breaking = counted.true_positives + counted.false_negatives
    sound = counted.false_positives + counted.true_negatives + tally.undecided
    table = _table("per change", *_RATES, "found", "alarms", "undecided")
    found = (f"{counted.true_positives} of {breaking}", f"{counted.false_positives} of {sound}", f"{tally.undecided}")
    table.add_row("gatekeeper", *_rates(counted), *found)
    table.add_row("always pass", *_rates(confusion.always_pass(counted)), f"0 of {breaking}", f"0 of {sound}", "0")
    return table


def _sentences(bench: results.Bench) -> Iterator[RenderableType]:
    tally = bench.tally
    macro = bench.macro
    yield _faint(
        "micro: over all tests; macro: averaged over the pull requests that have a precision "
        f"({macro.precision_groups}) or a recall ({macro.recall_groups}); right: share of right predictions; "
        "alarms: false ones; undecided: no verdict on a change that breaks nothing"
    )
    yield Text(
        f"\nHangs: {tally.hanging_found} of {tally.hanging} found, {tally.hanging_named} of them predicted to hang.\n"
        f"Abstention: {tally.unknown:,} of {tally.predicted:,} tests unknown ({_percent(tally.abstention)}); "
        f"{tally.already_failing:,} said to be failing already, of which {tally.denied:,} are known to pass before the "
        f"change: {_percent(tally.honest_abstention)} in all.\n"
    )


def _packages(bench: results.Bench) -> RenderableType:
    table = _table("per test, by package", "precision", "recall", "alarms", "misses", "abstained", "changes found")
    for name, tally in bench.packages():
        tests, changes = tally.tests, tally.changes
        table.add_row(
            visible(name),
            _share(tests.precision),
            _share(tests.recall),
            f"{tests.false_positives:,}",
            f"{tests.false_negatives:,}",
            _percent(tally.honest_abstention),
            f"{changes.true_positives} of {changes.true_positives + changes.false_negatives}",
        )
    return table


def _spending(bench: results.Bench) -> Iterator[RenderableType]:
    taken = bench.spending
    if not taken.engines:
        return
    yield _heading(f"Engines ({visible(bench.engine or 'as configured')})")
    columns = ("said", "decided", "overruled", "seconds", "tokens read", "cached", "written", "dollars")
    table = _table("by engine", *columns)
    for name, spent in taken.engines.items():
        cached = "-" if spent.cached is None else _percent(spent.cached)
        counts = (f"{spent.said:,}", f"{spent.decided:,}", f"{spent.overruled:,}", f"{spent.seconds:,.1f}")
        tokens = (f"{spent.prompt_tokens:,}", cached, f"{spent.completion_tokens:,}")
        table.add_row(visible(name), *counts, *tokens, f"{spending.dollars(name, spent):.4f}")
    yield table
    yield Text(f"Outcomes imagined: {taken.imagined:,}, run: {taken.executed:,}; disagreements: {taken.disagreed:,}.")
    yield _faint(
        "overruled: another engine came to the other result, which stands; seconds: added up, also where tests were "
        "asked about at the same time; dollars: by the profile's prices, 0 for a server of one's own, whose machine "
        "is not counted"
    )


def _speed(taken: speed.Speed | None) -> Iterator[RenderableType]:
    if taken is None:
        return
    startup = taken.startup
    yield _heading("Time to verdict")
    yield Text(
        f"Fixed cost, an empty review: {taken.fixed:.2f} s (median), of which the program's start: "
        f"{startup.imports:.2f} s with all imports of a review, {startup.help:.2f} s for `review --help`, "
        f"{startup.interpreter:.2f} s for the interpreter alone.\n"
        "Requirements were resolved, and files' symbols read, by one review of each package that is not counted; "
        "results are never kept."
    )
    table = _table("by package", "native suite", "review", "beyond / native", "few affected")
    for suite in taken.suites:
        table.add_row(visible(suite.package), *_suite(suite), *_ratios(taken, [suite]))
    table.add_row("all", "", "", *_ratios(taken, taken.suites))
    yield table
    yield _faint(
        "beyond / native: reviews' time beyond the fixed cost, over the whole suite under native pytest (median of "
        "its runs); few affected: the same for changes that select at most a third of the tests"
    )


def _suite(suite: speed.Suite) -> tuple[str, str]:
    reviews = [timed.seconds for timed in suite.reviews]
    return words.seconds(median(suite.native)), words.seconds(median(reviews)) if reviews else ""


def _ratios(taken: speed.Speed, suites: Sequence[speed.Suite]) -> tuple[str, str]:
    ratios = taken.ratio(suites), taken.ratio(suites, few=True)
    whole, few = ("-" if ratio is None else f"{ratio:.2f}" for ratio in ratios)
    return whole, few


def _mistakes(
    title: str, mistakes: Sequence[tuple[results.Ran, Sequence[scoring.Mistake]]]
) -> Iterator[RenderableType]:
    number = sum(len(made) for _, made in mistakes)
    yield _heading(f"{title} ({number:,})")
    for one, made in mistakes:
        if made:
            yield Text(f"{_named(one)}: {len(made):,}", overflow="fold")
            yield _listed(made)


def _listed(made: Sequence[scoring.Mistake]) -> RenderableType:
    lines = []
    for why, alike in groupby(sorted(made[:_LISTED], key=_why), key=_why):
        lines.append(Text(visible(why[:_LONG]), style=palette.FAINT, overflow="fold"))
        lines.extend(Text(f"  {visible(mistake.test)}", overflow="fold") for mistake in alike)
    if len(made) > _LISTED:
        lines.append(_faint(f"and {len(made) - _LISTED} more: --json lists all"))
    return Padding(Group(*lines), (0, 0, 0, 2))


def _why(mistake: scoring.Mistake) -> str:
    label = f"labelled {mistake.label}" if mistake.label else "passes"
    if mistake.said is None:
        return f"{label}, not selected"
    said = "already failing" if mistake.said.already_failing else mistake.said.outcome
    return f"{label}, said: {said}, {mistake.said.why}"


def _failed(bench: results.Bench) -> Iterator[RenderableType]:
    if bench.failed:
        yield _heading(f"Failed, and scored as nothing said ({len(bench.failed)})")
    for one in bench.failed:
        yield Text(f"{_named(one)}: {visible(one.failure or '')}", style=palette.BROKEN, overflow="fold")
    if bench.untimed:
        yield _heading(f"Not timed ({len(bench.untimed)})")
    for package, why in bench.untimed:
        yield Text(visible(f"{package}: {why}"), style=palette.BROKEN, overflow="fold")


def _named(one: results.Ran) -> str:
    case = one.numbered.case
    return visible(f"{one.numbered.index} {case.package} {case.file} {case.operator} {case.occurrence}")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _rates(counted: confusion.Confusion) -> tuple[str, ...]:
    return tuple(map(_share, (counted.precision, counted.recall, counted.f1, counted.accuracy)))


def _share(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.4f}"


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.2%}"


def _heading(text: str) -> RenderableType:
    return Group(Text(), Text(text, style="bold"))


def _faint(text: str) -> Text:
    return Text(text, style=palette.FAINT, overflow="fold")
