"""What a repository's latest review says: its verdict, and what that might do."""

import sqlalchemy

from gatekeeper.store import models


def latest() -> sqlalchemy.ScalarSelect[str]:
    """Return the id of the repository's review that began last, for a query of repositories."""
    row = models.Review
    mine = sqlalchemy.select(row.id).where(row.repository_id == models.Repository.id)
    return mine.order_by(row.started.desc(), row.id.desc()).limit(1).correlate(models.Repository).scalar_subquery()
