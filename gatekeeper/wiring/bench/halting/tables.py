"""A halting bench for the terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gatekeeper.halting import risk
from gatekeeper.report import palette, words
from gatekeeper.report.visible import visible
from gatekeeper.wiring.bench.halting import scores

# characters of a reason
_LONG = 200


def render(bench: scores.Bench) -> RenderableType:
    """Return every function with what was said of it, then the figures."""
    first = bench.said[0].risk
    return Group(
        Text(f"{len(bench.said)} labelled functions, {visible(f'{first.engine}: {first.model}')}", style="bold"),
        *_functions(bench.said),
        Text(),
        _confusion(bench.said),
        Text(),
        _rates(bench),
        Text(
            "positive: does not halt; unknown counts as missed there; Brier: of the functions with a probability",
            style=palette.FAINT,
        ),
        _spent(bench),
    )


def _functions(said: Sequence[scores.Said]) -> Iterator[RenderableType]:
    for one in said:
        mark, style = {True: ("✓", palette.SOUND), False: ("✗", palette.BROKEN), None: ("?", palette.FAINT)}[one.right]
        place = visible(f"{one.label.file}::{one.label.name}")
        told = one.risk
        probability = "" if told.probability is None else f" ({told.probability:.2f})"
        labelled = "halts" if one.label.halts else "does not halt"
        yield Text(f"{mark} {place}: labelled {labelled}, said: {told.kind}{probability}", style=style, overflow="fold")
        yield Text(f"    {visible(told.reason[:_LONG])}", style=palette.FAINT, overflow="fold")
        if one.right is False:
            yield Text(f"    label: {visible(one.label.why)}", overflow="fold")


def _confusion(said: Sequence[scores.Said]) -> RenderableType:
    table = _table("label", *(kind.value for kind in risk.Kind))
    found = scores.table(said)
    for name, halts in (("halts", True), ("does not halt", False)):
        table.add_row(name, *(str(found.get((halts, kind), 0)) for kind in risk.Kind))
    return table


def _rates(bench: scores.Bench) -> RenderableType:
    table = _table("kind", "functions", "precision", "recall", "abstained", "Brier")
    for kind, said in (*bench.kinds().items(), ("all", bench.said)):
        counted = scores.counted(said)
        figures = (counted.precision, counted.recall, scores.abstention(said), scores.brier(said))
        table.add_row(visible(kind), str(len(said)), *map(_figure, figures))
    return table


def _spent(bench: scores.Bench) -> RenderableType:
    usage = bench.usage
    return Text(
        f"{words.seconds(bench.seconds)}; tokens: {usage.prompt_tokens:,} in prompts, of which {usage.cached_tokens:,} "
        f"were cached, and {usage.completion_tokens:,} in answers; ${bench.dollars:.4f}"
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table
