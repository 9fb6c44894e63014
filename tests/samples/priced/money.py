"""Amounts of money in whole cents: read, written, rounded, divided, taxed and added up. What reuse.py reviews."""

from dataclasses import dataclass

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "CHF": "CHF"}
DIGITS = {"EUR": 2, "GBP": 2, "USD": 2, "JPY": 0, "CHF": 2}
# hundredths of a percent
RATES = {"full": 1900, "reduced": 700, "books": 500, "none": 0}
# least number of pieces -> percent off
STEPS = ((100, 15), (50, 10), (10, 5))


class MoneyError(ValueError):
    """An amount that is not one."""


class CurrencyError(MoneyError):
    """Amounts that cannot be put together."""


@dataclass(frozen=True)
class Money:
    """An amount in the smallest unit of its currency."""

    cents: int
    currency: str = "EUR"

    def __post_init__(self):
        if self.currency not in DIGITS:
            raise CurrencyError(f"there is no currency {self.currency!r}")

    def __add__(self, other):
        check_same(self, other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other):
        check_same(self, other)
        return Money(self.cents - other.cents, self.currency)

    def __neg__(self):
        return Money(-self.cents, self.currency)

    def __lt__(self, other):
        check_same(self, other)
        return self.cents < other.cents

    def __bool__(self):
        return self.cents != 0

    def times(self, numerator, denominator=1):
        """Return the amount times a fraction, rounded."""
        return Money(rounded(self.cents * numerator, denominator), self.currency)


@dataclass(frozen=True)
class Line:
    """One line of an invoice."""

    what: str
    price: Money
    pieces: int = 1
    kind: str = "full"


def check_same(one, other):
    """Raise CurrencyError for amounts of different currencies."""
    if one.currency != other.currency:
        raise CurrencyError(f"{one.currency} and {other.currency} cannot be put together")


def rounded(numerator, denominator):
    """Return a fraction as a whole number, halves to the even one."""
    if denominator == 0:
        raise MoneyError("nothing is divided by zero")
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    whole, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1):
        whole += 1
    return whole


def parse(text, currency="EUR"):
    """Return the amount that a text such as `-1,234.5` says."""
    left = text.strip()
    negative = left.startswith("-")
    if negative:
        left = left[1:].strip()
    symbol = SYMBOLS[currency]
    if left.startswith(symbol):
        left = left[len(symbol) :].strip()
    if left.startswith("(") and left.endswith(")"):
        negative = not negative
        left = left[1:-1]
    whole, point, part = left.partition(".")
    digits = DIGITS[currency]
    if point and len(part) > digits:
        raise MoneyError(f"{text!r} has more than {digits} digits behind the point")
    part = part + "0" * (digits - len(part))
    whole = ungrouped(whole, text)
    if not (whole + part).isdecimal():
        raise MoneyError(f"{text!r} is no amount")
    cents = int(whole + part)
    return Money(-cents if negative else cents, currency)


def ungrouped(whole, text):
    """Return digits without the commas between thousands."""
    if "," not in whole:
        return whole
    first, *groups = whole.split(",")
    if not first or len(first) > 3 or any(len(group) != 3 for group in groups):
        raise MoneyError(f"{text!r} has its commas in the wrong places")
    return first + "".join(groups)


def grouped(whole):
    """Return digits with commas between thousands."""
    groups = []
    left = str(whole)
    while len(left) > 3:
        groups.insert(0, left[-3:])
        left = left[:-3]
    groups.insert(0, left)
    return ",".join(groups)


def shown(money):
    """Return an amount as people write it."""
    digits = DIGITS[money.currency]
    whole, part = divmod(abs(money.cents), 10**digits)
    text = grouped(whole)
    if digits:
        text += "." + str(part).rjust(digits, "0")
    sign = "-" if money.cents < 0 else ""
    mark = SYMBOLS[money.currency]
    return sign + mark + (" " if mark.isalpha() else "") + text


def total(amounts, currency="EUR"):
    """Return the sum of amounts."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result


def allocated(money, shares):
    """Divide an amount by shares without losing a cent: what is left over goes to the largest remainders."""
    whole = sum(shares)
    if whole <= 0 or any(share < 0 for share in shares):
        raise MoneyError("shares are not negative, and not all of them are zero")
    parts = []
    remainders = []
    for place, share in enumerate(shares):
        cents, rest = divmod(money.cents * share, whole)
        parts.append(cents)
        remainders.append((-rest, place))
    left = money.cents - sum(parts)
    for _, place in sorted(remainders)[:left]:
        parts[place] += 1
    return [Money(cents, money.currency) for cents in parts]


def discounted(line):
    """Return the price of a line with what its number of pieces takes off."""
    gross = line.price.times(line.pieces)
    for least, percent in STEPS:
        if line.pieces >= least:
            return gross - gross.times(percent, 100)
    return gross


def tax(net, kind):
    """Return the tax on an amount."""
    if kind not in RATES:
        raise MoneyError(f"there is no tax rate {kind!r}")
    return net.times(RATES[kind], 10_000)


def taxes(lines):
    """Return the tax of an invoice by its kind, each rounded once."""
    nets = {}
    for line in lines:
        net = discounted(line)
        nets[line.kind] = nets[line.kind] + net if line.kind in nets else net
    return {kind: tax(net, kind) for kind, net in nets.items()}


def gross_total(lines, currency="EUR"):
    """Return what an invoice comes to."""
    net = total([discounted(line) for line in lines], currency)
    return net + total(taxes(lines).values(), currency)


def instalments(money, months, yearly=0):
    """Return equal payments, the last of which takes what rounding left; `yearly` interest in percent."""
    if months < 1:
        raise MoneyError("there is at least one payment")
    debt = money + money.times(yearly * months, 1200)
    each = Money(debt.cents // months, debt.currency)
    payments = [each] * (months - 1)
    payments.append(debt - total(payments, debt.currency))
    return payments


def balance(entries, opening):
    """Return the balances of an account after each entry."""
    balances = []
    current = opening
    for entry in entries:
        current = current + entry
        balances.append(current)
    return balances


def overdrawn(entries, opening, limit):
    """Return the place of the first entry that takes an account below its limit, or None."""
    for place, current in enumerate(balance(entries, opening)):
        if current < -limit:
            return place
    return None


def converted(money, currency, numerator, denominator):
    """Return an amount in another currency, at a rate that is a fraction."""
    shift = DIGITS[currency] - DIGITS[money.currency]
    if shift >= 0:
        numerator = numerator * 10**shift
    else:
        denominator = denominator * 10**-shift
    return Money(rounded(money.cents * numerator, denominator), currency)


def described(lines, width=30):
    """Return an invoice as lines of text."""
    rows = []
    for line in lines:
        label = line.what if line.pieces == 1 else f"{line.pieces} x {line.what}"
        rows.append(label[: width - 12].ljust(width - 12) + shown(discounted(line)).rjust(12))
    for kind, amount in sorted(taxes(lines).items()):
        rows.append(f"tax, {kind}".ljust(width - 12) + shown(amount).rjust(12))
    rows.append("total".ljust(width - 12) + shown(gross_total(lines)).rjust(12))
    return rows
