"""A listing: what a page of search results shows."""

from typing import Sequence

from waypost import paging, slugs, summaries


class Listing:
    """Entries of title and text, shown page by page."""

    def __init__(self, entries: Sequence, size: int = 10) -> None:
        self.entries = list(entries)
        self.size = size

    def lines(self, number: int) -> list:
        """Return a line for each entry of that page."""
        shown = paging.page(self.entries, number, self.size)
        return [f"/{slugs.slug(title)}: {summaries.summary(text, 30)}" for title, text in shown.items]

    def footer(self, number: int) -> str:
        """Return where the reader is."""
        shown = paging.page(self.entries, number, self.size)
        return "the end" if shown.is_last else f"page {shown.number} of {shown.count}"
