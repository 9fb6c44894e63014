"""Prices that a shop publishes on the web: a line for each thing, its name and its price."""

from urllib import request


def read(text):
    """Return name -> price; lines that are no price are left out."""
    prices = {}
    for line in text.splitlines():
        name, separator, price = line.rpartition(":")
        if not separator:
            continue
        prices[name.strip()] = float(price)
    return prices


def fetch(url):
    """Return the prices that are published at that address."""
    with request.urlopen(url, timeout=5) as answer:
        return read(answer.read().decode())


def rises(before, now, share=0.1):
    """Return the names of what costs more than it did by at least that share, sorted."""
    return sorted(name for name, price in now.items() if name in before and price >= before[name] * (1 + share))
