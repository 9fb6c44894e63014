"""Who installed the App."""

import sqlalchemy

from gatekeeper import hosted
from gatekeeper.store import database, evaluations, hostedmodels

_Row = hostedmodels.Installation


def note(engine: sqlalchemy.Engine, installed: hosted.Installed, *, removed: bool = False) -> None:
    """Keep what GitHub says of the installation now. Raises StoreError."""
    values = {
        "account": installed.account,
        "suspended": installed.suspended,
        "removed": removed,
        "permissions": dict(installed.permissions),
    }
    with database.session(engine) as session, session.begin():
        if not evaluations.insert_new(session, _Row, {"id": installed.id, **values}):
            session.execute(sqlalchemy.update(_Row).where(_Row.id == installed.id).values(values))
