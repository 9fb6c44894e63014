"""The steps of a test's run, and of what a model imagined of it, to go through one by one. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from gatekeeper.report import difflines, sidebyside, unrolled
from gatekeeper.simulation import trace

# path -> 1-based line -> its text
Sources = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One step."""

    pair: sidebyside.Pair
    # 1-based, counting the frames that were not kept
    number: int
    # whether both sides are here, and differ; behind frames that were not kept nothing is compared
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A local, or what is returned or raised, on both sides; None where a side has none."""

    name: str
    executed: str | None
    predicted: str | None
    # whether the leading side just gave it this value
    changed: bool
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of source around a step."""

    # None: lines of which nothing is known
    number: int | None
    text: str
    # where the run is; where the model is, if elsewhere in the same file
    here: bool = False
    predicted: bool = False
    # whether the change added it
    added: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """What ran, and what was imagined; a side that there is not is None, and at least one is there."""

    executed: trace.Trace | None
    imagined: trace.Trace | None
    # the changed files, for lines that no frame stands at
    changed: tuple[difflines.Part, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether there are two sides."""
        return self.executed is not None and self.imagined is not None

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """The steps, by their place in both traces: first those from the start, then the last ones."""
        # before the first departure nothing differs, also where one side was cut and the other goes on
        first = len(self._pairs) if self.departure is None else self.departure
        begun = (
            Stop(pair=pair, number=place + 1, differs=place >= first and self._both.differs(place))
            for place, pair in enumerate(self._pairs)
        )
        return (*begun, *self._ending)

    @cached_property
    def departure(self) -> int | None:
        """0-based place of the first step at which the two differ; None where they do not, as far as is known."""
        return self._both.departure

    @property
    def gap(self) -> int | None:
        """0-based place of the first stop behind frames that were not kept; None where all were."""
        return len(self._pairs) if len(self.stops) > len(self._pairs) else None

    @property
    def left_out(self) -> int:
        """How many frames were not kept, of the side that lacks most."""
        return max(side.left_out for side in (self.executed, self.imagined) if side is not None)

    @cached_property
    def sources(self) -> Sources:
        """The lines that are known: those that frames stand at, and those that the diff shows."""
        known: dict[str, dict[int, str]] = {}
        for path, number, text in self._lines():
            known.setdefault(path, {})[number] = text
        return known

    @cached_property
    def added(self) -> frozenset[tuple[str | None, int | None]]:
        """Path and number of the lines that the change added."""
        return frozenset((path, line.after) for path, line in _of(self.changed) if line.mark == "+")

    @cached_property
    def _both(self) -> sidebyside.Both:
        return sidebyside.Both(
            executed=_begun(self.executed),
            predicted=_begun(self.imagined),
            executed_whole=_whole(self.executed),
            predicted_whole=_whole(self.imagined),
        )

    @property
    def _pairs(self) -> tuple[sidebyside.Pair, ...]:
        return self._both.pairs

    @property
    def _ending(self) -> Iterator[Stop]:
        ran, said = _ended(self.executed), _ended(self.imagined)
        for place in range(max(len(ran), len(said))):
            mine = ran[place] if place < len(ran) else None
            its = said[place] if place < len(said) else None
            behind = self.executed if mine else self.imagined
            assert behind is not None
            number = len(behind.head) + behind.left_out + place + 1
            yield Stop(pair=sidebyside.Pair(executed=mine, predicted=its), number=number, differs=False)

    def _lines(self) -> Iterator[tuple[str, int, str]]:
        for path, line in _of(self.changed):
            if path is not None and line.after is not None:
                yield path, line.after, line.text
        for side in (self.imagined, self.executed):
            for frame in (*side.head, *side.tail) if side else ():
                yield frame.path, frame.line, frame.source


def values(stop: Stop) -> tuple[Value, ...]:
    """Return the locals of both sides, in the order of the leading one, and what is returned or raised last."""
    pair = stop.pair
    ran, said = (_known(moment) for moment in (pair.executed, pair.predicted))
    new = {local.name for local in pair.leading.locals if local.changed}
    return tuple(
        Value(
            name=name,
            executed=ran.get(name),
            predicted=said.get(name),
            changed=name in new,
            differs=stop.differs and not pair.elsewhere and ran.get(name) != said.get(name),
        )
        for name in {**ran, **said}
    )


def outcome(stop: Stop) -> Value | None:
    """Return what is returned or raised at a step; None where nothing is."""
    ran, said = (moment.frame.value if moment else None for moment in (stop.pair.executed, stop.pair.predicted))
    if ran is None and said is None:
        return None
    raised = stop.pair.leading.frame.event is trace.Event.EXCEPTION
    return Value(
        name="raised" if raised else "returned",
        executed=ran,
        predicted=said,
        changed=True,
        differs=stop.differs and ran != said,
    )


def around(run: Run, stop: Stop, reach: int) -> tuple[Line, ...]:
    """Return the known lines up to `reach` lines from where the step is; unknown ones between them are one Line."""
    frame = stop.pair.leading.frame
    other = stop.pair.predicted.frame if stop.pair.predicted else None
    known = run.sources.get(frame.path, {})
    near = sorted(number for number in known if abs(number - frame.line) <= reach)
    shown: list[Line] = []
    for number in near:
        if shown and shown[-1].number != number - 1:
            shown.append(Line(number=None, text=""))
        shown.append(
            Line(
                number=number,
                text=known[number],
                here=number == frame.line,
                predicted=other is not None and (other.path, other.line) == (frame.path, number) != _at(frame),
                added=(frame.path, number) in run.added,
            )
        )
    return tuple(shown)


def _at(frame: trace.Frame) -> tuple[str, int]:
    return frame.path, frame.line


def _known(moment: unrolled.Moment | None) -> dict[str, str]:
    """Return the locals whose values were kept."""
    return {local.name: local.value for local in (moment.locals if moment else ()) if local.value != trace.UNCHANGED}


def _begun(side: trace.Trace | None) -> tuple[trace.Frame, ...] | None:
    if side is None:
        return None
    return side.head if side.left_out else (*side.head, *side.tail)


def _ended(side: trace.Trace | None) -> tuple[unrolled.Moment, ...]:
    return tuple(unrolled.unroll(side.tail)) if side is not None and side.left_out else ()


def _whole(side: trace.Trace | None) -> bool:
    return side is None or not side.left_out


def _of(changed: Iterable[difflines.Part]) -> Iterator[tuple[str | None, difflines.Line]]:
    for part in changed:
        for hunk in part.hunks:
            for line in hunk.lines:
                yield part.change.after, line
