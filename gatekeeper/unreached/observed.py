"""What calls of a function do, before and after the change, and which of them are worth a line of a test."""

import ast
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.simulation import masking
from gatekeeper.unreached import trials

# lines of one test that hold what is returned, and what is raised
MOST, RAISING = 10, 3
# characters of a value that a line holds
_LONGEST = 160
# what a function raises of values that it was not made for
_UNFIT = frozenset({"TypeError", "AttributeError", "NameError"})
# nobody tests for these
_BEYOND = frozenset({"SystemExit", "KeyboardInterrupt", "GeneratorExit", "MemoryError", "RecursionError"})
# as `pytest.approx` takes it
_CLOSE = 1e-6
# how much more a call must take than before, to be one that does not end
_SLOWER = 10


class How(StrEnum):
    """How a call ended."""

    RETURNED = "returned"
    RAISED = "raised"
    # out of instructions, or of seconds
    UNENDED = "unended"
    # its module could not be imported, for another reason than the sandbox
    UNLOADED = "unloaded"
    # it could not be tried, or the sandbox lacks what it takes
    LACKING = "lacking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one call did in one tree."""

    how: How
    # `repr` of what it returned, cut where it is long; "" otherwise
    value: str = ""
    # `Type: message`, first line; what is lacking; "" otherwise
    said: str = ""
    # WebAssembly instructions; the first call's have its module's import among them
    fuel: int = 0

    @property
    def kind(self) -> str:
        """Return the name of the exception's type; "" where none was raised."""
        return self.said.partition(":")[0] if self.how in {How.RAISED, How.UNLOADED} else ""

    @property
    def literal(self) -> bool:
        """Whether what was returned can be written as a literal that is equal to it."""
        if self.how is not How.RETURNED or len(self.value) > _LONGEST:
            return False
        try:
            return ast.literal_eval(self.value) is not None
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A call that a test makes, and what it did where it was observed."""

    call: str
    seen: Seen
    # what it does after the change instead; None: the same
    instead: Seen | None = None


def shown(seen: Seen, call: str) -> Seen:
    """Return what was seen; where it, or the call, looks like a secret, that there is nothing to be shown."""
    if masking.masked(call, seen.value) != seen.value or masking.masked("", f"{call} {seen.said}") == masking.MASK:
        return Seen(how=How.LACKING, said="it looks like a secret")
    return seen


def pins(
    tried: Sequence[trials.Trial], before: Sequence[Seen] | None, after: Sequence[Seen], raisable: frozenset[str]
) -> tuple[Pin, ...]:
    """Return the calls that are worth a line, those first that the change makes do something else.

    `before`: None where the function is new, so that there is only what it does now. `raisable`: the exceptions that a
    test can name.
    """
    if before is None:
        found = [Pin(call=one.text, seen=seen) for one, seen in zip(tried, after, strict=True)]
    else:
        pairs = zip(tried, before, after, strict=True)
        found = [
            Pin(call=one.text, seen=was, instead=None if same(was, now) else now)
            for one, was, now in pairs
            if now.how is not How.LACKING
        ]
    guessed = {one.text for one in tried if one.guessed}
    worth = [pin for pin in found if _is_worth(pin, raisable, guessed=pin.call in guessed)]
    differing = [pin for pin in worth if pin.instead is not None]
    if not differing and all(pin.seen.how is How.RAISED for pin in worth):
        # that a function takes none of these values says nothing of what it is for
        return ()
    return tuple(_chosen(differing, [pin for pin in worth if pin.instead is None]))


def _is_slow(was: Seen, now: Seen) -> bool:
    """Whether a call that does not end may only have become slower."""
    return now.how is How.UNENDED and was.fuel * _SLOWER > now.fuel


def _is_worth(pin: Pin, raisable: frozenset[str], *, guessed: bool) -> bool:
    if pin.instead is not None and _is_slow(pin.seen, pin.instead):
        return False
    match pin.seen.how:
        case How.RETURNED:
            if pin.instead is None:
                return pin.seen.literal
            # what cannot be written down still tells where something is raised instead
            return pin.seen.literal or pin.seen.value == "None" or pin.instead.how is not How.RETURNED
        case How.RAISED:
            return not guessed and pin.seen.kind in raisable - _UNFIT - _BEYOND
        case How.UNENDED | How.UNLOADED | How.LACKING:
            return False


def same(was: Seen, now: Seen) -> bool:
    """Whether two calls did the same, as far as a test can tell: values that no literal says are taken to be."""
    if was.how is not now.how:
        return False
    if was.how is not How.RETURNED:
        return was.kind == now.kind
    if was.literal and now.literal:
        return _equal(ast.literal_eval(was.value), ast.literal_eval(now.value))
    return not (was.literal or now.literal) and (was.value == "None") is (now.value == "None")


def _equal(was: object, now: object) -> bool:
    """Whether the line that holds `was` passes with `now`."""
    if isinstance(was, bool):
        return was is now
    if is_inexact(was):
        return isinstance(now, int | float) and math.isclose(float(str(was)), float(now), rel_tol=_CLOSE)
    return was == now


def is_inexact(value: object) -> bool:
    """Whether a value is a number with a fraction, of which the last digits may differ between machines."""
    return isinstance(value, float) and math.isfinite(value) and not value.is_integer()


def _chosen(differing: Sequence[Pin], others: Sequence[Pin]) -> Iterator[Pin]:
    """Yield those that differ, then the others, of each those first that say what none before them said."""
    ordered = [*_in_turn(differing), *_in_turn(others)]
    raising = [pin for pin in ordered if pin.seen.how is How.RAISED][:RAISING]
    returning = [pin for pin in ordered if pin.seen.how is How.RETURNED][:MOST]
    kept = {pin.call for pin in (*raising, *returning)}
    yield from (pin for pin in ordered if pin.call in kept)


def _in_turn(pins: Sequence[Pin]) -> list[Pin]:
    """Return one of each shape of value, then another of each; values that were there already come last."""
    said: set[str] = set()
    ranked: dict[int, tuple[bool, int, int]] = {}
    shapes: Counter[str] = Counter()
    for number, pin in enumerate(pins):
        text, shape = pin.seen.value or pin.seen.kind, _shape(pin.seen)
        ranked[number] = (text in said, shapes[shape], number)
        said.add(text)
        shapes[shape] += 1
    return [pins[number] for number in sorted(ranked, key=lambda one: ranked[one])]


def _shape(seen: Seen) -> str:
    """Return what values that are much alike have in common: type, length or sign."""
    if not seen.literal:
        return seen.kind or seen.value[:20]
    match ast.literal_eval(seen.value):
        case bool() as value:
            return str(value)
        case int() | float() as number:
            return f"{type(number).__name__} {(number > 0) - (number < 0)} {len(str(number))}"
        case str() | bytes() | list() | tuple() | dict() | set() as many:
            return f"{type(many).__name__} {len(many)}"
        case other:
            return type(other).__name__
