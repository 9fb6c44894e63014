"""Functions tried with small inputs in the sandbox: which calls end, which repeat themselves, how the effort grows."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from gatekeeper.halting import calls, growth, inputs, loops, purity, risk, source

# of one watched call, and of one that did not end watched and is run by itself, in WebAssembly instructions; looking at
# a loop costs about twenty times the run
WATCHED = 300_000_000
ALONE = 1_000_000_000
# what the import of its module may take, and the least that a call is taken to take beyond it
_LOADING = 5_000_000_000
_LEAST = 100_000
# share of the calls that a function takes from which what they do is usual
_USUAL = 2 / 3
# calls of one function that are run by themselves
_AGAIN = 10
# how much more a call must take than another that is at least as large, to be one that does not end
_APART = 20
# arguments up to this size are small: no call of them should need a deep stack, or billions of instructions
SMALL = 10.0
# the same of what a test gives, to which a function should not go as deep as the stack allows
_TESTED = 50.0
# sizes at which the growth is measured, each twice the one before; as many must end
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_FEWEST = 4
_BETWEEN = 8


class How(StrEnum):
    """How a call ended."""

    RETURNED = "returned"
    RAISED = "raised"
    # deeper than the stack allows
    RECURSION = "recursion"
    REPEATED = "repeated"
    # out of instructions, or of seconds
    UNENDED = "unended"
    # it could not be tried: the module does not load there, or needs what the sandbox lacks
    LACKING = "lacking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A call to be tried."""

    # file of the tree that the function is in; empty: the call needs none
    path: str
    # an expression in the module's own names
    call: str
    loops: tuple[purity.Loop, ...]
    # WebAssembly instructions that it may take
    fuel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What became of it."""

    how: How
    # WebAssembly instructions, those of the start and of the module's import included
    fuel: int
    # given where a loop repeated itself: its 1-based line and name -> `repr` of the values
    line: int | None = None
    state: tuple[tuple[str, str], ...] = ()
    # what the sandbox lacks
    why: str = ""


class Executor(Protocol):
    """Something that evaluates calls in a tree, sealed off."""

    def probe(self, probes: Sequence[Probe], seconds: float) -> Sequence[Probed]:
        """Return what became of each probe, in order; what is not done within `seconds` is `lacking`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """All that was tried of one function."""

    evidence: tuple[risk.Evidence, ...]
    # calls that could not be tried, and why the first could not
    lacking: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A call with what became of it."""

    call: inputs.Call
    probed: Probed


def attempt(
    suspect: loops.Suspect,
    known: calls.Calls,
    tests: Iterable[str],
    executor: Executor,
    left: Callable[[], float],
) -> Tried:
    """Try the function with what its tests give it and with small values; `left` tells the seconds that are left."""
    module = known.module(suspect.path)
    assert module is not None, "a suspect's file parses"
    found = inputs.of(suspect.function, known, tests)
    if not found:
        return Tried(evidence=(), why="no input for it can be made from its annotations")
    trying = _Trying(suspect, tuple(_watched(suspect.function, module)), executor, left)
    if why := trying.load():
        return Tried(evidence=(), lacking=len(found), why=why)
    made = trying.watch(found)
    unended = [one.call for one in sorted(made, key=_order) if one.probed.how is How.UNENDED]
    # what was watched was slow: only what is run again by itself tells
    made = [one for one in made if one.probed.how is not How.UNENDED]
    if not any(one.probed.how is How.REPEATED for one in made):
        made.extend(trying.again(unended[:_AGAIN]))
    lacking = [one for one in made if one.probed.how is How.LACKING]
    shown = [*_evidence(made)]
    if not any(isinstance(item, risk.Repetition) for item in shown) and len(lacking) < len(made):
        shown.extend(_growth(trying.grown(known)))
    return Tried(
        evidence=tuple(shown),
        lacking=len(lacking),
        why=lacking[0].probed.why if lacking else "",
    )


class _Trying:
    def __init__(
        self,
        suspect: loops.Suspect,
        watched: tuple[purity.Loop, ...],
        executor: Executor,
        left: Callable[[], float],
    ) -> None:
        self._suspect, self._watched, self._executor, self._left = suspect, watched, executor, left
        # what a call takes that does nothing: the start, and the import of the module
        self._start = 0

    def load(self) -> str:
        """Learn what the start takes; return why nothing can be tried, or the empty text."""
        nothing = Probe(path=self._suspect.path, call="None", loops=(), fuel=_LOADING)
        (probed,) = self._executor.probe([nothing], max(self._left(), 0.0))
        self._start = probed.fuel
        match probed.how:
            case How.RETURNED:
                return ""
            case How.UNENDED:
                return "its module takes too long to load"
            case _:
                return probed.why or "its module cannot be loaded"

    def watch(self, found: Sequence[inputs.Call]) -> list[_Made]:
        return self._run(found, self._watched, WATCHED)

    def again(self, found: Sequence[inputs.Call]) -> Iterator[_Made]:
        """Run the calls by themselves, two at a time, until one does not end either."""
        for start in range(0, len(found), 2):
            made = self._run(found[start : start + 2], (), ALONE)
            yield from made
            if any(one.probed.how is How.UNENDED for one in made):
                return

    def grown(self, known: calls.Calls) -> list[_Made]:
        """Run calls of growing size, and more of them between the last that ended and the first that did not."""
        made = self._run(inputs.growing(self._suspect.function, known, _SIZES), (), WATCHED)
        sizes = [int(one.call.size or 0) for one in made if one.probed.how is How.RETURNED]
        beyond = [int(one.call.size or 0) for one in made if one.probed.how is How.UNENDED]
        if sizes and beyond and max(sizes) < min(beyond):
            step = max((min(beyond) - max(sizes)) // _BETWEEN, 1)
            finer = range(max(sizes) + step, min(beyond), step)
            made.extend(self._run(inputs.growing(self._suspect.function, known, finer), (), WATCHED))
        return made

    def _run(self, found: Sequence[inputs.Call], watched: tuple[purity.Loop, ...], fuel: int) -> list[_Made]:
        allowed = self._start + fuel
        probes = [Probe(path=self._suspect.path, call=one.text, loops=watched, fuel=allowed) for one in found]
        done = self._executor.probe(probes, max(self._left(), 0.0))
        return [_Made(call=call, probed=self._net(probed)) for call, probed in zip(found, done, strict=True)]

    def _net(self, probed: Probed) -> Probed:
        return replace(probed, fuel=max(probed.fuel - self._start, _LEAST))


def _watched(function: source.Function, module: source.Module) -> Iterable[purity.Loop]:
    return purity.loops(function, module)


def _order(one: _Made) -> float:
    return math.inf if one.call.size is None else one.call.size


def _evidence(made: Sequence[_Made]) -> Iterable[risk.Evidence]:
    """Yield what the calls show, the strongest first."""
    by_size = sorted(made, key=_order)
    for one in sorted(by_size, key=_doubt):
        if one.probed.how is How.REPEATED and one.probed.line is not None:
            guessed = one.call.guessed and not _is_usual(made)
            yield risk.Repetition(
                call=one.call.text,
                line=one.probed.line,
                state=one.probed.state,
                guessed=guessed,
                odd=one.call.odd,
            )
            break
    deep = [one for one in by_size if one.probed.how is How.RECURSION and _order(one) <= _shallow(one)]
    if deep:
        first = min(deep, key=_doubt)
        yield risk.Recursion(call=first.call.text, guessed=first.call.guessed, odd=first.call.odd)
    ended = [one for one in by_size if one.probed.how in {How.RETURNED, How.RAISED}]
    yield from _unended([one for one in by_size if one.probed.how is How.UNENDED], ended)
    if ended:
        longest = max(ended, key=lambda one: one.probed.fuel)
        yield risk.Ended(calls=len(ended), fuel=longest.probed.fuel, longest=longest.call.text)


def _doubt(one: _Made) -> int:
    """Return how little tells that the function takes what a call gives."""
    return one.call.guessed + (one.call.guessed and one.call.odd)


def _shallow(one: _Made) -> float:
    """Return up to which size the arguments of a call need no deep stack."""
    return _TESTED if one.call.tested else SMALL


def _is_usual(made: Sequence[_Made]) -> bool:
    """Whether most of the calls that the function takes repeat themselves: then it is made for values like these."""
    taken = [one for one in made if one.probed.how is not How.LACKING]
    return sum(one.probed.how is How.REPEATED for one in taken) >= _USUAL * len(taken)


def _unended(unended: Sequence[_Made], ended: Sequence[_Made]) -> Iterable[risk.Evidence]:
    """Yield the call that most likely does not end: the one beside which a call at least as large ended soonest."""
    for one in sorted((one for one in unended if one.call.size is None or one.call.size <= SMALL), key=_doubt):
        larger = [other for other in ended if _order(one) <= _order(other) < math.inf or one.call.size is None]
        cheap = min(larger, key=lambda other: other.probed.fuel, default=None)
        if cheap is not None and cheap.probed.fuel * _APART <= one.probed.fuel:
            yield replace(_one_unended(one), other=cheap.call.text, other_fuel=cheap.probed.fuel)
            return
    if unended:
        yield _one_unended(unended[0])


def _one_unended(one: _Made) -> risk.Unended:
    small = one.call.size is None or one.call.size <= SMALL
    guessed, odd = one.call.guessed, one.call.odd
    return risk.Unended(call=one.call.text, small=small, fuel=one.probed.fuel, guessed=guessed, odd=odd)


def _growth(made: Sequence[_Made]) -> Iterable[risk.Growth]:
    """Yield the law by which fuel grows, where enough calls of growing size returned."""
    points = [(one.call.size or 0.0, one.probed.fuel) for one in made if one.probed.how is How.RETURNED]
    if len(points) >= _FEWEST:
        yield growth.of(sorted(points), cut=any(one.probed.how is How.UNENDED for one in made))
