import pytest

from waypost import page, page_count


@pytest.mark.parametrize(
    ("total", "size", "count"),
    [(0, 10, 0), (1, 10, 1), (9, 10, 1), (10, 10, 1), (11, 10, 2), (20, 10, 2), (21, 10, 3), (5, 1, 5)],
)
def test_page_count(total, size, count):
    assert page_count(total, size) == count


@pytest.mark.parametrize("size", [0, -1])
def test_a_page_holds_something(size):
    with pytest.raises(ValueError, match="at least one"):
        page_count(3, size)


def test_first_page():
    assert page("abcdefg", 1, 3).items == ("a", "b", "c")


def test_last_page_may_be_short():
    last = page("abcdefg", 3, 3)
    assert last.items == ("g",)
    assert last.is_last


def test_full_last_page_is_last():
    assert page("abcdef", 2, 3).is_last


def test_there_is_no_page_after_the_last():
    with pytest.raises(IndexError, match="page 3 of 2"):
        page("abcdef", 3, 3)


def test_nothing_has_an_empty_first_page():
    assert page("", 1, 3).items == ()
