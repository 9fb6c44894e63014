"""Loops over floating point numbers."""

import math


def halve_until_small(value: float) -> int:
    steps = 0
    while abs(value) > 1e-9:
        value /= 2
        steps += 1
    return steps


def interval(low: float, high: float) -> float:
    while high - low > 1e-12:
        middle = (low + high) / 2
        if middle * middle > 2:
            high = middle
        else:
            low = middle
    return low


def interval_within(low: float, high: float) -> float:
    for _ in range(200):
        middle = (low + high) / 2
        if middle * middle > 2:
            high = middle
        else:
            low = middle
    return low


def savings(goal: float, rate: float) -> int:
    total, years = 1.0, 0
    while total < goal:
        total += total * rate
        years += 1
    return years


def savings_within_a_life(goal: float, rate: float) -> int:
    total, years = 1.0, 0
    while total < goal and years < 120:
        total += total * rate
        years += 1
    return years


def slices(start: float, end: float) -> list[float]:
    found = []
    while start < end:
        found.append(start)
        start += 0.25
    return found


def settled(value: float) -> float:
    before = math.inf
    while value != before:
        before, value = value, math.cos(value)
    return value


def nearly_settled(value: float) -> float:
    for _ in range(1000):
        value, before = math.cos(value), value
        if abs(value - before) < 1e-12:
            break
    return value


def decay(value: float) -> int:
    steps = 0
    while value >= 1.0:
        value *= 0.9
        steps += 1
    return steps


def decay_of_the_finite(value: float) -> int:
    if not math.isfinite(value):
        return 0
    steps = 0
    while value >= 1.0:
        value *= 0.9
        steps += 1
    return steps
