import pytest

from waypost import retries_until


@pytest.mark.parametrize(("limit", "retries"), [(1, 0), (2, 1), (16, 4), (17, 5)])
def test_doubling(limit, retries):
    assert retries_until(1, 2, limit) == retries


def test_growing_by_half():
    assert retries_until(2, 1.5, 6) == 3


def test_growing_gently():
    assert retries_until(1, 1.25, 30) == 16


def test_a_delay_grows():
    with pytest.raises(ValueError, match="above 1"):
        retries_until(1, 1, 30)
