import pytest

from waypost import merge


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(1, 2)], [(1, 2)]),
        ([(1, 2), (4, 5)], [(1, 2), (4, 5)]),
        ([(1, 2), (3, 5)], [(1, 5)]),
        ([(3, 5), (1, 4)], [(1, 5)]),
        ([(1, 9), (2, 3)], [(1, 9)]),
    ],
)
def test_merge(spans, expected):
    assert merge(spans) == expected
