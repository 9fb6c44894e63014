from collections.abc import Sequence

from gatekeeper.diffs import parse
from gatekeeper.repair import departure
from gatekeeper.simulation import trace
from tests.unit import repair_diffs

_BASE = "def total(items):\n    found = 0\n    for item in items:\n        found += item\n    return found\n"
# one line more above, one in the place of another
_HEAD = '"""Sums."""\n' + _BASE.replace("found += item", "found -= item")
_CHANGE = parse.parse(repair_diffs.diff({"a.py": _BASE}, {"a.py": _HEAD}))

CALL, LINE, RETURN = trace.Event.CALL, trace.Event.LINE, trace.Event.RETURN


def _frame(event: trace.Event, line: int, value: str | None = None, /, **values: str) -> trace.Frame:
    return trace.Frame(
        event=event, path="a.py", line=line, scope="total", source=f"line {line}", locals=values, value=value
    )


def _trace(*frames: trace.Frame, left_out: int = 0, tail: Sequence[trace.Frame] = ()) -> trace.Trace:
    return trace.Trace(test="t", head=frames, left_out=left_out, tail=tuple(tail))


_BEFORE = (
    _frame(CALL, 1, items="[2]"),
    _frame(LINE, 2, items=".."),
    _frame(LINE, 3, items="..", found="0"),
    _frame(LINE, 4, items="..", found="..", item="2"),
    _frame(LINE, 3, items="..", found="2", item=".."),
    _frame(LINE, 5, items="..", found="..", item=".."),
    _frame(RETURN, 5, "2"),
)
_AFTER = (
    _frame(CALL, 2, items="[2]"),
    _frame(LINE, 3, items=".."),
    _frame(LINE, 4, items="..", found="0"),
    _frame(LINE, 5, items="..", found="..", item="2"),
    _frame(LINE, 4, items="..", found="-2", item=".."),
    _frame(LINE, 6, items="..", found="..", item=".."),
    _frame(RETURN, 6, "-2"),
)


def test_the_first_local_that_differs_is_the_departure_whatever_lines_were_moved() -> None:
    found = departure.find(_trace(*_BEFORE), _trace(*_AFTER), _CHANGE)

    assert found is not None
    assert (found.path, found.line, found.name) == ("a.py", 4, "found")
    assert str(found) == "base: found = 2 · head: found = -2"


def test_runs_that_are_alike_do_not_depart() -> None:
    same = (*_AFTER[:4], _frame(LINE, 4, items="..", found="2", item=".."))

    assert departure.find(_trace(*_BEFORE[:5]), _trace(*same), _CHANGE) is None


def test_nothing_is_said_beyond_what_was_kept_of_either() -> None:
    cut = _trace(*_AFTER[:3], left_out=40, tail=_AFTER[4:])

    assert departure.find(_trace(*_BEFORE), cut, _CHANGE) is None


def test_another_next_line_is_the_departure() -> None:
    other = (*_AFTER[:3], _frame(LINE, 6, items="..", found=".."))

    found = departure.find(_trace(*_BEFORE), _trace(*other), _CHANGE)

    assert found is not None
    assert (found.line, str(found)) == (4, "base: goes on with line 4 · head: goes on with line 6")


def test_what_is_returned_is_compared() -> None:
    before = (_frame(CALL, 1, items="[]"), _frame(RETURN, 5, "1"))
    after = (_frame(CALL, 2, items="[]"), _frame(RETURN, 6, "2"))

    assert str(departure.find(_trace(*before), _trace(*after), _CHANGE)) == "base: return 1 · head: return 2"


def test_lines_in_the_place_of_more_lines_are_passed_over() -> None:
    base, head = "a = 1\nb = 2\nc = 3\nd = 4\n", "a = 1\nbc = 23\nd = 4\n"
    change = parse.parse(repair_diffs.diff({"a.py": base}, {"a.py": head}))
    before = [_frame(LINE, line, a="1") for line in (1, 2, 3)] + [_frame(LINE, 4, a="7")]
    after = [_frame(LINE, line, a="1") for line in (1, 2)] + [_frame(LINE, 3, a="8")]

    found = departure.find(_trace(*before), _trace(*after), change)

    assert found is not None
    assert (found.line, found.before, found.after) == (3, "7", "8")
