"""What calls were seen to do -> a test file that holds it, and the sentence that says what was found."""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from gatekeeper.unreached import observed, targets

# characters of a call, a value and a message that a sentence shows
_CALL, _VALUE = 80, 60


def raisable(target: targets.Target) -> frozenset[str]:
    """Return the exceptions that a test of the function can name: built-in ones, and those of its module."""
    return target.names | {name for name in dir(builtins) if _is_exception(name)}


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name)
    return isinstance(found, type) and issubclass(found, Exception)


def text(target: targets.Target, pins: Sequence[observed.Pin]) -> str:
    """Return a test file that passes where the calls do what they were seen to do."""
    returning = [pin for pin in pins if pin.seen.how is observed.How.RETURNED]
    raising = [pin for pin in pins if pin.seen.how is observed.How.RAISED]
    lines = [*map(_asserted, returning)]
    parts = [_imports(target, pins, needs_pytest=bool(raising) or any("pytest." in line for line in lines))]
    if returning:
        parts.append("\n".join([f"def test_{slug(target.function.name)}():", *(f"    {line}" for line in lines)]))
    if raising:
        parts.append("\n".join([f"def test_{slug(target.function.name)}_raises():", *_raising(raising)]))
    return "\n\n\n".join(parts) + "\n"


def slug(name: str) -> str:
    """Return a function's name as a part of a test's."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace(".", "_").lower()
    return re.sub(r"_+", "_", words).strip("_")[:60] or "function"


def _imports(target: targets.Target, pins: Sequence[observed.Pin], *, needs_pytest: bool) -> str:
    nodes = (node for pin in pins for node in ast.walk(ast.parse(pin.call, mode="eval")))
    own = {target.function.name.partition(".")[0], *(node.id for node in nodes if isinstance(node, ast.Name))}
    own &= target.names | {target.function.name.partition(".")[0]}
    own |= {pin.seen.kind for pin in pins if pin.seen.kind in target.names}
    line = f"from {target.module} import {', '.join(sorted(own))}"
    return f"import pytest\n\n{line}" if needs_pytest else line


def _asserted(pin: observed.Pin) -> str:
    if pin.seen.value == "None":
        return f"assert {pin.call} is None"
    if not pin.seen.literal:
        # what it returned cannot be written down: that it returns is what is held
        return pin.call
    value = ast.literal_eval(pin.seen.value)
    if isinstance(value, bool):
        return f"assert {pin.call} is {value}"
    if observed.is_inexact(value):
        return f"assert {pin.call} == pytest.approx({pin.seen.value})"
    return f"assert {pin.call} == {pin.seen.value}"


def _raising(raising: Sequence[observed.Pin]) -> Iterator[str]:
    for pin in raising:
        yield f"    with pytest.raises({pin.seen.kind}):"
        yield f"        {pin.call}"


def found(target: targets.Target, pins: Sequence[observed.Pin]) -> str:
    """Return what the calls of a test were seen to do, as one sentence."""
    differing = [pin for pin in pins if pin.instead is not None]
    calls = "1 call does" if len(pins) == 1 else f"{len(pins)} calls do"
    if target.before is None:
        raising = [pin for pin in pins if pin.seen.how is observed.How.RAISED]
        shown = f"{_call(raising[0])} {_did(raising[0].seen)}" if raising else ""
        held = f"the test holds what {len(pins)} call{'s' * (len(pins) != 1)} of it did after the change"
        return f"was not there before; {shown + '; ' if shown else ''}{held}"
    if not differing:
        return f"passes on both: {calls} what {'it' if len(pins) == 1 else 'they'} did before the change"
    first = differing[0]
    assert first.instead is not None
    more = len(differing) - 1
    others = f"; {more} more of {len(pins)} calls differ{'s' * (more == 1)}" if more else ""
    return f"{_call(first)} {_did(first.instead)} after the change; before it {_past(first.seen)}{others}"


def _call(pin: observed.Pin) -> str:
    return _cut(pin.call, _CALL)


def _did(seen: observed.Seen) -> str:
    match seen.how:
        case observed.How.RETURNED:
            return f"returns {_cut(seen.value, _VALUE)}"
        case observed.How.RAISED:
            return f"raises {_cut(seen.said, _VALUE)}"
        case observed.How.UNENDED:
            return "does not end within its budget"
        case observed.How.UNLOADED:
            return f"cannot be made, for its module raises {_cut(seen.said, _VALUE)},"
        case observed.How.LACKING:
            return f"could not be tried ({_cut(seen.said, _VALUE)})"


def _past(seen: observed.Seen) -> str:
    return _did(seen).replace("returns ", "returned ", 1).replace("raises ", "raised ", 1)


def _cut(said: str, most: int) -> str:
    return said if len(said) <= most else f"{said[: most - 1]}…"
