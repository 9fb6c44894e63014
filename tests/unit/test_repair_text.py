from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.repair import candidate, text
from tests.git_project import Project

_TEN = "".join(f"line {number}\n" for number in range(1, 11))


def _change(start: int, end: int, new: str, path: str = "pack/a.py") -> candidate.Replacement:
    return candidate.Replacement(path=path, start=start, end=end, text=new)


@pytest.mark.parametrize(
    ("before", "change"),
    [
        pytest.param(_TEN, _change(5, 6, "five\nand more\nsix\n"), id="lines replaced"),
        pytest.param(_TEN, _change(1, 1, ""), id="first line deleted"),
        pytest.param(_TEN, _change(10, 10, ""), id="last line deleted"),
        pytest.param(_TEN, _change(4, 3, "between\n"), id="lines inserted"),
        pytest.param(_TEN, _change(1, 0, "above\n"), id="inserted at the top"),
        pytest.param(_TEN, _change(11, 10, "below\n"), id="appended"),
        pytest.param(_TEN, _change(11, 10, "below"), id="appended without a line ending"),
        pytest.param("a\nb", _change(2, 2, "c"), id="no line ending on either side"),
        pytest.param("a\nb", _change(2, 2, "c\n"), id="line ending added"),
        pytest.param("a\nb\n", _change(2, 2, "c"), id="line ending removed"),
        pytest.param("a\nb", _change(1, 1, "c\n"), id="no line ending in the context"),
        pytest.param("only\n", _change(1, 1, ""), id="nothing left"),
        pytest.param("a\r\nb\r\nc\r\n", _change(2, 2, "d\r\n"), id="carriage returns"),
        pytest.param("a\x0cb\u2028c\nd\n", _change(2, 2, "e\n"), id="other line separators"),
        pytest.param(_TEN, _change(2, 2, "x\n", "with a blank.py"), id="blank in the name"),
        pytest.param(_TEN, _change(2, 2, "x\n", 'a"b\\c\t\nd.py'), id="name to be quoted"),
        pytest.param(_TEN, _change(2, 2, "x\n", "größe/→.py"), id="name not ASCII"),
        pytest.param(_TEN, _change(2, 2, "x\n", "\udcff.py"), id="name not UTF-8"),
    ],
)
def test_git_applies_the_diff(project: Project, before: str, change: candidate.Replacement) -> None:
    project.commit({change.path: before})

    project.git("apply", "-", given=text.unified(before, change).encode("utf-8", "surrogateescape"))

    assert (project.folder / change.path).read_bytes().decode() == text.replaced(before, change)


def test_the_diff_of_a_middle_line_reads_as_git_writes_it() -> None:
    assert text.unified(_TEN, _change(5, 5, "five\n")) == (
        "--- a/pack/a.py\n"
        "+++ b/pack/a.py\n"
        "@@ -2,7 +2,7 @@\n"
        " line 2\n line 3\n line 4\n-line 5\n+five\n line 6\n line 7\n line 8\n"
    )


def test_a_file_that_was_empty_is_filled(tmp_path: Path) -> None:
    change = _change(1, 0, "new\n")

    assert "@@ -0,0 +1,1 @@\n+new\n" in text.unified("", change)
    assert text.replaced("", change) == "new\n"


@given(st.text())
def test_lines_are_the_text_and_end_at_line_feeds_alone(content: str) -> None:
    lines = text.lines(content)

    assert "".join(lines) == content
    assert all(line.endswith("\n") for line in lines[:-1])
    assert all("\n" not in line[:-1] and line for line in lines)
