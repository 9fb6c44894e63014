"""Generators, and what consumes them."""

import itertools
from collections.abc import Iterator


def evens() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 2


def some_evens(bound: int) -> list[int]:
    return list(itertools.takewhile(lambda number: number < bound, evens()))


def evens_below(bound: int) -> list[int]:
    return [number for number in evens() if number < bound]


def odd_even() -> int:
    return next(number for number in evens() if number % 2)


def first_multiple(factor: int) -> int:
    return next(number for number in evens() if number % (abs(factor) + 1) == 0)


def together(words: list[str]) -> list[tuple[int, str]]:
    return list(zip(itertools.count(), words, strict=False))



def sum_of(bound: int) -> int:
    return sum(itertools.islice(evens(), abs(bound) % 1000))


def last_even() -> int:
    return max(evens())


def turns(names: list[str], rounds: int) -> list[str]:
    found = []
    for name, number in zip(itertools.cycle(names), itertools.count(), strict=False):
        if number == rounds:
            break
        found.append(name)
    return found


def some_turns(names: list[str], rounds: int) -> list[str]:
    return list(itertools.islice(itertools.cycle(names), max(rounds, 0) % 1000))
