"""The functions that may be at fault, as a model is shown them. Pure."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatekeeper.repair import functions, proposer, undo, units
from gatekeeper.simulation import prediction
from gatekeeper.simulation.program import masks

# parts that are shown, and characters of all of them
MOST, LONGEST = 4, 16_000
# lines above and below one that is in no function
AROUND = 8
# isolated lines that are all suspected alike
CLOSE = 3
# places that are looked at
_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines of one file at head that a model may write anew."""

    source: functions.Source
    # the file's lines without their endings; what looks like a secret is masked
    shown: tuple[str, ...]
    # 1-based first and last line
    start: int
    end: int
    # None: the lines are in no function
    function: functions.Function | None

    @property
    def name(self) -> str:
        """What it is, for people and models."""
        return self.function.name if self.function else "lines of the module"

    @property
    def lines(self) -> Sequence[str]:
        """Its lines, as they are shown."""
        return self.shown[self.start - 1 : self.end]

    def holds(self, place: prediction.Location) -> bool:
        """Whether the line is one of these."""
        return place.path == self.source.path and self.start <= place.line <= self.end


def choose(asked: proposer.Asked) -> tuple[Part, ...]:
    """Return the parts, likeliest first; empty where no function that may be mended is suspected.

    Neither test files nor files that head has otherwise, or that do not parse, have parts.
    """
    known: dict[str, tuple[functions.Source, tuple[str, ...]] | None] = {}
    found: list[Part] = []
    room = LONGEST
    for place in dict.fromkeys(itertools.islice(_places(asked), _LOOKED_AT)):
        if len(found) == MOST:
            break
        if any(part.holds(place) for part in found):
            continue
        if place.path not in known:
            known[place.path] = _read(asked.of, place.path)
        file = known[place.path]
        part = _part(*file, place.line) if file else None
        size = sum(len(line) + 1 for line in part.lines) if part else 0
        if part and size <= room:
            found.append(part)
            room -= size
    return tuple(found)


def _places(asked: proposer.Asked) -> Iterator[prediction.Location]:
    """Yield the lines that may be at fault: isolated ones, those on the way, those run last, all that were changed.

    Which of many isolated lines is at fault is told by those that were run.
    """
    culprit = asked.culprit
    isolated = list(_lines(culprit.lines)) if culprit and culprit.exact else []
    if len(isolated) <= CLOSE:
        yield from isolated
    yield from [asked.fault.at, *asked.fault.frames] if asked.fault.at else asked.fault.frames
    yield from culprit.touched if culprit else ()
    if trace := asked.said.trace:
        run = (prediction.Location(path=frame.path, line=frame.line) for frame in reversed((*trace.head, *trace.tail)))
        yield from (place for place in run if asked.of.diff.touches(place.path, place.line))
    yield from isolated
    yield from _lines(culprit.blocks if culprit else ())
    yield from _lines(units.read(asked.of).units)


def _lines(found: Sequence[units.Unit]) -> Iterator[prediction.Location]:
    for unit in found:
        for line in range(unit.start, max(unit.end, unit.start) + 1):
            yield prediction.Location(path=unit.path, line=line)


def _read(of: units.Change, path: str) -> tuple[functions.Source, tuple[str, ...]] | None:
    # what installs a project was read when the sandbox was prepared, and is not read again
    if not path.endswith(".py") or path.rpartition("/")[2] == "setup.py" or of.is_test(path) or not of.mendable(path):
        return None
    content = undo.plain(of.after, path)
    source = functions.read(path, content) if content and len(content) <= units.LONGEST else None
    shown = masked(source) if source else None
    return (source, shown) if source and shown else None


def masked(source: functions.Source) -> tuple[str, ...] | None:
    """Return the file's lines as they may be shown; None where what may be a secret cannot be told."""
    try:
        shown = masks.text(source.text).split("\n")[: len(source.lines)]
    except (SyntaxError, RecursionError):
        return None
    return tuple(line.rstrip("\r") for line in shown)


def _part(source: functions.Source, shown: tuple[str, ...], line: int) -> Part | None:
    if not 1 <= line <= len(shown) or not shown[line - 1].strip():
        return None
    function = next((one for one in source.functions if one.first <= line <= one.end), None)
    if function:
        return Part(source=source, shown=shown, start=function.first, end=function.end, function=function)
    above = max((one.end for one in source.functions if one.end < line), default=0)
    below = min((one.first for one in source.functions if one.first > line), default=len(shown) + 1)
    start, end = max(above + 1, line - AROUND), min(below - 1, line + AROUND)
    return Part(source=source, shown=shown, start=start, end=end, function=None)
