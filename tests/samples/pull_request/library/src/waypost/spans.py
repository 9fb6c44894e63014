"""Spans of days, months, pages: pairs of first and last."""

from typing import Iterable


def merge(spans: Iterable) -> list:
    """Return the spans with those that overlap or touch made one, in order."""
    merged = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
