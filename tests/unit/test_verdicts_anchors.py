from pathlib import Path

import pytest

from gatekeeper.diffs import parse
from gatekeeper.verdicts import anchors

_CHANGE = parse.parse((Path(__file__).parents[1] / "assets/report/change.diff").read_text(encoding="utf-8"))
_SPLIT = "src/ledger/split.py"


@pytest.mark.parametrize("line", [12, 15, 20, 34])
def test_added_lines_and_context_can_be_commented_on(line: int) -> None:
    assert anchors.anchor(_CHANGE, _SPLIT, line) == anchors.Anchor(line=line)


@pytest.mark.parametrize("line", [11, 35, 0, -1])
def test_lines_outside_the_hunks_cannot(line: int) -> None:
    assert anchors.anchor(_CHANGE, _SPLIT, line) is None


def test_lines_of_one_hunk_can_be_commented_on_together() -> None:
    assert anchors.anchor(_CHANGE, _SPLIT, 15, 20) == anchors.Anchor(line=20, start_line=15)
    assert anchors.anchor(_CHANGE, _SPLIT, 15, 15) == anchors.Anchor(line=15)


def test_lines_that_no_one_hunk_shows_cannot() -> None:
    assert anchors.anchor(_CHANGE, _SPLIT, 30, 35) is None
    assert anchors.anchor(_CHANGE, _SPLIT, 20, 15) is None


def test_a_file_is_known_by_its_name_at_head() -> None:
    assert anchors.anchor(_CHANGE, "src/ledger/imports.py", 3)
    assert anchors.anchor(_CHANGE, "src/ledger/legacy.py", 3) is None


def test_a_file_without_lines_is_in_the_diff_all_the_same() -> None:
    assert anchors.has_file(_CHANGE, "docs/logo.png")
    assert anchors.anchor(_CHANGE, "docs/logo.png", 1) is None
    assert not anchors.has_file(_CHANGE, "src/ledger/money.py")


def test_a_hunk_that_only_removes_has_no_line_of_its_own() -> None:
    text = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,2 +0,0 @@\n-x\n-y\n"

    assert all(anchors.anchor(parse.parse(text), "a.py", line) is None for line in (0, 1, 2))
