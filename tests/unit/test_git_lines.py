import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.git import difftext, lines

_TEN = b"".join(b"line %d\n" % number for number in range(1, 11))


@pytest.mark.parametrize(
    ("new", "line", "expected"),
    [
        pytest.param(_TEN, 7, 7, id="the same text"),
        pytest.param(b"above\n" + _TEN, 1, 2, id="inserted before the first"),
        pytest.param(_TEN.replace(b"line 3\n", b""), 2, 2, id="before what was deleted"),
        pytest.param(_TEN.replace(b"line 3\n", b""), 3, None, id="deleted"),
        pytest.param(_TEN.replace(b"line 3\n", b""), 4, 3, id="after what was deleted"),
        pytest.param(_TEN.replace(b"line 3\n", b"line three\nand more\n"), 3, None, id="replaced"),
        pytest.param(_TEN.replace(b"line 3\n", b"line three\nand more\n"), 4, 5, id="after what was replaced"),
        pytest.param(_TEN.replace(b"line 5\n", b"line 5\nmore\n"), 5, 5, id="before what was inserted"),
        pytest.param(_TEN.replace(b"line 5\n", b"line 5\nmore\n"), 6, 7, id="after what was inserted"),
        pytest.param(_TEN + b"below\n", 10, 10, id="the last"),
        pytest.param(b"", 4, None, id="nothing left"),
        pytest.param(_TEN + b"below\n", 11, None, id="beyond the end"),
        pytest.param(_TEN, 0, None, id="before the start"),
        pytest.param(_TEN + b"\0", 4, None, id="binary"),
        pytest.param(_TEN + b" " * difftext.LARGEST_TEXT, 4, None, id="too large"),
    ],
)
def test_a_line_is_found_in_the_other_text(new: bytes, line: int, expected: int | None) -> None:
    assert lines.moved(_TEN, new, line) == expected


@pytest.mark.parametrize(
    ("content", "count"), [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"a\n\n", 2)]
)
def test_a_text_has_as_many_lines_as_git_counts(content: bytes, count: int) -> None:
    assert [line for line in range(-1, 5) if lines.has(content, line)] == list(range(1, count + 1))


@given(st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n"])), st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n"])))
def test_a_line_that_is_found_reads_the_same(old: list[bytes], new: list[bytes]) -> None:
    found = [lines.moved(b"".join(old), b"".join(new), number) for number in range(1, len(old) + 1)]

    kept = [(old[number], new[place - 1]) for number, place in enumerate(found) if place is not None]
    assert all(before == after for before, after in kept)
    places = [place for place in found if place is not None]
    assert places == sorted(set(places))
