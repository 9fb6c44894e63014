"""Cutting a sequence into numbered pages."""

from dataclasses import dataclass
from typing import Sequence


@dataclass(frozen=True)
class Page:
    """One page of a sequence; numbers count from 1."""

    number: int
    count: int
    items: tuple

    @property
    def is_last(self) -> bool:
        return self.number >= self.count


def page_count(total: int, size: int) -> int:
    """Return how many pages hold `total` items; nothing needs no page."""
    if size < 1:
        raise ValueError(f"a page holds at least one item, not {size}")
    full, rest = divmod(total, size)
    if rest:
        full += 1
    return full


def page(items: Sequence, number: int, size: int) -> Page:
    """Return the page with that number. Raises IndexError where there is none."""
    count = page_count(len(items), size)
    if not 1 <= number <= max(count, 1):
        raise IndexError(f"page {number} of {count}")
    start = (number - 1) * size
    return Page(number, count, tuple(items[start : start + size]))
