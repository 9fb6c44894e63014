"""The records of reviews, for commands that need no other part of the store."""

from datetime import UTC, datetime

from gatekeeper import review
from gatekeeper.store import database, jobs, records


def measured(url: str, repository: str) -> dict[bool, float]:
    """Return what a test took in the repository's latest reviews. Raises StoreError. As `records` otherwise."""
    return records.seconds_of_a_test(database.open_database(url), repository)


def record(url: str, done: review.Review) -> None:
    """Store `done` in the database at `url`. Raises StoreError, and then nothing is stored.

    Where CI was faster, it is compared with that at once.
    """
    engine = database.open_database(url)
    records.record(engine, done)
    if jobs.are_there(engine, done.subject.repository, done.subject.head):
        from gatekeeper.workflows import settling

        settling.settle(engine, done.id, datetime.now(UTC))
