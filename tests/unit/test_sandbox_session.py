"""How modules are dealt to workers, and how far a guest's words are trusted."""

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox import session

modules = st.dictionaries(st.text("abc", min_size=1, max_size=8), st.integers(0, 5000), max_size=40)


@given(modules, st.integers(1, 16))
def test_every_module_is_dealt_once_and_in_order(counts: dict[str, int], workers: int) -> None:
    groups = session.deal(counts, workers)
    assert [module for group in groups for module in group.modules] == list(counts)


def test_a_small_suite_is_one_session() -> None:
    assert len(session.deal({"a": 10, "b": 10}, 2)) == 1


def test_a_large_suite_keeps_every_worker_busy() -> None:
    assert len(session.deal({f"test_{number}.py": 50 for number in range(40)}, 2)) >= 4


def test_no_group_is_more_than_one_interpreter_can_bear() -> None:
    groups = session.deal({f"test_{number}.py": 500 for number in range(400)}, 2)
    assert max(len(group.modules) for group in groups) * 500 <= session.LARGEST_GROUP + 500


def test_whoever_helps_takes_the_later_half_of_what_is_ahead() -> None:
    tests = {f"test_{module}.py::test_{number}": None for module in "abcd" for number in range(4)}
    group = session.Group(modules=("test_a.py", "test_b.py", "test_c.py", "test_d.py"), collected=tests)
    group.claimed.update(list(tests)[:4])
    assert group.far_half() == ("test_c.py", "test_d.py")


def test_a_guest_cannot_report_an_outcome_that_pytest_does_not_have() -> None:
    assert session.ran({"outcome": "PASSED!"}, how="PASSED!").how == "error"


def test_a_guests_texts_are_cut() -> None:
    told = session.ran({"exception": "x" * 10_000, "noted": ["y" * 10_000]}, how="fail")
    assert told.exception is not None
    assert len(told.exception) <= 500
    assert len(told.noted[0]) <= 200
