"""Lists of reviews."""

import sqlalchemy

from gatekeeper.views import audience as audiences
from gatekeeper.views import reviews as views


def reviews(
    engine: sqlalchemy.Engine,
    audience: audiences.Audience,
    chosen: views.Filter,
    cursor: views.Cursor | None = None,
    limit: int = 50,
) -> views.ReviewsPage:
    """Return at most `limit` reviews that the filter lets through, newest first, from the cursor on.

    A repository that may not be seen has none. Raises StoreError.
    """
    raise NotImplementedError
