"""`gatekeeper db`: upkeep of the database of records."""

import sqlalchemy

from gatekeeper.store import database


def upgrade(url: str) -> str:
    """Bring the database at `url` up to date and return a sentence that says so. Raises StoreError."""
    revision = database.upgrade(url)
    engine = database.open_database(url)
    if engine.dialect.name == "postgresql":
        # of durable work; whoever runs the service may have no right to make them
        from gatekeeper.workflows import durable

        durable.migrate(engine)
    engine.dispose()
    return f"{sqlalchemy.make_url(url).render_as_string(hide_password=True)} has the schema {revision}, the newest"
