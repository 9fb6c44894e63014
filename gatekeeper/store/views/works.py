"""Deliveries and work in progress."""

import sqlalchemy

from gatekeeper.views import audience as audiences
from gatekeeper.views import work as views


def work(engine: sqlalchemy.Engine, audience: audiences.Audience, after: str | None = None) -> views.WorkPage | None:
    """Return what is being done, and deliveries from that cursor on; None unless for an administrator.

    Raises StoreError.
    """
    raise NotImplementedError
