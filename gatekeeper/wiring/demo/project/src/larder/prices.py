"""What things cost, and how that is written where one lives."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """How prices are written."""

    thousands: str
    decimal: str
    form: str


REGIONS = {
    "uk": Region(",", ".", "£{}"),
    "de": Region(".", ",", "{} €"),
    "se": Region(" ", ",", "{} kr"),
}


def region():
    """Return the region that the environment names."""
    return os.environ.get("LARDER_REGION", "uk")


def tag(price, where=None):
    """Return the price as it is written there."""
    style = REGIONS[where or region()]
    whole, cents = divmod(round(price * 100), 100)
    groups = []
    while whole >= 1000:
        groups.insert(0, f"{whole % 1000:03}")
        whole //= 1000
    groups.insert(0, str(whole))
    return style.form.format(style.thousands.join(groups) + style.decimal + f"{cents:02}")


def cheapest(wanted, packs):
    """Return (price, sizes) of the cheapest packs that hold at least `wanted`; `packs` is size -> price."""
    if wanted < 0:
        raise ValueError("less than nothing is wanted")
    best = [(0, ())]
    for number in range(1, wanted + 1):
        tried = []
        for size, price in packs.items():
            before, sizes = best[max(0, number - size)]
            tried.append((before + price, tuple(sorted((*sizes, size)))))
        best.append(min(tried))
    return best[-1]


def discounted(price, pieces, free_from=3):
    """Return the price of that many pieces, of which the last is free from `free_from` pieces on."""
    if pieces >= free_from:
        pieces -= 1
    return price * pieces
