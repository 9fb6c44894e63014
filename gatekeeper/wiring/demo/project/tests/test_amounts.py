from fractions import Fraction

import pytest

from larder import amounts


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3", 3, ""),
        ("250 g", 250, "g"),
        ("1/2 l", Fraction(1, 2), "l"),
        ("1 1/2 kg", Fraction(3, 2), "kg"),
        ("2 tbsp heaped", 2, "tbsp"),
    ],
)
def test_an_amount_is_read(text, value, unit):
    assert amounts.parse(text) == amounts.Amount(Fraction(value), unit)


@pytest.mark.parametrize("text", ["", "g", "0 g", "1 1/2 1/4 g"])
def test_no_amount_is_refused(text):
    with pytest.raises(ValueError):
        amounts.parse(text)


@pytest.mark.parametrize("text", ["1/2 l", "1 1/2 kg", "6", "15 ml"])
def test_an_amount_is_shown_as_it_was_written(text):
    assert amounts.show(amounts.parse(text)) == text


def test_nothing_is_shown_as_a_nought():
    assert amounts.show(amounts.Amount(Fraction(0), "g")) == "0 g"


@pytest.mark.parametrize(("text", "unit", "converted"), [("1 kg", "g", "1000 g"), ("3 tsp", "tbsp", "1 tbsp")])
def test_an_amount_is_converted(text, unit, converted):
    assert amounts.parse(text).to(unit) == amounts.parse(converted)


def test_mass_is_no_volume():
    with pytest.raises(ValueError, match="mass is no volume"):
        amounts.parse("1 kg").to("l")


def test_amounts_of_different_units_add_up():
    assert amounts.parse("1 kg").plus(amounts.parse("500 g")) == amounts.parse("1 1/2 kg")


def test_everything_can_be_taken_away():
    assert amounts.parse("1 kg").minus(amounts.parse("1000 g")).value == 0


def test_no_more_can_be_taken_away_than_there_is():
    with pytest.raises(ValueError, match="less than nothing"):
        amounts.parse("1 kg").minus(amounts.parse("1001 g"))


def test_an_amount_covers_itself():
    assert amounts.parse("1 kg").covers(amounts.parse("1000 g"))


def test_more_is_not_covered_by_less():
    assert amounts.parse("1 kg").covers(amounts.parse("999 g"))
    assert not amounts.parse("1 kg").covers(amounts.parse("1001 g"))
