"""What the pages ask the records for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gatekeeper.views import audience as audiences
from gatekeeper.views import overview, repository, reviewpage, reviews, work


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """The queries of `store.views`, each on one database; all raise StoreError."""

    overview: Callable[[audiences.Audience, int, datetime], overview.Overview]
    # what a repository's plots show
    plotted: Callable[[audiences.Audience, int, repository.Window], repository.Plotted | None]
    repository: Callable[[audiences.Audience, int, repository.Window], repository.RepositoryPage | None]
    reviews: Callable[[audiences.Audience, reviews.Filter, reviews.Cursor | None, int], reviews.ReviewsPage]
    review: Callable[[audiences.Audience, str], reviewpage.ReviewPage | None]
    # review, position of the test
    prediction: Callable[[audiences.Audience, str, int], reviewpage.PredictionPage | None]
    # where deliveries begin
    work: Callable[[audiences.Audience, str | None], work.WorkPage | None]
