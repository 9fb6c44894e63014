"""The tests of money.py, for reuse.py to review."""

import money
import pytest
from money import Line, Money


def test_halves_are_rounded_to_the_even_cent():
    assert [money.rounded(number, 2) for number in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


def test_a_negative_denominator_changes_the_sign():
    assert money.rounded(7, -3) == -2


def test_amounts_are_read():
    assert money.parse("1,234.5") == Money(123450)


def test_amounts_in_parentheses_are_negative():
    assert money.parse("€(12.00)") == Money(-1200)


def test_commas_in_the_wrong_places_are_refused():
    with pytest.raises(money.MoneyError):
        money.parse("12,34.00")


def test_too_many_digits_are_refused():
    with pytest.raises(money.MoneyError):
        money.parse("1.234")


def test_amounts_are_written():
    assert money.shown(Money(-123456789)) == "-€1,234,567.89"


def test_currencies_without_a_symbol_are_written_by_name():
    assert money.shown(Money(500, "CHF")) == "CHF 5.00"


def test_currencies_without_cents_have_no_point():
    assert money.shown(Money(1500, "JPY")) == "¥1,500"


def test_what_is_written_is_read_again():
    amount = Money(7_654_321, "USD")
    assert money.parse(money.shown(amount), "USD") == amount


def test_different_currencies_are_not_added():
    with pytest.raises(money.CurrencyError):
        money.total([Money(1), Money(1, "USD")])


def test_no_cent_is_lost_in_shares():
    parts = money.allocated(Money(100), [1, 1, 1])
    assert [part.cents for part in parts] == [34, 33, 33]


def test_the_largest_remainder_gets_what_is_left():
    parts = money.allocated(Money(10), [3, 3, 5])
    assert [part.cents for part in parts] == [3, 3, 4]


def test_many_pieces_are_cheaper():
    assert money.discounted(Line("pen", Money(199), pieces=10)) == Money(1890)


def test_tax_is_rounded_once_for_each_kind():
    lines = [Line("pen", Money(33)), Line("ink", Money(33)), Line("book", Money(1999), kind="books")]
    assert money.taxes(lines) == {"full": Money(13), "books": Money(100)}


def test_an_invoice_comes_to_its_lines_and_taxes():
    assert money.gross_total([Line("pen", Money(200), pieces=50), Line("book", Money(1000), kind="books")]) == Money(
        11760
    )


def test_the_last_payment_takes_the_rest():
    payments = money.instalments(Money(10_000), 3, yearly=12)
    assert [payment.cents for payment in payments] == [3433, 3433, 3434]


def test_an_overdraft_is_found():
    entries = [Money(-500), Money(200), Money(-900), Money(100)]
    assert money.overdrawn(entries, Money(300), Money(800)) == 2


def test_an_amount_is_converted_to_a_currency_without_cents():
    assert money.converted(Money(1234), "JPY", 160, 1) == Money(1974, "JPY")


def test_an_invoice_is_described():
    assert money.described([Line("pen", Money(150), pieces=2)], width=24) == [
        "2 x pen            €3.00",
        "tax, full          €0.57",
        "total              €3.57",
    ]
