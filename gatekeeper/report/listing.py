"""The list of recorded reviews for the terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gatekeeper import review
from gatekeeper.report import palette, words
from gatekeeper.report.visible import visible

# characters of a repository's name
_WIDE = 20


def render(reviews: Iterable[review.Listed]) -> RenderableType:
    """Return a table of reviews in the order given."""
    table = Table(box=None, header_style=palette.FAINT, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("Review", "When", "Repository", "Change", "Verdict"):
        table.add_column(name, no_wrap=name != "Repository", overflow="ellipsis")
    for name in ("Tests", "Time"):
        table.add_column(name, no_wrap=True, justify="right")
    for row in reviews:
        table.add_row(*_cells(row))
    return table


def _cells(row: review.Listed) -> tuple[Text, ...]:
    glyph, style = palette.CONCLUSIONS[row.conclusion]
    return (
        Text(visible(row.id[:8])),
        Text(row.started.astimezone().strftime("%Y-%m-%d %H:%M")),
        Text(_end(visible(row.repository))),
        Text(f"{visible(row.base[:7])}..{visible(row.head[:7])}", style=palette.FAINT),
        Text(f"{glyph} {words.outcome(row)}", style=style),
        Text(f"{row.selected}/{row.of}"),
        Text(words.seconds(row.seconds), style=palette.FAINT),
    )


def _end(path: str) -> str:
    """Return the end of a path, which says more than its start."""
    return path if len(path) <= _WIDE else f"\N{HORIZONTAL ELLIPSIS}{path[-_WIDE:]}"
