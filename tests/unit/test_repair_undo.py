from collections.abc import Mapping, Sequence

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.diffs import parse
from gatekeeper.repair import proposal, text, undo
from gatekeeper.simulation import prediction
from tests.fakes import memory_tree

Files = Mapping[str, str | bytes]

_BEFORE = "".join(f"line_{number} = {number}\n" for number in range(1, 31))
_AFTER = (
    _BEFORE.replace("line_4 = 4\n", "line_4 = four\n")
    .replace("line_6 = 6\n", "line_6 = six\nline_6 = 6.0\n")
    .replace("line_8 = 8\n", "")
    .replace("line_20 = 20\n", "line_20 = twenty\n")
)


def _place(path: str, line: int) -> prediction.Location:
    return prediction.Location(path=path, line=line)


def _fault(at: prediction.Location | None, *frames: prediction.Location, name: str = "f") -> proposal.Fault:
    return proposal.Fault(fingerprint=name, at=at, frames=frames, tests=("tests/test_a.py::test_a",))


def _diff(before: Files, after: Files) -> str:
    paths = sorted({*before, *after})
    return "".join(_patch(path, before.get(path), after.get(path)) for path in paths)


def _patch(path: str, before: str | bytes | None, after: str | bytes | None) -> str:
    old, new = (content.encode() if isinstance(content, str) else content for content in (before, after))
    made = pygit2.Patch.create_from(old, new, path, path)
    return made.data.decode("utf-8", "surrogateescape") if old != new else ""


def _propose(
    before: Files, after: Files, *faults: proposal.Fault, head: Files | None = None
) -> Sequence[proposal.Proposal]:
    old, new, there = (memory_tree.MemoryTree(files) for files in (before, after, after if head is None else head))
    change = parse.parse(_diff(before, after))
    return list(undo.propose(faults, change, old, new, there, lambda path: path.startswith("tests/")))


def _undone(before: Files, after: Files, *faults: proposal.Fault, head: Files | None = None) -> list[str]:
    return [text.replaced(one.text, one.replacement) for one in _propose(before, after, *faults, head=head)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(4, _AFTER.replace("four", "4"), id="a line replaced"),
        pytest.param(6, _AFTER.replace("line_6 = six\nline_6 = 6.0\n", "line_6 = 6\n"), id="first of two lines"),
        pytest.param(7, _AFTER.replace("line_6 = six\nline_6 = 6.0\n", "line_6 = 6\n"), id="second of two lines"),
        pytest.param(9, _AFTER.replace("line_9 ", "line_8 = 8\nline_9 "), id="the line after one removed"),
        pytest.param(20, _AFTER.replace("twenty", "20"), id="another hunk"),
    ],
)
def test_only_the_block_at_fault_is_taken_back(line: int, expected: str) -> None:
    assert _undone({"a.py": _BEFORE}, {"a.py": _AFTER}, _fault(_place("a.py", line))) == [expected]


def test_a_line_that_was_not_changed_leads_nowhere_where_much_was_changed() -> None:
    assert _undone({"a.py": _BEFORE}, {"a.py": _AFTER}, _fault(_place("a.py", 15))) == []


def test_a_small_change_is_searched_block_by_block_in_the_file_at_fault_first() -> None:
    before = {"a.py": "one = 1\n", "b.py": "one = 1\nkept = 1\ntwo = 2\n"}
    after = {"a.py": "one = 2\n", "b.py": "one = 3\nkept = 1\ntwo = 4\n"}

    found = _propose(before, after, _fault(_place("b.py", 2)))

    assert [(one.replacement.path, one.replacement.start) for one in found] == [("b.py", 1), ("b.py", 3), ("a.py", 1)]


def test_frames_that_the_change_touches_are_suspected_innermost_first() -> None:
    frames = _place("a.py", 20), _place("a.py", 12), _place("a.py", 4)

    found = _propose({"a.py": _BEFORE}, {"a.py": _AFTER}, _fault(_place("tests/test_a.py", 3), *frames))

    assert [one.replacement.start for one in found] == [20, 4]


