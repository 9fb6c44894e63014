"""Who installed the App."""

from collections.abc import Sequence

import sqlalchemy

from gatekeeper import hosted
from gatekeeper.store import database, hostedmodels

_Row = hostedmodels.Installation


def keep(engine: sqlalchemy.Engine, found: Sequence[hosted.Installed]) -> None:
    """Keep what GitHub says of all installations now; others have been removed. Raises StoreError."""
    with database.session(engine) as session, session.begin():
        others = _Row.id.not_in([one.id for one in found])
        session.execute(sqlalchemy.update(_Row).where(others).values(removed=True))
        for one in found:
            values = {
                "account": one.account,
                "suspended": one.suspended,
                "removed": False,
                "permissions": dict(one.permissions),
            }
            if not database.insert_new(session, _Row, {"id": one.id, **values}):
                session.execute(sqlalchemy.update(_Row).where(_Row.id == one.id).values(values))
