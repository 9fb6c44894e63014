"""Loops over numbers."""

import math


def digits(number: int) -> int:
    found = 1
    while number != 0:
        number = number // 10
        found += 1
    return found


def digit_sum(number: int) -> int:
    rest = abs(number)
    total = 0
    while rest:
        rest, digit = divmod(rest, 10)
        total += digit
    return total


def ladder(limit: int, step: int) -> list[int]:
    rungs = []
    value = 0
    while value < limit:
        rungs.append(value)
        value += step
    return rungs


def stairs(limit: int, step: int) -> list[int]:
    if step < 1:
        raise ValueError(step)
    treads = []
    value = 0
    while value < limit:
        treads.append(value)
        value += step
    return treads


def ticks(end: float) -> int:
    value = 0.0
    count = 0
    while value != end:
        value += 0.1
        count += 1
    return count


def halvings(value: float) -> int:
    if not math.isfinite(value):
        raise ValueError(value)
    count = 0
    while value > 0.0:
        value /= 2
        count += 1
    return count


def steps(number: int) -> int:
    taken = 0
    while number != 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        taken += 1
    return taken


def steps_within(number: int, bound: int) -> int | None:
    taken = 0
    while number != 1:
        if taken >= bound:
            return None
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        taken += 1
    return taken


def common_divisor(one: int, other: int) -> int:
    if one <= 0 or other <= 0:
        raise ValueError((one, other))
    while one != other:
        if one > other:
            one -= other
        else:
            other -= one
    return one


def place(items: list[int], wanted: int) -> int:
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] <= wanted:
            low = middle
        else:
            high = middle
    return low
