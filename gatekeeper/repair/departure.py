"""Where a failing test's run first departs from its run before the change: its explanation. Pure.

Lines are held against each other through the diff. Where the two traces cannot be, or what was kept of them ends
before they differ, nothing is said.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.diffs import diff
from gatekeeper.repair import cause, undo
from gatekeeper.simulation import trace

Place = tuple[str, int] | tuple[str, int, str]


def find(before: trace.Trace, after: trace.Trace, change: diff.Diff) -> cause.Departure | None:
    """Return the first difference of two traces of one test; None where there is none in what was kept."""
    lines = _Lines(change)
    old, new = (list(_unrolled(_kept(one))) for one in (before, after))
    at, there, previous = 0, 0, None
    while at < len(old) and there < len(new):
        mine, its = old[at], new[there]
        place, other = lines.of_before(mine.frame), lines.of_after(its.frame)
        if place == other and len(place) == 3:  # noqa: PLR2004 - lines of one changed block, of unequal number
            at = _past(old, at, place, lines.of_before)
            there = _past(new, there, place, lines.of_after)
            previous = None
            continue
        if place != other or mine.frame.event is not its.frame.event:
            return _elsewhere(after.test, previous, mine, its)
        if (found := _differing(after.test, mine, its)) is not None:
            return found
        at, there, previous = at + 1, there + 1, its
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    frame: trace.Frame
    # every local, also those that did not change
    values: Mapping[str, str]


def _kept(one: trace.Trace) -> Sequence[trace.Frame]:
    return one.head if one.left_out else (*one.head, *one.tail)


def _unrolled(frames: Sequence[trace.Frame]) -> Iterator[_Moment]:
    scopes: list[dict[str, str]] = [{}]
    for frame in frames:
        if frame.event is trace.Event.CALL:
            scopes.append({})
        known = scopes[-1]
        values = {name: known.get(name, value) if value == trace.UNCHANGED else value
                  for name, value in frame.locals.items()}  # fmt: skip
        known.update(values)
        yield _Moment(frame=frame, values=values)
        if frame.event is trace.Event.RETURN and len(scopes) > 1:
            scopes.pop()


class _Lines:
    """Lines of either side as places that can be held against each other: those of the judged tree, or of one block."""

    def __init__(self, change: diff.Diff) -> None:
        self._blocks: dict[str, list[undo.Block]] = {}
        self._after: dict[str, list[undo.Block]] = {}
        for file in change.files:
            if file.before is None or file.after is None:
                continue
            blocks = [block for hunk in file.hunks for block in undo.blocks(hunk, file.before, file.after)]
            self._blocks[file.before], self._after[file.after] = blocks, blocks

    def of_before(self, frame: trace.Frame) -> Place:
        shift = 0
        for block in self._blocks.get(frame.path, ()):
            if frame.line < block.before_start:
                break
            shift = block.after_start - block.before_start
            if frame.line < block.before_start + block.removed and block.added != block.removed:
                return block.after, block.after_start, "block"
            if frame.line >= block.before_start + block.removed:
                shift += block.added - block.removed
        blocks = self._blocks.get(frame.path)
        return blocks[0].after if blocks else frame.path, frame.line + shift

    def of_after(self, frame: trace.Frame) -> Place:
        for block in self._after.get(frame.path, ()):
            if block.after_start <= frame.line < block.after_start + block.added and block.added != block.removed:
                return block.after, block.after_start, "block"
        return frame.path, frame.line


def _past(moments: Sequence[_Moment], at: int, place: Place, of: Callable[[trace.Frame], Place]) -> int:
    while at < len(moments) and of(moments[at].frame) == place:
        at += 1
    return at


def _differing(test: str, mine: _Moment, its: _Moment) -> cause.Departure | None:
    frame = its.frame
    pairs = [(name, mine.values[name], value) for name, value in its.values.items() if name in mine.values]
    if mine.frame.value is not None and frame.value is not None:
        name = "raise" if frame.event is trace.Event.EXCEPTION else "return"
        pairs.append((name, mine.frame.value, frame.value))
    for name, before, after in pairs:
        if before != after:
            return cause.Departure(test=test, path=frame.path, line=frame.line, name=name, before=before, after=after)
    return None


def _elsewhere(test: str, previous: _Moment | None, mine: _Moment, its: _Moment) -> cause.Departure | None:
    """Return that the runs go on with other lines; None where they may only seem to."""
    sources = mine.frame.source.strip(), its.frame.source.strip()
    if previous is None or sources[0] == sources[1] or not all(sources):
        return None
    frame = previous.frame
    return cause.Departure(test=test, path=frame.path, line=frame.line, name="", before=sources[0], after=sources[1])
