from tests.acceptance.program import LIBRARY, OF_SUMS, SOUND, SUMS, WRONG, Program, propose
from tests.git_project import Project

FIXTURE = {
    **LIBRARY,
    "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef one():\n    return 1\n",
    "tests/test_one.py": "def test_one(one):\n    assert one == 1\n",
}


def test_a_sound_change_would_pass_and_is_recorded(project: Project, program: Program) -> None:
    propose(project, SOUND)

    ended = program.review(project, "--json")

    result = ended.result
    assert ended.code == 0
    assert ended.err == ""
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "pass")
    assert (result["verdict"], result["engine"], result["not_analysed"]) == ("would_pass", "sandbox", [])
    assert (result["base"], result["head"]) == (project.git("rev-parse", "main"), project.git("rev-parse", "work"))
    # functions with an affected test count once for each of its parameters, the others once
    assert (result["selected"], result["of"]) == (3, 4)
    assert 0 < result["seconds"] < 60
    assert program.recorded() == ["would_pass"]


def test_a_wrong_change_would_fail_at_its_line(project: Project, program: Program) -> None:
    propose(project, WRONG)

    ended = program.review(project, "--json")

    assert ended.code == 1
    assert ended.result["verdict"] == "would_fail"
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "fail")
    first = ended.result["tests"][0]
    assert (first["p_fail"], first["at"]) == (1.0, "pack/sums.py:2")
    assert first["exception"] == "AssertionError: assert 0 == (1 + 1)"
    assert first["reason"] == "passes before the change, not after"
    assert program.recorded() == ["would_fail"]


def test_a_wrong_change_is_shown_with_its_lines(project: Project, program: Program) -> None:
    propose(project, WRONG)

    ended = program.review(project)

    assert ended.code == 1
    assert "Would fail  3 of 3 affected tests would fail" in ended.out
    assert "2 +     return a - b" in ended.out
    for test in OF_SUMS:
        assert test in ended.out
    assert "3 of 4 tests selected: 3 fail" in ended.out


def test_without_a_change_to_run_no_test_is_selected(project: Project, program: Program) -> None:
    propose(project, {"README.md": "A very small library.\n"})
    project.branch("same", "main")

    documented = program.review(project)
    empty = program.run("review", "--repo", project.folder, "--base", "main", "--head", "same", "--json")

    assert documented.code == empty.code == 0
    assert "0 tests selected: nothing executable changed" in documented.out
    assert (empty.result["verdict"], empty.result["selected"], empty.result["tests"]) == ("would_pass", 0, [])
    assert program.recorded() == ["would_pass", "would_pass"]


def test_code_that_no_test_reaches_is_named_and_not_analysed(project: Project, program: Program) -> None:
    propose(project, {"pack/sums.py": SUMS.replace("return 1", "return 2")})

    ended = program.review(project, "--json")

    assert ended.code == 3
    assert (ended.result["verdict"], ended.result["selected"]) == ("not_analysed", 0)
    assert ended.result["reason"] == "no test reaches pack/sums.py::lonely"
    assert program.recorded() == ["not_analysed"]


def test_what_is_no_python_project_is_not_analysed(project: Project, program: Program) -> None:
    propose(project, {"index.js": "let a = 2\n"}, {"index.js": "let a = 1\n"})

    ended = program.review(project, "--json")

    assert ended.code == 3
    assert ended.result["reason"] == "not a Python project: the tree has no .py file"
    assert ended.result["not_analysed"] == [{"what": "", "why": ended.result["reason"]}]


def test_a_deleted_test_is_not_held_against_the_change(project: Project, program: Program) -> None:
    propose(project, {**SOUND, "tests/test_other.py": None})

    ended = program.review(project, "--json")

    assert ended.code == 0
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "pass")
    assert ended.result["of"] == 3


def test_a_renamed_module_is_an_error_for_the_tests_that_import_it(project: Project, program: Program) -> None:
    propose(project, {"pack/sums.py": None, "pack/summing.py": SUMS})

    ended = program.review(project, "--json")

    assert ended.code == 1
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "error")
    assert "cannot import name 'sums'" in ended.result["tests"][0]["exception"]


