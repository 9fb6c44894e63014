import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.repair import adoption, candidate, text

_BROKEN = """\
def add(a, b):
    return a - b


def twice(a):
    return add(a, a)


def thrice(a):
    return add(a, twice(a))
"""
_MENDED = _BROKEN.replace("a - b", "a + b")


def _change(start: int, end: int, new: str) -> candidate.Replacement:
    return candidate.Replacement(path="sums.py", start=start, end=end, text=new)


_FIX = _change(2, 2, "    return a + b\n")


def test_a_file_that_has_the_fix_has_adopted_it() -> None:
    assert adoption.is_adopted(_BROKEN, _FIX, _MENDED)


def test_a_file_that_is_as_it_was_has_not_adopted_it() -> None:
    assert not adoption.is_adopted(_BROKEN, _FIX, _BROKEN)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param("import math\n\n\n" + _MENDED, id="something was added far above"),
        pytest.param(_MENDED + "\n\ndef more(a):\n    return a\n", id="something was added far below"),
        pytest.param(_MENDED.replace("twice(a))", "2 * a)"), id="another function was changed"),
        pytest.param(_MENDED.replace("\n", "\r\n"), id="line endings were changed"),
        pytest.param(_MENDED.rstrip("\n"), id="the last line lost its ending"),
    ],
)
def test_what_happened_elsewhere_in_the_file_does_not_matter(later: str) -> None:
    assert adoption.is_adopted(_BROKEN, _FIX, later)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(_BROKEN.replace("a - b", "b + a"), id="mended in another way"),
        pytest.param(_MENDED.replace("def add(a, b)", "def plus(a, b)"), id="the lines around were changed too"),
        pytest.param("", id="the file was emptied"),
        pytest.param(_BROKEN + "    return a + b\n", id="the same line elsewhere"),
    ],
)
def test_another_text_is_not_the_fix(later: str) -> None:
    assert not adoption.is_adopted(_BROKEN, _FIX, later)


def test_a_place_that_read_like_the_fix_before_does_not_count() -> None:
    twin = "\n\ndef add(a, b):\n    return a + b\n\n\ndef twice(a):\n"
    broken = _BROKEN + twin
    removed = broken.replace("    return a - b\n", "")

    assert not adoption.is_adopted(broken, _change(2, 2, "    return a + b\n"), removed)
    assert adoption.is_adopted(broken, _FIX, broken.replace("a - b", "a + b"))


def test_a_fix_that_only_deletes_lines_is_seen_by_those_around() -> None:
    noisy = _MENDED.replace("    return add(a, a)\n", "    a = a + 1\n    return add(a, a)\n")

    assert adoption.is_adopted(noisy, _change(6, 6, ""), _MENDED)
    assert not adoption.is_adopted(noisy, _change(6, 6, ""), noisy)


def test_a_fix_that_deletes_all_is_seen_by_the_empty_file() -> None:
    assert adoption.is_adopted("x = 1\n", _change(1, 1, ""), "")
    assert not adoption.is_adopted("x = 1\n", _change(1, 1, ""), "x = 1\n")


@pytest.mark.timeout(20)
def test_a_file_that_repeats_itself_takes_no_longer_than_another() -> None:
    blank = "\n" * 1_000_000

    assert adoption.is_adopted(blank, _change(1, 0, "x = 1\n"), "x = 1\n" + blank)
    assert not adoption.is_adopted(blank, _change(1, 500_000, "\n" * 60_000), blank)


_LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "d\n"]), max_size=12).map("".join)


@given(before=_LINES, data=st.data())
def test_a_change_is_seen_where_it_was_made_and_not_before(before: str, data: st.DataObject) -> None:
    count = len(text.lines(before))
    start = data.draw(st.integers(1, count + 1))
    end = data.draw(st.integers(start - 1, count))
    change = _change(start, end, data.draw(_LINES).replace("b", "e"))
    later = text.replaced(before, change)

    # a line that was nowhere before: wherever it comes to be, the change was made
    if "e" in change.text:
        assert adoption.is_adopted(before, change, later)
    assert not adoption.is_adopted(before, change, before)
