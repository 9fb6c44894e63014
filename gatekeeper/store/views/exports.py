"""Everything of a list, row by row, in bounded memory."""

from collections.abc import Iterator

import sqlalchemy

from gatekeeper.views import audience as audiences
from gatekeeper.views import exports, repository, reviews


def review_lines(
    engine: sqlalchemy.Engine, audience: audiences.Audience, chosen: reviews.Filter
) -> Iterator[reviews.Line]:
    """Yield every review that the filter lets through, newest first. Raises StoreError."""
    raise NotImplementedError


def predictions(
    engine: sqlalchemy.Engine, audience: audiences.Audience, identity: int, window: repository.Window
) -> Iterator[exports.PredictionLine] | None:
    """Yield each test predicted in the repository's reviews that began in the window, newest review first.

    None where there is no such repository. Raises StoreError.
    """
    raise NotImplementedError
