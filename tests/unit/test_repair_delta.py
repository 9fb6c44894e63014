from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.repair import delta


@given(st.integers(1, 40), st.data())
def test_what_is_needed_together_is_found_and_nothing_else(number: int, data: st.DataObject) -> None:
    needed = data.draw(st.sets(st.integers(0, number - 1), min_size=1))

    found, certain = delta.minimal(range(number), lambda parts: [needed <= set(part) for part in parts])

    assert (set(found), certain) == (needed, True)


@given(st.integers(2, 30), st.data())
def test_where_several_would_do_the_one_that_is_found_is_minimal(number: int, data: st.DataObject) -> None:
    enough = data.draw(st.lists(st.sets(st.integers(0, number - 1), min_size=1), min_size=1, max_size=3))

    def fails(part: Sequence[int]) -> bool:
        return any(needed <= set(part) for needed in enough)

    if not fails(range(number)):
        return
    found, certain = delta.minimal(range(number), lambda parts: list(map(fails, parts)))

    assert certain
    assert fails(found)
    assert not any(fails([one for one in found if one != left_out]) for left_out in found if len(found) > 1)


def test_what_is_known_when_no_more_may_be_asked_is_said_to_be_uncertain() -> None:
    left = 2

    def failing(parts: Sequence[Sequence[int]]) -> list[bool] | None:
        nonlocal left
        left -= 1
        return [5 in part for part in parts] if left >= 0 else None

    found, certain = delta.minimal(range(64), failing)

    assert 5 in found
    assert len(found) == 16
    assert not certain
