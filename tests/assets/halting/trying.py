"""Loops around what may fail."""

from collections.abc import Callable


def insist(read: Callable[[], str]) -> str:
    while True:
        try:
            return read()
        except OSError:
            continue


def attempt(read: Callable[[], str], tries: int) -> str:
    while True:
        try:
            return read()
        except OSError:
            tries -= 1
            if tries <= 0:
                raise


def absent() -> str:
    raise FileNotFoundError


def wait_for(ready: Callable[[], bool]) -> int:
    looks = 1
    while not ready():
        looks += 1
    return looks


def never() -> bool:
    return False


def refill(stock: int) -> int:
    while stock < 10:
        stock += 1
        if stock == 10:
            stock = 0
    return stock
