import pytest

from larder import prices


@pytest.mark.parametrize(
    ("price", "tag"),
    [(0, "£0.00"), (0.5, "£0.50"), (999.99, "£999.99"), (1000, "£1,000.00"), (1234567.8, "£1,234,567.80")],
)
def test_a_price_is_written(price, tag):
    assert prices.tag(price, "uk") == tag


def test_a_price_is_written_as_in_germany():
    assert prices.tag(1234.5, "de") == "1.234,50 €"


def test_a_price_is_written_as_in_the_region_of_this_machine():
    expected = {"uk": "£1,234.50", "de": "1.234,50 €", "se": "1 234,50 kr"}
    assert prices.tag(1234.5) == expected[prices.region()]


@pytest.mark.parametrize(
    ("wanted", "best"), [(0, (0, ())), (1, (4, (1,))), (5, (9, (6,))), (7, (13, (1, 6))), (12, (18, (6, 6)))]
)
def test_the_cheapest_packs_are_found(wanted, best):
    assert prices.cheapest(wanted, {1: 4, 6: 9}) == best


def test_less_than_nothing_is_refused():
    with pytest.raises(ValueError, match="less than nothing"):
        prices.cheapest(-1, {1: 4})


@pytest.mark.parametrize(("pieces", "price"), [(1, 5), (2, 10), (3, 10), (4, 15)])
def test_the_third_piece_is_free(pieces, price):
    assert prices.discounted(5, pieces) == price
