"""A small package."""

LIMIT = 100


def clamp(value, low, high):
    """Return the value, or the bound that it lies beyond."""
    if value < low:
        return low
    return min(value, high)


def halvings(number):
    """Return how often the number can be halved."""
    count = 0
    while number > 1:
        number //= 2
        count += 1
    return count
