"""How effort grows with size, drawn."""

from collections.abc import Sequence

_BARS = "\N{LOWER ONE EIGHTH BLOCK}\N{LOWER ONE QUARTER BLOCK}\N{LOWER THREE EIGHTHS BLOCK}\N{LOWER HALF BLOCK}"
_BARS += "\N{LOWER FIVE EIGHTHS BLOCK}\N{LOWER THREE QUARTERS BLOCK}\N{LOWER SEVEN EIGHTHS BLOCK}\N{FULL BLOCK}"


def sparkline(values: Sequence[float]) -> str:
    """Return one bar for each value, from the least to the greatest of them."""
    least, most = min(values), max(values)
    if least == most:
        return _BARS[0] * len(values)
    return "".join(_BARS[round((value - least) / (most - least) * (len(_BARS) - 1))] for value in values)
