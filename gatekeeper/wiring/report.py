"""`gatekeeper report`: recorded reviews in the terminal, as a page, as JSON."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from gatekeeper import errors
from gatekeeper.report import beyond, html, jsonform, listing, terminal, traces
from gatekeeper.store import database, offers, records

# reviews on one page: the newest
_ON_PAGE = 50


def print_list(console: Console, url: str) -> None:
    """Print the recorded reviews, newest first. Raises StoreError."""
    reviews = records.reviews(database.open_database(url))
    if reviews:
        console.print(listing.render(reviews))
    else:
        console.print(Text("No review is recorded yet: `gatekeeper review` records one."))


def print_review(console: Console, url: str, prefix: str) -> None:
    """Print all of the review whose id starts with `prefix`. Raises UsageError and StoreError."""
    opened = database.open_database(url)
    done = records.find(opened, prefix)
    for said in done.predictions:
        if said.trace:
            console.print(traces.render(said.trace))
            console.print()
    console.print(terminal.tests(done))
    console.print()
    # last, where the eye is
    console.print(terminal.summary(done))
    console.print(beyond.render(done, offers.of_review(opened, done.id)))


def write_page(url: str, prefix: str | None, file: Path) -> None:
    """Write one review, or the newest without a `prefix`, as one page to `file`. Raises UsageError and StoreError."""
    opened = database.open_database(url)
    ids = [row.id for row in records.reviews(opened, limit=_ON_PAGE)] if prefix is None else [prefix]
    reviews = [records.find(opened, one) for one in ids]
    page = html.render(reviews, {done.id: offers.of_review(opened, done.id) for done in reviews})
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise errors.UsageError(f"the page cannot be written to {file}: {error.strerror}: name another file") from error


def as_json(url: str, prefix: str | None) -> dict[str, Any] | list[dict[str, Any]]:
    """Return one review, or the list of all without a `prefix`. Raises UsageError and StoreError."""
    opened = database.open_database(url)
    if prefix is None:
        return [jsonform.listed_as_json(row) for row in records.reviews(opened)]
    done = records.find(opened, prefix)
    return jsonform.as_json(done, offers.of_review(opened, done.id))
