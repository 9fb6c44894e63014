"""One prediction of a review."""

import sqlalchemy

from gatekeeper.views import audience as audiences
from gatekeeper.views import reviewpage


def prediction(
    engine: sqlalchemy.Engine, audience: audiences.Audience, review: str, position: int
) -> reviewpage.PredictionPage | None:
    """Return the test at `position`, from 0, of the review with that whole id, or None. Raises StoreError."""
    raise NotImplementedError
