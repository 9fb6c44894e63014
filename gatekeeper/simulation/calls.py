"""The calls that the frames of an imagined trace enter and leave, each at the places where it can be."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gatekeeper.simulation import flow, flow_scopes, imagined, trace
from gatekeeper.simulation.program_lines import ProgramLines

# places where one frame can be; a line that reads alike in more places cannot be followed
_PLACES = 256
# steps from place to place in one trace: an honest one takes a few for each frame
_WORK = 1_500_000
_SHOWN = 80

Steps = dict[flow.Position, flow.Position | None]


class ImpossibleError(Exception):
    """A frame cannot stand where it does; the message is one sentence for people."""


@dataclass(eq=False, slots=True, kw_only=True)
class Call:
    """One call that was entered."""

    # where it can be
    places: Steps
    # number of its last frame; None: it was entered before the first
    last: int | None = None
    # names that were ever set
    known: set[str] = field(default_factory=set)
    # its last frame is an EXCEPTION
    raised: bool = False
    # `repr` of the last exception in it, and the numbers of the frames that it came through, innermost first
    value: str | None = None
    chain: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How the first call was left."""

    # None: its frames do not tell
    raised: bool | None
    value: str
    chain: tuple[int, ...]


class Calls:
    """Follows frames one by one."""

    def __init__(self, lines: ProgramLines, ways: flow.Flow) -> None:
        """Begin in the program's entry point, if it has one."""
        self.exit: Exit | None = None
        self._lines, self._ways = lines, ways
        self._stack: list[Call] = []
        self._sources: list[str] = []
        # for each frame: where it can be -> where the call's frame before it is then; and that frame's number
        self._told: list[Steps] = []
        self._before: list[int | None] = []
        # the call that the last frame left, perhaps by an exception
        self._left: Call | None = None
        # names that were set in a generator or coroutine that rests
        self._resting: dict[flow_scopes.Scope, set[str]] = {}
        self._work = 0
        if lines.entry is not None:
            self._stack.append(Call(places=dict.fromkeys(ways.entered([lines.entry]))))

    def take(self, step: imagined.Step) -> None:
        """Follow one more frame. Raises ImpossibleError, and is not to be asked again then."""
        numbers = self._lines.numbers(step.source)
        if not numbers:
            raise ImpossibleError(f"the line {shown(step.source)} is not in the program")
        if self.exit is not None:
            raise ImpossibleError(f"{shown(step.source)} comes after the entry point was left")
        left, self._left = self._left, None
        match step.event:
            case trace.Event.CALL:
                self._enter(step, numbers)
            case trace.Event.LINE:
                self._run(step, numbers)
            case trace.Event.EXCEPTION:
                self._raise(step, numbers, left)
            case trace.Event.RETURN:
                self._leave(step, numbers)

    def unwound(self) -> Exit | None:
        """Return how the first call was left, where the trace ends behind its last frame."""
        if self.exit is not None or not self._stack:
            return self.exit
        first = self._stack[0]
        if first.raised and first.last == len(self._told) - 1 and self._escapes(first):
            return Exit(raised=True, value=first.value or "", chain=tuple(first.chain))
        return None

    def places(self) -> list[flow.Position]:
        """Return one place for each frame, such that each follows from the one before in its call."""
        chosen: dict[int, flow.Position] = {}
        for number in range(len(self._told) - 1, -1, -1):
            here = chosen.setdefault(number, next(iter(self._told[number])))
            before, came = self._before[number], self._told[number][here]
            if before is not None and came is not None:
                chosen[before] = came
        return [chosen[number] for number in range(len(self._told))]

    def _enter(self, step: imagined.Step, numbers: Sequence[int]) -> None:
        if not self._told and self._lines.entry in numbers:
            self._stack.clear()
        found = self._kept(step, ((place, None) for place in self._ways.entered(numbers)))
        if not found:
            raise ImpossibleError(f"no call begins at {shown(step.source)}")
        known = set[str]().union(*(self._resting.get(place.scope, ()) for place in found if not place.node.start))
        call = Call(places={}, known=known)
        self._tell(call, step, self._likely_first(found))
        self._stack.append(call)

    def _run(self, step: imagined.Step, numbers: Sequence[int]) -> None:
        def onward(call: Call) -> Iterator[tuple[flow.Position, flow.Position]]:
            for place in call.places:
                self._work += len(self._ways.reach(place, raised=call.raised).nodes)
                for following in self._ways.followed(place, numbers, raised=call.raised):
                    yield following, place

        call, found = self._moved(step, numbers, onward)
        self._tell(call, step, found)
        call.raised = False

    def _raise(self, step: imagined.Step, numbers: Sequence[int], left: Call | None) -> None:
        def onward(call: Call) -> Iterator[tuple[flow.Position, flow.Position]]:
            if call is inner and call.raised and call.value == step.value and not _ends_iteration(call.value):
                # the same again: it has left that call
                return
            for place in call.places:
                self._work += len(self._ways.reach(place, raised=False).nodes)
                yield from ((thrown, place) for thrown in self._ways.thrown(place, numbers))

        inner = self._stack[-1] if len(self._stack) > 1 else None
        depth = len(self._stack)
        innermost = self._stack[-1] if self._stack else None
        call, found = self._moved(step, numbers, onward)
        if len(self._stack) < depth:
            left = innermost
        self._tell(call, step, found)
        call.chain = left.chain if left is not None and left.value == step.value else []
        call.chain.append(len(self._told) - 1)
        call.raised, call.value = True, step.value

    def _leave(self, step: imagined.Step, numbers: Sequence[int]) -> None:
        exits: list[flow.Left] = []

        def onward(call: Call) -> Iterator[tuple[flow.Position, flow.Position]]:
            for place in call.places:
                left = self._ways.left(place, numbers, raised=call.raised)
                if left is not None:
                    exits.append(left)
                    yield flow.Position(place.scope, place.node, left.line), place

        call, found = self._moved(step, numbers, onward)
        returns = any(left.returns for left in exits)
        raises = any(left.raises for left in exits) and not (returns and step.value not in {None, "", "None"})
        self._tell(call, step, found)
        for place in found:
            if place.scope.resumes:
                self._resting.setdefault(place.scope, set()).update(call.known)
        self._stack.pop()
        self._left = call if raises else None
        if not self._stack:
            raised = None if returns and raises else raises
            value = (call.value if raised else step.value) or ""
            self.exit = Exit(raised=raised, value=value, chain=tuple(call.chain))

    def _moved(
        self,
        step: imagined.Step,
        numbers: Sequence[int],
        onward: Callable[[Call], Iterator[tuple[flow.Position, flow.Position]]],
    ) -> tuple[Call, Steps]:
        """Return the innermost call that can take the frame; the calls within it have been left by an exception."""
        for depth in range(len(self._stack), 0, -1):
            call = self._stack[depth - 1]
            found = self._kept(step, onward(call))
            if found:
                del self._stack[depth:]
                return call, found
            if not (call.raised and self._escapes(call)):
                break
        raise self._impossible(step, numbers)

    def _kept(self, step: imagined.Step, steps: Iterable[tuple[flow.Position, flow.Position | None]]) -> Steps:
        found: Steps = {}
        for place, before in steps:
            self._work += 1
            found.setdefault(place, before)
            if len(found) > _PLACES or self._work > _WORK:
                raise ImpossibleError(f"{shown(step.source)} stands in too many places to tell which is meant")
        return found

    def _tell(self, call: Call, step: imagined.Step, found: Steps) -> None:
        """Keep a frame; the names that it calls unchanged must be known."""
        for name, value in step.locals.items():
            if value == trace.UNCHANGED and name not in call.known:
                raise ImpossibleError(f"{shown(name)} is said to be unchanged, and was never set")
        call.known.update(step.locals)
        self._told.append(found)
        self._before.append(call.last)
        self._sources.append(step.source)
        call.places, call.last = found, len(self._told) - 1

    def _escapes(self, call: Call) -> bool:
        return any(self._ways.reach(place, raised=True).escapes for place in call.places)

    def _likely_first(self, found: Steps) -> Steps:
        """Return the places with the likeliest first, as far as the caller's line tells."""
        if len(found) == 1 or not self._stack or (last := self._stack[-1].last) is None:
            return found
        caller = next(iter(self._stack[-1].places))
        words = set(re.findall(r"\w+", self._sources[last]))

        def unlikely(place: flow.Position) -> tuple[bool, bool, bool]:
            scope = place.scope
            within = scope.name.startswith(f"{caller.scope.name}.<locals>")
            return words.isdisjoint(scope.name.split(".")), not within, not scope.first <= caller.line <= scope.last

        return dict.fromkeys(sorted(found, key=unlikely))

    def _impossible(self, step: imagined.Step, numbers: Sequence[int]) -> ImpossibleError:
        line = shown(step.source)
        if not self._stack:
            return ImpossibleError(f"the trace begins with {line}, which is no call")
        if step.event is trace.Event.RETURN and not any(self._has(call, numbers) for call in self._stack):
            return ImpossibleError(f"a scope returned at {line} that was never entered")
        last = self._stack[-1].last
        if last is None:
            return ImpossibleError(f"the entry point cannot begin with {line}")
        return ImpossibleError(f"{line} cannot follow {shown(self._sources[last])}")

    def _has(self, call: Call, numbers: Sequence[int]) -> bool:
        scopes = {place.scope for place in call.places}
        return any(scope.first <= number <= scope.last for scope in scopes for number in numbers)


def _ends_iteration(value: str | None) -> bool:
    return (value or "").startswith(("StopIteration", "StopAsyncIteration"))


def shown(text: str) -> str:
    """Return a text of a program or a model as a message shows it: short, and of printable characters alone."""
    line = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:1000])
    line = line.strip().replace("`", "'")
    return f"`{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}`"
