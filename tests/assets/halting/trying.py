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
