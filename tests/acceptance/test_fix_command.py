"""`gatekeeper fix` as a user runs it."""

import pytest

from tests.acceptance.program import LIBRARY, OF_SUMS, SOUND, SUMS, WRONG, Program
from tests.git_project import Project

# code of its own, with its test: taking it back mends nothing
_GROWN = SUMS + "\n\ndef below(a, limit):\n    rest = limit - a\n    return rest >= 0\n"
_TESTED = """\
from pack import sums


@pytest.mark.parametrize(("a", "expected"), [(1, True), (3, False), (4, False)])
def test_below(a, expected):
    assert sums.below(a, 3) is expected
"""


@pytest.fixture
def grown(project: Project) -> Project:
    """Return a project whose branch `work`, checked out, adds a function with a fault and tests of it."""
    project.commit(LIBRARY)
    project.branch("work")
    project.commit({"pack/sums.py": _GROWN, "tests/test_below.py": "import pytest\n" + _TESTED})
    return project


def test_a_fault_in_added_code_is_mended_by_an_edit_and_written(program: Program, grown: Project) -> None:
    ended = program.run("fix", "--repo", grown.folder, "--base", "main", "--head", "work", "--apply")

    assert ended.code == 1
    assert "an edit: mends 1 of the failing tests and breaks none of" in ended.out
    assert "-    return rest >= 0" in ended.out
    assert "+    return rest > 0" in ended.out
    assert grown.git("diff", "--stat") != ""
    assert (grown.folder / "pack/sums.py").read_text() == _GROWN.replace("rest >= 0", "rest > 0")
    again = program.run("fix", "--repo", grown.folder, "--base", "main", "--head", "work", "--apply")
    assert (again.code, "commit or stash" in again.err) == (2, True)
    assert (grown.folder / "pack/sums.py").read_text() == _GROWN.replace("rest >= 0", "rest > 0")


def test_nothing_is_written_where_something_else_is_checked_out(program: Program, grown: Project) -> None:
    grown.switch("main")

    ended = program.run("fix", "--repo", grown.folder, "--base", "main", "--head", "work", "--apply")

    assert ended.code == 2
    assert "has not checked out" in ended.err
    assert grown.git("status", "--porcelain") == ""


def test_culprit_departure_and_fix_are_told_as_json(program: Program, project: Project) -> None:
    project.commit(LIBRARY)
    project.branch("work")
    project.commit(WRONG)

    ended = program.run("fix", "--repo", project.folder, "--base", "main", "--head", "work", "--json")

    assert ended.code == 1
    told = ended.result
    assert told["verdict"] == "would_fail"
    (culprit, *_) = told["causes"]
    assert culprit["exact"]
    assert culprit["lines"] == [{"path": "pack/sums.py", "start": 2, "end": 2, "old": ["    return a + b\n"]}]
    assert [one["departure"]["name"] for one in told["causes"]] == ["return"] * len(told["causes"])
    assert {fix["tried_by"] for fix in told["fixes"]} == {"sandbox"}
    assert set(told["fixes"][0]["mended"]) == set(OF_SUMS)


def test_a_sound_change_has_nothing_to_fix(program: Program, project: Project) -> None:
    project.commit(LIBRARY)
    project.branch("work")
    project.commit(SOUND)

    ended = program.run("fix", "--repo", project.folder, "--base", "main", "--head", "work", "--apply")

    assert ended.code == 0
    assert "Fixes that were tried" not in ended.out
    assert project.git("status", "--porcelain") == ""


def test_whether_it_ends_is_asked_of_functions_in_which_a_test_hangs_alone(program: Program, project: Project) -> None:
    project.commit(LIBRARY)
    project.branch("work")
    counting = SUMS.replace("return a + b", "while a != b * 2:\n        b += 2\n    return a + b")
    project.commit({"pack/sums.py": f"{counting}\n\ndef down(n):\n    while n:\n        n -= 1\n"})

    ended = program.run("fix", "--repo", project.folder, "--base", "main", "--head", "work", "--json")

    assert ended.code == 1
    assert [one["function"] for one in ended.result["halting"]] == ["add"]