def test_new_tests_are_held_to_pass(project: Project, program: Program) -> None:
    propose(project, {"tests/test_new.py": "def test_good():\n    assert True\n"})
    good = program.review(project, "--json")

    project.commit({"tests/test_newer.py": "def test_bad():\n    assert 1 == 2\n"})
    bad = program.review(project, "--json")

    assert (good.code, good.outcomes) == (0, {"tests/test_new.py::test_good": "pass"})
    assert (bad.code, bad.outcomes["tests/test_newer.py::test_bad"]) == (1, "fail")
    assert bad.result["tests"][1]["at"] == "tests/test_newer.py:2"


def test_a_test_that_failed_before_is_not_held_against_the_change(project: Project, program: Program) -> None:
    failing = "from pack import sums\n\n\ndef test_wrong():\n    assert sums.add(1, 1) == 3\n"
    propose(project, SOUND, {**LIBRARY, "tests/test_wrong.py": failing})

    ended = program.review(project, "--json")

    assert ended.code == 0
    (wrong,) = [test for test in ended.result["tests"] if test["id"] == "tests/test_wrong.py::test_wrong"]
    assert (wrong["outcome"], wrong["already_failing"], wrong["would_fail"]) == ("fail", True, False)


def test_a_syntax_error_is_an_error_for_every_test_that_imports_it_and_a_finding(
    project: Project, program: Program
) -> None:
    propose(project, {"pack/sums.py": "def add(:\n"})

    ended = program.review(project, "--json")

    assert ended.code == 1
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "error")
    (finding,) = ended.result["findings"]
    assert (finding["kind"], finding["at"], finding["tests"]) == ("unparsable", "pack/sums.py:1", OF_SUMS)


def test_a_broken_conftest_is_an_error_for_every_test_below_it(project: Project, program: Program) -> None:
    propose(project, {"tests/conftest.py": "def (\n"})

    ended = program.review(project, "--json")

    assert ended.code == 1
    assert ended.outcomes == dict.fromkeys(("tests/test_other.py::test_other", *OF_SUMS), "error")
    assert {test["at"] for test in ended.result["tests"]} == {"tests/conftest.py:1"}


def test_a_changed_fixture_affects_the_tests_that_use_it(project: Project, program: Program) -> None:
    propose(project, {"tests/conftest.py": FIXTURE["tests/conftest.py"].replace("return 1", "return 2")}, FIXTURE)

    ended = program.review(project, "--json")

    assert ended.code == 1
    assert ended.outcomes == {"tests/test_one.py::test_one": "fail"}
    assert ended.result["tests"][0]["at"] == "tests/conftest.py:6"


def test_an_endless_loop_is_a_hang_at_its_line_and_costs_its_neighbours_nothing(
    project: Project, program: Program
) -> None:
    loop = SUMS.replace("    return a + b", "    while (a, b) == (2, 1):\n        pass\n    return a + b")
    propose(project, {"pack/sums.py": loop})

    ended = program.review(project, "--json", GATEKEEPER_FUEL="3")

    assert ended.code == 1
    assert ended.outcomes == dict(zip(OF_SUMS, ("pass", "hang", "pass"), strict=True))
    hang = ended.result["tests"][1]
    assert hang["at"] in {"pack/sums.py:2", "pack/sums.py:3"}
    assert hang["reason"] == "does not end within 3 billion instructions, and did before the change"


def test_the_merge_is_judged_or_the_head_itself(project: Project, program: Program) -> None:
    project.commit(LIBRARY)
    project.branch("work")
    project.commit(
        {"tests/test_use.py": "from pack.sums import double\n\n\ndef test_use():\n    assert double(3) == 6\n"}
    )
    project.switch("main")
    project.commit(
        {
            "pack/sums.py": SUMS.replace("def double", "def twice"),
            "tests/test_sums.py": LIBRARY["tests/test_sums.py"].replace("sums.double", "sums.twice"),
        }
    )

    merged = program.review(project, "--json")
    alone = program.review(project, "--tree", "head", "--json")

    assert (merged.code, merged.outcomes) == (1, {"tests/test_use.py::test_use": "error"})
    assert (alone.code, alone.outcomes) == (0, {"tests/test_use.py::test_use": "pass"})
    assert merged.result["base"] == alone.result["base"] == project.git("rev-parse", "main")
