"""One review."""

import sqlalchemy

from gatekeeper.views import audience as audiences
from gatekeeper.views import reviewpage


def review(engine: sqlalchemy.Engine, audience: audiences.Audience, identity: str) -> reviewpage.ReviewPage | None:
    """Return the review with that whole id, without traces, or None. Raises StoreError."""
    raise NotImplementedError
