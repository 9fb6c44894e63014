"""`gatekeeper outcomes`: reports of CI into the records of this machine, or to the service."""

from collections.abc import Sequence
from datetime import datetime

from gatekeeper.store import database
from gatekeeper.workflows import uploading


def keep(url: str, reports: Sequence[bytes], given: uploading.Upload, now: datetime) -> uploading.Taken:
    """Keep the reports in the database at `url` and settle what they tell of. Raises ReportError and StoreError."""
    return uploading.take(database.open_database(url), reports, given, now)
