"""Records a finished review."""

from gatekeeper import review
from gatekeeper.store import database, records


def record(url: str, done: review.Review) -> None:
    """Store `done` in the database at `url`. Raises StoreError, and then nothing is stored."""
    records.record(database.open_database(url), done)
