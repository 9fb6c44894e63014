"""The overview across repositories."""

from datetime import datetime

import sqlalchemy

from gatekeeper.views import audience as audiences
from gatekeeper.views import overview as views

# days back that there are figures of
WINDOWS = (7, 30, 90, 365)


def overview(engine: sqlalchemy.Engine, audience: audiences.Audience, window: int, now: datetime) -> views.Overview:
    """Return all repositories that may be seen, over the last `window` days, one of WINDOWS. Raises StoreError."""
    raise NotImplementedError
