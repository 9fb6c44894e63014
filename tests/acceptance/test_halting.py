"""Functions that can loop: by `gatekeeper halting`, and in a review."""

from pathlib import Path

import pytest

from tests.acceptance.program import Program, propose
from tests.git_project import Project

_HALVING = """\
def halvings(number: int) -> int:
    steps = 0
    while number != 1:
        number = number // 2
        steps += 1
    return steps


def digits(number: int) -> int:
    count = 0
    while number > 0:
        number //= 10
        count += 1
    return count


def add(one: int, other: int) -> int:
    return one + other


def rabbits(month: int) -> int:
    return month if month < 2 else rabbits(month - 1) + rabbits(month - 2)
"""
_TEST = "from halving import digits, halvings\n\ndef test_both():\n    assert halvings(8) == digits(123)\n"
_LIBRARY = {"halving.py": _HALVING, "test_halving.py": _TEST}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "halving.py").write_text(_HALVING)
    return folder


def test_each_function_of_a_file_that_can_loop_is_told_with_the_call_that_shows_it(
    program: Program, library: Path
) -> None:
    ended = program.run("halting", "halving.py", "--repo", library)

    assert ended.code == 1
    assert "does not terminate  halving.py:3 halvings" in ended.out
    assert "halvings(0) never ends: the loop on line 3 comes back to a state that it was in (number = 0)" in " ".join(
        ended.out.split()
    )
    assert "terminates  halving.py:11 digits" in ended.out
    assert "slow, not endless" in ended.out
    assert "add" not in ended.out


def test_one_function_is_told_as_json_and_ends_with_0_where_nothing_is_found(program: Program, library: Path) -> None:
    ended = program.run("halting", "halving.py::digits", "--repo", library, "--json")

    assert ended.code == 0
    (told,) = ended.result["functions"]
    assert (told["function"], told["kind"]) == ("digits", "terminates")
    assert [item["form"] for item in told["evidence"]] == ["ranking", "ended", "growth"]
    assert "on line 11 number comes closer to its bound on every path" in told["reason"]


def test_a_pattern_that_explodes_is_slow_and_the_text_that_shows_it_is_named(program: Program, library: Path) -> None:
    (library / "words.py").write_text(
        "import re\n\n\ndef is_words(text: str) -> bool:\n    return bool(re.match(r'^(\\w+\\s?)+$', text))\n"
    )

    ended = program.run("halting", "words.py", "--repo", library, "--json")

    assert ended.code == 0
    (told,) = ended.result["functions"]
    assert told["kind"] == "terminates"
    assert told["reason"].startswith("slow, not endless: exponential backtracking in the regular expression on line 5:")
    (measured,) = [item for item in told["evidence"] if item["form"] == "backtracking"]
    assert 1.5 < measured["factor"] < 2.5
    assert measured["text"] in told["reason"]


def test_where_nothing_can_be_tried_the_text_of_the_loop_is_what_is_said(program: Program, library: Path) -> None:
    (library / "serving.py").write_text("def serve(server):\n    while True:\n        server.port\n")

    ended = program.run("halting", "serving.py", "--repo", library, "--json")

    assert ended.code == 1
    (told,) = ended.result["functions"]
    assert (told["kind"], told["engine"]) == ("may not terminate", "text")
    assert told["reason"].startswith("the loop on line 2 has no way out")


def test_a_function_without_annotations_is_tried_with_the_examples_of_its_module(
    program: Program, library: Path
) -> None:
    (library / "root.py").write_text(
        "def root(x, near):\n    guess = x / 2\n    while abs(x - guess) > near:\n"
        '        guess = 0.5 * (guess + x / guess)\n    return guess\n\n\n"""\n>>> root(2, 0.01)\n1.414\n"""\n'
    )

    ended = program.run("halting", "root.py", "--repo", library)

    assert "does not terminate  root.py:3 root" in ended.out
    assert "root(2, 0.01) never ends" in ended.out


