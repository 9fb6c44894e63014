import pytest

from waypost import summary


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("one two three four", 12, "one two..."),
        ("unbreakable", 5, "..."),
        ("  much   space ", 20, "much space"),
    ],
)
def test_summary(text, width, expected):
    assert summary(text, width) == expected
