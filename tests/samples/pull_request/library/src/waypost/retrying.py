"""How long to wait before trying again."""


def next_delay(delay: float, factor: float) -> float:
    """Return the delay after `delay`."""
    return delay * factor


def retries_until(first: float, factor: float, limit: float) -> int:
    """Return after how many retries the delay has grown from `first` to at least `limit`."""
    if factor <= 1:
        raise ValueError(f"a delay grows by a factor above 1, not {factor}")
    retries = 0
    delay = first
    while delay < limit:
        delay = next_delay(delay, factor)
        retries += 1
    return retries
