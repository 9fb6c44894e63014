"""One repository."""

import sqlalchemy

from gatekeeper.views import audience as audiences
from gatekeeper.views import repository as views


def repository(
    engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int, window: views.Window
) -> views.RepositoryPage | None:
    """Return the repository with that number in these records over the window, or None. Raises StoreError."""
    raise NotImplementedError
