"""What a repository's badge says."""

import sqlalchemy

from gatekeeper.accuracy import figures
from gatekeeper.store import database, models, outcomemodels
from gatekeeper.store.views import stored

# days back
WINDOW = 90


def badge(engine: sqlalchemy.Engine, identity: int) -> figures.Figure | None:
    """Return the precision of the gate over pull requests of the last WINDOW days; None without such a repository.

    Its value is None where it is not measured. Takes no audience: whoever holds the badge's signed address may see it.
    Raises StoreError.
    """
    with database.session(engine) as session:
        if session.get(models.Repository, identity) is None:
            return None
        kept = session.get(outcomemodels.Summary, (str(identity), str(WINDOW)))
        return (
            figures.Figure(value=None) if kept is None else stored.to_figures(kept.figures["pull_requests"]).precision
        )
