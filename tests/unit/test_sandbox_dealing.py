"""How modules are dealt to workers."""

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox import dealing

modules = st.dictionaries(st.text("abc", min_size=1, max_size=8), st.integers(0, 5000), max_size=40)


@given(modules, st.integers(1, 16))
def test_every_module_is_dealt_once_and_in_order(counts: dict[str, int], workers: int) -> None:
    groups = dealing.deal(counts, workers)
    assert [module for group in groups for module in group.modules] == list(counts)


def test_a_small_suite_is_one_session() -> None:
    assert len(dealing.deal({"a": 10, "b": 10}, 2)) == 1


def test_a_large_suite_keeps_every_worker_busy() -> None:
    assert len(dealing.deal({f"test_{number}.py": 50 for number in range(40)}, 2)) >= 4


def test_no_group_is_more_than_one_interpreter_can_bear() -> None:
    groups = dealing.deal({f"test_{number}.py": 500 for number in range(400)}, 2)
    assert max(len(group.modules) for group in groups) * 500 <= dealing.LARGEST_GROUP + 500


def test_whoever_helps_takes_the_later_half_of_what_is_ahead() -> None:
    tests = {f"test_{module}.py::test_{number}": None for module in "abcd" for number in range(4)}
    group = dealing.Group(modules=("test_a.py", "test_b.py", "test_c.py", "test_d.py"), collected=tests)
    group.claimed.update(list(tests)[:4])
    assert group.far_half() == ("test_c.py", "test_d.py")
