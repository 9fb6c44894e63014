from datetime import date

import pytest

from larder import amounts


class TestShelf:
    def test_lots_add_up(self, stock):
        assert amounts.show(stock.total("flour")) == "1 1/2 kg"

    def test_of_what_is_not_there_there_is_no_total(self, stock):
        assert stock.total("salt") is None

    def test_what_spoils_first_is_taken_first(self, stock):
        stock.take("flour", amounts.parse("1 kg"))
        assert stock.expiring(date(2026, 2, 25)) == ["eggs", "milk"]

    def test_some_of_a_lot_is_taken(self, stock):
        stock.take("flour", amounts.parse("1200 g"))
        assert stock.total("flour") == amounts.parse("300 g")

    def test_what_is_used_up_is_gone(self, stock):
        stock.take("milk", amounts.parse("500 ml"))
        assert stock.names() == ["eggs", "flour"]

    def test_no_more_is_taken_than_there_is(self, stock):
        with pytest.raises(LookupError, match="not enough eggs"):
            stock.take("eggs", amounts.parse("7"))

    def test_what_is_not_there_is_not_taken(self, stock):
        with pytest.raises(LookupError, match="not enough salt"):
            stock.take("salt", amounts.parse("1 g"))

    @pytest.mark.parametrize(
        ("today", "names"),
        [(date(2026, 1, 1), ["milk"]), (date(2025, 12, 31), []), (date(2026, 1, 7), ["eggs", "milk"])],
    )
    def test_what_spoils_within_three_days_is_listed(self, stock, today, names):
        assert stock.expiring(today) == names

    def test_lots_of_one_day_keep_their_order(self, stock):
        stock.put("salt", amounts.parse("500 g"), date(2026, 5, 1))
        stock.put("salt", amounts.parse("1 kg"), date(2026, 5, 1))
        assert amounts.show(stock.total("salt")) == "1500 g"

    def test_what_keeps_longer_stands_behind(self, stock):
        stock.put("milk", amounts.parse("1 l"), date(2026, 2, 1))
        stock.take("milk", amounts.parse("1/2 l"))
        assert stock.expiring(date(2026, 1, 3)) == []