def test_tests_that_call_a_function_show_that_it_does_not_end(program: Program, library: Path) -> None:
    (library / "walks.py").write_text(
        "def last(node):\n    while node.next is not None:\n        node = node.next\n    return node\n\n\n"
        "def depth(node):\n    return 0 if node.next is None else 1 + depth(node.next)\n\n\n"
        "def steps(number):\n    count = 0\n    while number != 1:\n        number //= 2\n        count += 1\n"
        "    return count\n"
    )
    (library / "test_walks.py").write_text(
        "import pytest\n\nimport walks\n\n\nclass Node:\n    next = None\n\n\n"
        "def circle():\n    node = Node()\n    node.next = node\n    return node\n\n\n"
        "def test_last():\n    assert walks.last(Node())\n\n\n"
        "def test_depth():\n    assert walks.depth(circle())\n\n\n"
        "@pytest.mark.parametrize('number', [8, 0])\ndef test_steps(number):\n    assert walks.steps(number) == 3\n"
    )

    ended = program.run("halting", "walks.py", "--repo", library, "--json")

    assert ended.code == 1
    told = {one["function"]: one for one in ended.result["functions"]}
    assert told["last"]["kind"] == "unknown"
    assert told["depth"]["kind"] == "may not terminate"
    assert told["depth"]["reason"] == "test_walks.py::test_depth goes deeper than the stack allows"
    assert told["steps"]["kind"] == "does not terminate"
    assert told["steps"]["reason"].startswith("test_walks.py::test_steps[0] never ends: the loop on line 13")


def test_what_tests_give_a_function_is_tried_in_a_review(program: Program, project: Project) -> None:
    waits = "def waits(number):\n    while number * 7 == 30247:\n        pass\n    return number\n"
    test = "import pytest, waits\n\n\n@pytest.mark.skip\ndef test_it():\n    for number in (1, 4321):\n"
    test += "        assert waits.waits(number) == number\n"
    propose(project, {"waits.py": waits}, {"waits.py": waits.replace("30247", "1"), "test_it.py": test})

    ended = program.review(project, "--json")

    (told,) = ended.result["halting"]
    assert told["kind"] == "does not terminate"
    assert told["reason"].startswith("waits(4321) never ends")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("halving.py::thirds", "halving.py has no function 'thirds': it has add, digits, halvings, rabbits"),
        ("absent.py", "absent.py is not there, or is not Python that can be parsed"),
        ("../other.py", "../other.py is not inside"),
    ],
)
def test_what_is_not_there_is_said(program: Program, library: Path, target: str, said: str) -> None:
    ended = program.run("halting", target, "--repo", library)

    assert ended.code == 2
    assert said in ended.err


def test_a_test_that_hangs_proves_that_the_changed_loop_never_ends(program: Program, project: Project) -> None:
    propose(project, {"halving.py": _HALVING.replace("number // 2", "number * 1")}, _LIBRARY)

    ended = program.review(project, "--json", GATEKEEPER_FUEL="2")

    assert ended.code == 1
    (told,) = [one for one in ended.result["halting"] if one["function"] == "halvings"]
    assert told["kind"] == "does not terminate"
    assert told["at"] == "halving.py:3"
    assert told["reason"].startswith("test_halving.py::test_both never ends: the loop on line 3")


def test_a_test_that_goes_too_deep_shows_that_the_changed_recursion_does(program: Program, project: Project) -> None:
    search = "def reaches(node, goal, seen):\n    if node is goal:\n        return True\n    seen.add(node)\n"
    search += "    return any(reaches(one, goal, seen) for one in node.others if one not in seen)\n"
    test = "from search import reaches\n\nclass Node:\n    others = ()\n\ndef test_circle():\n"
    test += "    one, other = Node(), Node()\n    one.others, other.others = [other], [one]\n"
    test += "    assert not reaches(one, Node(), set())\n"
    propose(
        project, {"search.py": search.replace(" if one not in seen", "")}, {"search.py": search, "test_it.py": test}
    )

    ended = program.review(project, "--json")

    (told,) = ended.result["halting"]
    assert (told["function"], told["kind"]) == ("reaches", "may not terminate")
    assert told["reason"] == "test_it.py::test_circle goes deeper than the stack allows"


def test_a_changed_loop_that_no_test_hangs_in_is_tried_with_other_values(program: Program, project: Project) -> None:
    propose(project, {"halving.py": _HALVING.replace("while number > 0", "while number != 0")}, _LIBRARY)

    ended = program.review(project, "--json")

    (told,) = [one for one in ended.result["halting"] if one["function"] == "digits"]
    assert (told["kind"], told["probability"]) == ("does not terminate", 0.99)
    assert told["reason"].startswith("digits(-1) never ends")


def test_a_function_that_the_change_newly_calls_is_tried_too(program: Program, project: Project) -> None:
    caller = {"calling.py": "def called(number: int) -> int:\n    return number\n"}
    calling = {
        "calling.py": "from halving import digits\n\n\ndef called(number: int) -> int:\n    return digits(number)\n"
    }
    propose(project, calling, {**_LIBRARY, **caller})

    ended = program.review(project, "--json")

    (told,) = ended.result["halting"]
    assert (told["function"], told["kind"]) == ("digits", "terminates")
    assert told["reason"].endswith("; the change newly reaches it")
