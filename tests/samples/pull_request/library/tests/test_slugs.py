import pytest

from waypost import slug


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Hello", "hello"),
        ("Hello, world!", "hello-world"),
        ("  spaced   out  ", "spaced-out"),
        ("Crème brûlée", "creme-brulee"),
        ("100 % sure", "100-sure"),
        ("Straße", "strae"),
        ("", ""),
        ("---", ""),
    ],
)
def test_slug(title, expected):
    assert slug(title) == expected
