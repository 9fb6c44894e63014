"""Steps of a trace for the terminal: one with its source, locals and stack, or all in a table."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gatekeeper.report import palette, sidebyside, unrolled
from gatekeeper.report.visible import visible
from gatekeeper.simulation import trace

# path, "" for what was written for the program -> its lines
Sources = Callable[[str], Sequence[str]]

# lines of source around the current one, and open calls, that are shown
_AROUND, _DEEP = 5, 12
_DIFFERS = "\N{NOT EQUAL TO}"
_SAID = {
    trace.Event.CALL: "is called",
    trace.Event.LINE: "is about to run this line",
    trace.Event.RETURN: "returns",
    trace.Event.EXCEPTION: "raises",
}
_SIGNS = {
    trace.Event.CALL: ("call", palette.FAINT),
    trace.Event.LINE: ("", ""),
    trace.Event.RETURN: ("return", palette.FAINT),
    trace.Event.EXCEPTION: ("raise", palette.BROKEN),
}


def view(both: sidebyside.Both, number: int, sources: Sources) -> RenderableType:
    """Return what there is to see at a 0-based step."""
    pair = both.pairs[number]
    return Group(
        _heading(both, number),
        *_around(pair, sources),
        Text(),
        _locals(both, pair),
        *_stack(pair.leading),
    )


def table(both: sidebyside.Both) -> RenderableType:
    """Return all steps: where, the source, what has changed; where the two traces differ, both are shown."""
    rows = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    rows.add_column("", no_wrap=True)
    rows.add_column("step", justify="right", style=palette.FAINT, no_wrap=True)
    rows.add_column("line", justify="right", style=palette.FAINT, no_wrap=True)
    rows.add_column("", no_wrap=True)
    rows.add_column("source", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in _sides(both):
        rows.add_column(name, overflow="fold", ratio=1)
    scope = None
    for number, pair in enumerate(both.pairs):
        own = pair.leading.stack[-1]
        if scope != (own.path, own.scope):
            scope = (own.path, own.scope)
            rows.add_row("", "", "", "", Text(visible(_named(own)), style=palette.FAINT))
        rows.add_row(*_row(both, number, pair))
    return rows


def _row(both: sidebyside.Both, number: int, pair: sidebyside.Pair) -> Iterator[RenderableType]:
    frame = pair.leading.frame
    sign, style = _SIGNS[frame.event]
    differs = both.differs(number)
    yield Text(_DIFFERS if differs else " ", style=palette.BROKEN)
    yield str(number + 1)
    yield str(frame.line)
    yield Text(sign, style=style)
    yield Text(visible(frame.source))
    for moment in _shown(both, pair):
        yield _changes(moment, pair, differs=differs)


def _changes(moment: unrolled.Moment | None, pair: sidebyside.Pair, *, differs: bool) -> Text:
    """Return what is new at a moment; of one that differs also where it is and each value that differs."""
    if moment is None:
        return Text("-", style=palette.FAINT)
    shown = Text()
    if differs and pair.elsewhere and pair.executed is not None:
        place = moment.stack[-1]
        shown.append(f"{visible(_named(place))}:{place.line} {moment.frame.event} ", style=palette.FAINT)
    if moment.frame.value is not None:
        return shown + Text(visible(moment.frame.value), style=_style(differs=differs and not pair.same_value))
    for local in moment.locals:
        if local.changed or local.name in pair.differing:
            shown.append(f"{', ' if shown else ''}{visible(local.name)} = ")
            shown.append(visible(local.value), style=_style(differs=differs and local.name in pair.differing))
    return shown


def _heading(both: sidebyside.Both, number: int) -> RenderableType:
    pair = both.pairs[number]
    leading = pair.leading
    own = leading.stack[-1]
    heading = Text(f"step {number + 1} of {len(both.pairs)}", style="bold")
    heading.append(f"  {visible(_named(own))}:{own.line} {_SAID[leading.frame.event]}", style="not bold")
    if both.differs(number):
        where = "  the first departure" if number == both.departure else "  differs"
        heading.append(f"{where} {_DIFFERS}", style=palette.BROKEN)
    return heading


def _around(pair: sidebyside.Pair, sources: Sources) -> Iterator[Text]:
    """Yield the lines around the current one; where the model is on another of them, that is marked too."""
    frame = pair.leading.frame
    other = pair.predicted.frame if pair.predicted else None
    lines = sources(frame.path)
    for number in range(max(1, frame.line - _AROUND), min(len(lines), frame.line + _AROUND) + 1):
        here = number == frame.line
        predicted = other is not None and (other.path, other.line) == (frame.path, number) and not here
        mark = palette.HERE if here else _DIFFERS if predicted else " "
        style = "bold" if here else palette.BROKEN if predicted else palette.FAINT
        yield Text(f"{mark} {number:>5}  {visible(lines[number - 1])}", style=style, no_wrap=True, overflow="ellipsis")


def _locals(both: sidebyside.Both, pair: sidebyside.Pair) -> RenderableType:
    rows = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=palette.FAINT)
    rows.add_column("", no_wrap=True)
    rows.add_column("local")
    for name in _sides(both):
        rows.add_column(name, overflow="fold", ratio=1)
    moments = _shown(both, pair)
    names = dict.fromkeys(local.name for moment in moments if moment for local in moment.locals)
    for name in names:
        differs = both.compared and name in pair.differing
        mark = Text(_DIFFERS if differs else " ", style=palette.BROKEN)
        rows.add_row(mark, visible(name), *(_local(moment, name, differs=differs) for moment in moments))
    if any(moment and moment.frame.value is not None for moment in moments):
        differs = both.compared and not pair.same_value
        mark = Text(_DIFFERS if differs else " ", style=palette.BROKEN)
        word = "raised" if pair.leading.frame.event is trace.Event.EXCEPTION else "returned"
        rows.add_row(mark, Text(word, style=palette.FAINT), *(_value(moment, differs=differs) for moment in moments))
    return rows if rows.row_count else Text("  no locals", style=palette.FAINT)


def _local(moment: unrolled.Moment | None, name: str, *, differs: bool) -> Text:
    found = next((local for local in moment.locals if local.name == name), None) if moment else None
    if found is None:
        return Text("-", style=palette.FAINT)
    return Text(visible(found.value), style=_style(differs=differs) if differs or found.changed else "")


def _value(moment: unrolled.Moment | None, *, differs: bool) -> Text:
    if moment is None or moment.frame.value is None:
        return Text("-", style=palette.FAINT)
    return Text(visible(moment.frame.value), style=_style(differs=differs))


def _stack(moment: unrolled.Moment) -> Iterator[Text]:
    yield Text("\nstack, innermost first", style=palette.FAINT)
    places = moment.stack[::-1]
    for place in places[:_DEEP]:
        yield Text(f"  {visible(_named(place))}:{place.line}", overflow="fold")
    if len(places) > _DEEP:
        yield Text(f"  and {len(places) - _DEEP} more calls", style=palette.FAINT)


def _sides(both: sidebyside.Both) -> list[str]:
    named = {"executed": both.executed, "predicted": both.predicted}
    return [name for name, frames in named.items() if frames is not None]


def _shown(both: sidebyside.Both, pair: sidebyside.Pair) -> list[unrolled.Moment | None]:
    moments = {"executed": pair.executed, "predicted": pair.predicted}
    return [moments[name] for name in _sides(both)]


def _style(*, differs: bool) -> str:
    return palette.BROKEN if differs else palette.CHANGED


def _named(place: unrolled.Place) -> str:
    return f"{place.path} {place.scope}" if place.path else f"the call, {place.scope}"
