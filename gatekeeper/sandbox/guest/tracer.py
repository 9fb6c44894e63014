"""Record the frames of a test: which, in order, with the locals as `repr`.

Two passes, since `repr` of every local at every line costs a hundred times the run: the first counts frames and tells
where it is, the second describes only the frames wanted.
"""

import hashlib
import linecache
import re
import sys

import pytest

ROOT = "/repo/"
CUT = 200
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")


class Enough(BaseException):
    """Ends a test whose frames are all described."""


class Tracer:
    """Counts or describes the frames of each test, and of its module's import, while they run."""

    def __init__(self, wanted: dict, tell) -> None:
        self.tell = tell
        # test -> [head, tail, end]: describe frames below `head`, and those from `tail` on below `end`; None: count
        self.windows = wanted["windows"]
        self.test, self.window = "", None
        self.count = 0
        self.visited = set()
        self.last = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item):
        self._begin(item.nodeid)
        return (yield from self._traced())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item):
        return (yield from self._traced())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector):
        self._begin(collector.nodeid)
        return (yield from self._traced())

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid):
        self.tell({"event": "counted", "test": self.test, "frames": self.count})

    def _begin(self, test: str) -> None:
        self.test, self.window = test, (self.windows or {}).get(test)
        self.count = 0
        self.visited.clear()
        self.last.clear()

    def _traced(self):
        if self.windows is None or self.window is not None:
            sys.settrace(self._enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)

    def _enter(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(ROOT):
            return None
        # a frame's id is used again once the frame is gone
        self.last.pop(id(frame), None)
        self._step(frame, "call", None)
        return self._inside

    def _inside(self, frame, event, argument):
        self._step(frame, event, argument)
        return self._inside

    def _step(self, frame, event, argument) -> None:
        number, self.count = self.count, self.count + 1
        if self.window is None:
            self._locate(frame, number)
            return
        head, tail, end = self.window
        if number < head or tail <= number < end:
            self._describe(frame, event, argument, number)
        elif number >= end:
            sys.settrace(None)
            raise Enough

    def _locate(self, frame, number: int) -> None:
        """Tell where the test is on each line's first visit, then ever more rarely."""
        place = (frame.f_code, frame.f_lineno)
        if place not in self.visited or number & (number - 1) == 0 or number % 65536 == 0:
            self.visited.add(place)
            place = {"path": _path(frame), "line": frame.f_lineno}
            self.tell({"event": "reached", "test": self.test, "frames": number, **place})

    def _describe(self, frame, event, argument, number: int) -> None:
        # tracing stops while a tree's `repr` runs
        sys.settrace(None)
        described = describe(frame, event, argument, self.last)
        self.tell({"event": "frame", "test": self.test, "number": number, "frame": described})
        sys.settrace(self._enter)


def describe(frame, event, argument, last: dict) -> dict:
    """Return what the host is told of one step; `last` keeps each live frame's locals as they were told."""
    described = {
        "event": event, "path": _path(frame), "line": frame.f_lineno, "scope": frame.f_code.co_qualname,
        "source": linecache.getline(frame.f_code.co_filename, frame.f_lineno).rstrip("\r\n")[:CUT],
        "locals": {}, "value": None,
    }  # fmt: skip
    if event in {"call", "line"}:
        described["locals"] = _locals(frame, last)
    else:
        described["value"] = text(argument[1] if event == "exception" else argument)
    return described


def _locals(frame, last: dict) -> dict:
    before = last.get(id(frame), {})
    now = {name: text(value) for name, value in frame.f_locals.items() if name.isidentifier()}
    last[id(frame)] = now
    return {name: ".." if before.get(name) == value else value for name, value in now.items()}


def _path(frame) -> str:
    return frame.f_code.co_filename.removeprefix(ROOT)


def text(value) -> str:
    """Return `repr(value)` without addresses, cut with its length and digest where it is long."""
    try:
        said = repr(value)
    except Exception as error:  # a tree's own `__repr__` may raise anything
        return f"<{type(value).__name__}: repr raised {type(error).__name__}>"
    said = ADDRESS.sub("0x…", said)
    if len(said) <= CUT:
        return said
    digest = hashlib.sha256(said.encode(errors="replace")).hexdigest()[:12]
    return f"{said[:CUT]}… ({len(said)} characters, sha256 {digest})"
