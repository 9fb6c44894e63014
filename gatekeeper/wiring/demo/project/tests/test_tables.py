import pytest

from larder import tables


def test_columns_stand_below_one_another():
    assert tables.columns([("flour", "1 kg", "shelf"), ("eggs", "6")]) == ["flour  1 kg  shelf", "eggs   6"]


@pytest.mark.parametrize(
    ("width", "lines"),
    [(9, ["one two", "three", "four"]), (10, ["one two", "three four"]), (3, ["one", "two", "three", "four"])],
)
def test_text_is_wrapped(width, lines):
    assert tables.wrapped("one two three four", width) == lines


def test_lines_are_forty_columns_long():
    assert len(tables.wrapped("a" * 20 + " " + "b" * 19)) == 1
    assert len(tables.wrapped("a" * 20 + " " + "b" * 20)) == 2


@pytest.mark.parametrize(("text", "shown"), [("twelve chars", "twelve chars"), ("thirteen char", "thirteen ch…")])
def test_a_long_text_is_cut(text, shown):
    assert tables.shortened(text) == shown


def test_a_wide_character_takes_two_columns():
    assert tables.shortened("醤油と味噌と豆腐", 8) == "醤油と…"


@pytest.mark.parametrize(
    ("part", "whole", "drawn"), [(0, 8, "...."), (4, 8, "##.."), (8, 8, "####"), (9, 8, "####"), (1, 0, "    ")]
)
def test_a_bar_is_filled(part, whole, drawn):
    assert tables.bar(part, whole, 4) == drawn


def test_a_bar_has_twenty_columns():
    assert tables.bar(1, 2) == "#" * 10 + "." * 10
