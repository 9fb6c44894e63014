"""The test that the first session runs."""


def test_addition():
    assert 1 + 1 == 2
