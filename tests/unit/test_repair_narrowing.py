from gatekeeper.impact import selection
from gatekeeper.repair import narrowing


def test_tests_of_other_modules_and_those_said_to_be_unaffected_are_beyond_reach() -> None:
    reached = selection.Selection(
        affected=(selection.AffectedTest(path="tests/test_a.py", name="test_one", reason="calls it"),),
        unaffected={"tests/test_a.py": frozenset({"test_two"})},
        total=4,
        unparsable={},
    )
    known = ["tests/test_a.py::test_one[1]", "tests/test_a.py::test_two[x]", "tests/test_a.py::test_unseen",
             "tests/test_b.py::test_one"]  # fmt: skip

    assert narrowing.beyond(reached, known) == {"tests/test_a.py::test_two[x]", "tests/test_b.py::test_one"}