def test_each_fault_has_its_first_suspect_before_any_has_its_second() -> None:
    first = _fault(_place("a.py", 4), _place("a.py", 20), name="first")
    second = _fault(_place("a.py", 6), name="second")

    found = _propose({"a.py": _BEFORE}, {"a.py": _AFTER}, first, second)

    assert [one.replacement.start for one in found] == [4, 6, 20]
    assert [[fault.fingerprint for fault in one.faults] for one in found] == [["first"], ["second"], ["first"]]


def test_a_block_is_proposed_once_for_all_that_suspect_it_most() -> None:
    first, second = (_fault(_place("a.py", 4), name=name) for name in ("first", "second"))

    (found,) = _propose({"a.py": _BEFORE}, {"a.py": _AFTER}, first, second)

    assert found.faults == (first, second)


def test_a_file_that_head_has_differently_is_left_alone() -> None:
    head = {"a.py": _AFTER.replace("line_30", "line_thirty")}

    assert _undone({"a.py": _BEFORE}, {"a.py": _AFTER}, _fault(_place("a.py", 4)), head=head) == []
    assert _undone({"a.py": _BEFORE}, {"a.py": _AFTER}, _fault(_place("a.py", 4)), head={}) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {"a.py": "one = 1\n"}, id="added"),
        pytest.param({"a.py": "one = 1\n"}, {}, id="deleted"),
        pytest.param({"a.toml": "one = 1\n"}, {"a.toml": "one = 2\n"}, id="not Python"),
        pytest.param({"setup.py": "one = 1\n"}, {"setup.py": "one = 2\n"}, id="read when the project is installed"),
        pytest.param({"a.py": b"one = '\xff'\n"}, {"a.py": b"one = '\xfe'\n"}, id="not UTF-8"),
    ],
)
def test_what_cannot_be_taken_back_line_by_line_is_not(before: Files, after: Files) -> None:
    assert _undone(before, after, _fault(_place(next(iter({**before, **after})), 1))) == []


@pytest.mark.parametrize("before", ["one = 1\n", "one = 1\n" * undo.LONGEST])
@pytest.mark.parametrize("after", ["one = 2\n" * undo.LONGEST, "one = 2  # " + "x" * undo.LONGEST])
def test_a_block_too_large_to_be_shown_is_not_proposed(before: str, after: str) -> None:
    assert _undone({"a.py": before}, {"a.py": after}, _fault(_place("a.py", 1))) == []


def test_a_changed_test_is_not_mended_beside_a_changed_source() -> None:
    before = {"a.py": "one = 1\n", "tests/test_a.py": "assert 1\n"}
    after = {"a.py": "one = 2\n", "tests/test_a.py": "assert 2\n"}

    assert _undone(before, after, _fault(_place("tests/test_a.py", 1))) == ["one = 1\n"]


def test_a_change_of_tests_alone_can_be_taken_back() -> None:
    before, after = {"tests/test_a.py": "assert 1\n"}, {"tests/test_a.py": "assert 0\n"}

    assert _undone(before, after, _fault(_place("tests/test_a.py", 1))) == ["assert 1\n"]


def test_an_added_file_beside_tests_is_no_reason_to_mend_these() -> None:
    before, after = {"tests/test_a.py": "assert 1\n"}, {"tests/test_a.py": "assert 0\n", "a.py": "one = 1\n"}

    assert _undone(before, after, _fault(_place("tests/test_a.py", 1))) == []


def test_a_fault_without_a_place_is_mended_in_a_small_change() -> None:
    assert _undone({"a.py": "one = 1\n"}, {"a.py": "one = 2"}, _fault(None)) == ["one = 1\n"]


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12), st.booleans())
def test_all_blocks_taken_back_give_the_file_before(old: list[str], new: list[str], ended: bool) -> None:  # noqa: FBT001
    before, after = ("".join(f"{letter}\n" for letter in letters) for letters in (old, new))
    after = after if ended else after.removesuffix("\n")
    change = parse.parse(_diff({"a.py": before}, {"a.py": after}))
    lines = text.lines(after)

    found = [block for file in change.files for hunk in file.hunks for block in undo.blocks(hunk, "a.py", "a.py")]
    for block in reversed(found):
        there = text.lines(before)[block.before_start - 1 : block.before_start - 1 + block.removed]
        lines[block.after_start - 1 : block.after_start - 1 + block.added] = there

    assert "".join(lines) == before
