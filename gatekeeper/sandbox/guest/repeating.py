"""Watch `while` loops of a call for a state that comes back: at the same instruction, with the same values.

The host says which loops, and on which of their lines nothing is half done: it read their text, and knows that there a
state that comes back proves that the loop never ends.
"""

import inspect
import math
import struct
import sys

import pytest

ROOT = "/repo/"
# values of one state, and characters or bytes of one of them; beyond them no state is kept
VALUES = 20_000
LONGEST = 1_000_000
# bits of an integer
BITS = 1_000_000
_ENDLESS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


class Repeated(BaseException):
    """Ends a call one of whose loops was seen to repeat itself."""


class Unlike(Exception):
    """A value is of a kind whose equality tells too little, or there is too much of it."""


class Watcher:
    """Runs a call, or each test's own code, until a loop that is watched repeats itself."""

    complete = False

    def __init__(self, watched: dict, tell) -> None:
        # file -> its loops
        self.files = {ROOT + path: [Loop(found) for found in loops] for path, loops in watched.items()}
        self.tell, self.test = tell, ""
        # frame -> what is known of it
        self.watched = {}

    def run(self, function):
        """Return what `function()` does. Raises Repeated where it would never return."""
        sys.settrace(self._enter)
        try:
            return function()
        finally:
            sys.settrace(None)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item):
        self.test = item.nodeid
        sys.settrace(self._enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)

    def _enter(self, frame, event, argument):
        code = frame.f_code
        if code.co_filename not in self.files or code.co_flags & _ENDLESS:
            return None
        loops = [loop for loop in self.files[code.co_filename] if loop.within(code)]
        if not loops or _runs_already(frame):
            return None
        self.watched[frame] = Frame(loops)
        return self._inside

    def _inside(self, frame, event, argument):
        if event == "return":
            self.watched.pop(frame, None)
            return None
        if event == "line":
            # tracing stops meanwhile
            sys.settrace(None)
            found = self.watched[frame].step(frame)
            if found is not None:
                path = frame.f_code.co_filename.removeprefix(ROOT)
                told = {"test": self.test, "path": path, "line": found.first, "state": found.shown(frame)}
                self.tell({"event": "repeated", **told})
                raise Repeated
            sys.settrace(self._enter)
        return self._inside


class Loop:
    """A loop as the host describes it."""

    def __init__(self, told: dict) -> None:
        self.first, self.last = told["first"], told["last"]
        self.lines, self.sets = frozenset(told["lines"]), told["sets"]
        # what decides, and what is only added to, which must be apart from it
        self.names, self.added_to = told["names"], told["added_to"]

    def within(self, code) -> bool:
        """Whether the loop is the code's own."""
        lines = [line for _, _, line in code.co_lines() if line]
        own = bool(lines) and code.co_firstlineno <= self.first and self.last <= max(lines, default=0)
        inner = [part for part in code.co_consts if inspect.iscode(part) and part.co_firstlineno <= self.first]
        return own and not any(self.within(part) for part in inner)

    def shown(self, frame) -> dict:
        """Return the values by name, as `repr`."""
        return {name: repr(value)[:200] for name, value in _values(self.names, frame)[:20]}

    def state(self, frame) -> list:
        """Return what is the same for two states only if they are. Raises Unlike."""
        grown = [value for _, value in _values(self.added_to, frame) if type(value) not in _SCALARS]
        if not all(type(value) in {list, set, tuple} for value in grown):
            # adding to it may do anything
            raise Unlike
        apart = set(map(id, grown))
        return canonical(_values(self.names, frame), apart, sets=self.sets)


def _values(names: list, frame) -> list:
    """Return the names that are set, with their values."""
    found, known = [], frame.f_locals
    for name in names:
        if name in known:
            found.append((name, known[name]))
        elif name not in frame.f_code.co_varnames and name in frame.f_globals:
            found.append((name, frame.f_globals[name]))
    return found


class Frame:
    """One run of a function: the line before, and what is remembered of each loop."""

    def __init__(self, loops: list) -> None:
        self.line = None
        self.memories = [Memory(loop) for loop in loops]

    def step(self, frame):
        """Return the loop that repeats itself with this line; None where none does."""
        line, before = frame.f_lineno, self.line
        self.line = line
        for memory in self.memories:
            if not memory.loop.first <= line <= memory.loop.last:
                memory.forget()
            elif line != before and line in memory.loop.lines and memory.is_repeated(frame):
                return memory.loop
        return None


class Memory:
    """An earlier state of a loop, taken anew after 1, 2, 4, 8 ... looks, so that every circle is found (Brent 1980)."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.forget()

    def forget(self) -> None:
        """Begin anew: the loop was left."""
        self.at, self.state, self.looks, self.until = None, None, 0, 1

    def is_repeated(self, frame) -> bool:
        """Whether the state is the one that is remembered."""
        self.looks += 1
        due = self.looks >= self.until
        if frame.f_lasti != self.at and not due:
            return False
        try:
            state = self.loop.state(frame)
        except Unlike:
            self.state = None
            return False
        if frame.f_lasti == self.at and state == self.state:
            return True
        if due:
            self.at, self.state, self.looks, self.until = frame.f_lasti, state, 0, 2 * self.until
        return False


def canonical(values: list, apart: set, *, sets: bool) -> list:
    """Return values, their exact types, and what is shared. Raises Unlike, also for one that is to be apart."""
    said, numbers, waiting = [], {}, [value for pair in reversed(values) for value in reversed(pair)]
    while waiting:
        value = waiting.pop()
        if len(said) + len(waiting) > VALUES:
            raise Unlike
        kind = type(value)
        if kind in _SCALARS:
            said.append((kind.__name__, _scalar(value, kind)))
            continue
        if id(value) in numbers:
            said.append(("again", numbers[id(value)]))
            continue
        if id(value) in apart:
            raise Unlike
        numbers[id(value)] = len(numbers)
        parts = _parts(value, kind, sets)
        said.append((kind.__name__, len(parts)))
        waiting.extend(reversed(parts))
    return said


_SCALARS = frozenset({int, bool, str, bytes, type(None), float})


def _scalar(value, kind):
    if kind is float:
        if math.isnan(value):
            # no two need be the same
            raise Unlike
        return struct.pack("<d", value)
    if (value.bit_length() > BITS) if kind is int else kind in {str, bytes} and len(value) > LONGEST:
        raise Unlike
    return value


def _parts(value, kind, sets: bool) -> list:
    if kind in {list, tuple}:
        return list(value)
    if kind is dict:
        return [part for pair in value.items() for part in pair]
    if kind in {set, frozenset} and sets:
        try:
            return sorted(value)
        except TypeError:
            raise Unlike from None
    if kind is range:
        return [value.start, value.stop, value.step]
    raise Unlike


def _runs_already(frame) -> bool:
    """Whether one of the callers runs the same code."""
    caller = frame.f_back
    while caller is not None:
        if caller.f_code is frame.f_code:
            return True
        caller = caller.f_back
    return False
