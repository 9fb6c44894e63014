"""A Trace as a table: where, the source, and what just changed."""

from collections.abc import Iterator

from gatekeeper.report import steps
from gatekeeper.report.github import markdown
from gatekeeper.simulation import trace

# characters of a source line, of a value; and locals in one cell
_SOURCE = 120
_VALUE = 80
_LOCALS = 6

_SIGNS = {
    trace.Event.CALL: "call",
    trace.Event.LINE: "",
    trace.Event.RETURN: "return",
    trace.Event.EXCEPTION: "raise",
}


def render(run: trace.Trace, *, last: int) -> str:
    """Return the `last` steps of a run, which are the ones that lead to its end."""
    known = list(steps.steps(run))
    rows = list(_rows(known[-last:]))
    earlier = _count(known[:-last])
    note = [f"{markdown.counted(earlier, 'earlier step')} left out.\n"] if earlier else []
    return "\n".join([*note, markdown.table(("Line", "", "Source", "Changed"), rows)])


def _count(earlier: list[steps.Step | int]) -> int:
    return sum(step if isinstance(step, int) else 1 for step in earlier)


def _rows(shown: list[steps.Step | int]) -> Iterator[tuple[str, ...]]:
    scope = None
    for step in shown:
        if isinstance(step, int):
            yield "", "", f"{markdown.counted(step, 'step')} left out", ""
            scope = None
            continue
        frame = step.frame
        if scope != (frame.path, frame.scope):
            scope = (frame.path, frame.scope)
            yield "", "", f"{markdown.cell(frame.path)} {markdown.cell(frame.scope)}", ""
        yield f"{frame.line:,}", _SIGNS[frame.event], markdown.cell(frame.source, _SOURCE), _values(step)


def _values(step: steps.Step) -> str:
    if step.frame.value is not None:
        return markdown.cell(step.frame.value, _VALUE)
    changed = [local for local in step.locals if local.changed]
    shown = [f"{markdown.cell(local.name)} = {markdown.cell(local.value, _VALUE)}" for local in changed[:_LOCALS]]
    return ", ".join([*shown, *markdown.more(len(changed) - _LOCALS, "local")])
