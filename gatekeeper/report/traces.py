"""A Trace for the terminal, step by step."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gatekeeper.report import palette, steps
from gatekeeper.report.visible import visible
from gatekeeper.simulation import trace

_SIGNS = {
    trace.Event.CALL: ("call", palette.FAINT),
    trace.Event.LINE: ("", ""),
    trace.Event.RETURN: ("return", palette.FAINT),
    trace.Event.EXCEPTION: ("raise", palette.BROKEN),
}


def render(run: trace.Trace) -> RenderableType:
    """Return the steps of a run: where, the source, and the locals that just changed."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(justify="right", style=palette.FAINT, no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(overflow="fold", ratio=1)
    scope = None
    for step in steps.steps(run):
        if isinstance(step, int):
            table.add_row("", "", Text(f"{step} steps left out", style=palette.FAINT))
            scope = None
            continue
        if scope != (step.frame.path, step.frame.scope):
            scope = (step.frame.path, step.frame.scope)
            where = f"{step.frame.path} {step.frame.scope}"
            table.add_row("", "", Text(visible(where), style=palette.FAINT))
        sign, style = _SIGNS[step.frame.event]
        table.add_row(str(step.frame.line), Text(sign, style=style), Text(visible(step.frame.source)), _values(step))
    return Group(Text(visible(run.test), style="bold", overflow="fold"), table)


def _values(step: steps.Step) -> Text:
    if step.frame.value is not None:
        return Text(visible(step.frame.value), style=palette.CHANGED)
    shown = Text()
    for local in step.locals:
        if local.changed:
            shown.append(f"{', ' if shown else ''}{visible(local.name)} = ")
            shown.append(visible(local.value), style=palette.CHANGED)
    return shown
