"""What a repository's badge says."""

from datetime import datetime

import sqlalchemy

from gatekeeper.accuracy import figures


def badge(engine: sqlalchemy.Engine, identity: int, now: datetime) -> figures.Figure | None:
    """Return the precision of the gate over pull requests of the last 90 days; None where there is no such repository.

    Takes no audience: whoever holds the badge's signed address may see it. Raises StoreError.
    """
    raise NotImplementedError
