"""Amounts with units, as recipes write them."""

from dataclasses import dataclass
from fractions import Fraction

# unit -> (what it measures, how many of the smallest unit of that)
UNITS = {
    "g": ("mass", 1),
    "kg": ("mass", 1000),
    "ml": ("volume", 1),
    "tsp": ("volume", 5),
    "tbsp": ("volume", 15),
    "l": ("volume", 1000),
    "": ("count", 1),
}


@dataclass(frozen=True)
class Amount:
    """So much of a unit."""

    value: Fraction
    unit: str = ""

    def to(self, unit):
        """Return the same amount in another unit of the same kind."""
        kind, size = UNITS[self.unit]
        other_kind, other_size = UNITS[unit]
        if kind != other_kind:
            raise ValueError(f"{kind} is no {other_kind}")
        return Amount(self.value * size / other_size, unit)

    def plus(self, other):
        """Return the sum, in this amount's unit."""
        return Amount(self.value + other.to(self.unit).value, self.unit)

    def minus(self, other):
        """Return the difference, in this amount's unit; never less than nothing."""
        left = self.value - other.to(self.unit).value
        if left < 0:
            raise ValueError("less than nothing is left")
        return Amount(left, self.unit)

    def times(self, factor):
        """Return `factor` times as much."""
        return Amount(self.value * Fraction(factor), self.unit)

    def covers(self, other):
        """Whether this is at least as much as `other`."""
        return self.value >= other.to(self.unit).value


def parse(text):
    """Return the amount that `text` says: `3`, `1/2 l`, `1 1/2 kg`."""
    value, unit = Fraction(0), ""
    for place, word in enumerate(text.split()):
        if word in UNITS:
            unit = word
            break
        if place > 1:
            raise ValueError(f"no unit: {word}")
        value += Fraction(word)
    if value <= 0:
        raise ValueError(f"no amount: {text}")
    return Amount(value, unit)


def show(amount):
    """Return the amount as people write it, with whole and broken parts apart."""
    whole, part = divmod(amount.value.numerator, amount.value.denominator)
    words = []
    if whole or not part:
        words.append(str(whole))
    if part:
        words.append(f"{part}/{amount.value.denominator}")
    if amount.unit:
        words.append(amount.unit)
    return " ".join(words)
