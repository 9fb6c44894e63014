"""What is in stock, by the day until which it is good."""

from dataclasses import dataclass
from datetime import timedelta

from larder import amounts


@dataclass(frozen=True)
class Lot:
    """Some of one thing, bought together."""

    amount: amounts.Amount
    best_before: object


class Shelf:
    """Everything in stock."""

    def __init__(self):
        self._lots = {}

    def put(self, name, amount, best_before):
        """Add a lot; what is good for a shorter time stands in front."""
        lots = self._lots.setdefault(name, [])
        place = 0
        while place < len(lots) and lots[place].best_before <= best_before:
            place += 1
        lots.insert(place, Lot(amount, best_before))

    def names(self):
        """Return the names of everything in stock, sorted."""
        return sorted(self._lots)

    def total(self, name):
        """Return how much of it there is; None where there is none."""
        lots = self._lots.get(name)
        if not lots:
            return None
        total = lots[0].amount
        for lot in lots[1:]:
            total = total.plus(lot.amount)
        return total

    def take(self, name, amount):
        """Take that much, from the lots in front first."""
        total = self.total(name)
        if total is None or not total.covers(amount):
            raise LookupError(f"not enough {name}")
        lots = self._lots[name]
        while lots and amount.covers(lots[0].amount):
            amount = amount.minus(lots[0].amount)
            lots.pop(0)
        if amount.value > 0:
            lots[0] = Lot(lots[0].amount.minus(amount), lots[0].best_before)
        if not lots:
            del self._lots[name]

    def expiring(self, today, days=3):
        """Return the names of what is good for no more than that many days from today."""
        last = today + timedelta(days=days)
        return [name for name in self.names() if self._lots[name][0].best_before <= last]
