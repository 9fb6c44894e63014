"""The overview across repositories."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.store import database, hostedmodels, models, outcomemodels
from gatekeeper.store.views import fixes, seen, standings, stored
from gatekeeper.verdicts import authority, verdict
from gatekeeper.views import audience as audiences
from gatekeeper.views import overview as views

# days back that there are figures of
WINDOWS = (7, 30, 90, 365)
# the scope of figures over all repositories
ALL = "all"

_Summary = outcomemodels.Summary
_NOTHING = views.Value(
    reviews=0,
    settled=0,
    saved_minutes=0.0,
    job_minutes=0.0,
    verdict_seconds=None,
    ci_seconds=None,
    cpu_seconds=0.0,
    gpu_seconds=0.0,
    tokens=0,
)


def overview(engine: sqlalchemy.Engine, audience: audiences.Audience, window: int, now: datetime) -> views.Overview:
    """Return all repositories that may be seen, over the last `window` days, one of WINDOWS. Raises StoreError.

    The figures are those made last before `now`; how long ago is told, and pages need not wait for them.
    """
    with database.session(engine) as session:
        visible = seen.repositories(session, audience)
        found = session.execute(_query(session, visible, window)).all()
        whole = session.get(_Summary, (ALL, str(window))) if audience.everything else None
        today = now.astimezone(UTC).date()
        offered = fixes.figures(session, visible, today - timedelta(days=window - 1), today)
    lines = tuple(_line(row) for row in found)
    made = [row.made for row in found if row.made is not None and row.made <= now]
    return views.Overview(
        window=window,
        lines=lines,
        figures=None if whole is None else stored.to_figures(whole.figures["pull_requests"]),
        value=_together([line.value for line in lines]) if whole is None else stored.to_value(whole.figures["value"]),
        made=min(made, default=None) if whole is None else whole.made,
        fixes=offered,
    )


def _query(session: orm.Session, visible: Sequence[int] | None, window: int) -> sqlalchemy.Select[*tuple[Any, ...]]:
    repository, row, asked = models.Repository, models.Review, hostedmodels.Evaluation
    summary = sqlalchemy.and_(
        _Summary.scope == sqlalchemy.cast(repository.id, sqlalchemy.Text), _Summary.window == str(window)
    )
    query = (
        sqlalchemy.select(repository.id, repository.name, row.started, row.conclusion, asked.authority)
        # what else is kept there is long, and only the repositories' own pages show it
        .add_columns(_Summary.made, *(_Summary.figures[name].label(name) for name in ("pull_requests", "value")))
        .add_columns(_Summary.figures["labelled"].label("labelled"))
        .outerjoin(row, row.id == standings.latest())
        .outerjoin(asked, asked.review_id == row.id)
        .outerjoin(_Summary, summary)
        .order_by(row.started.desc().nulls_last(), repository.id)
    )
    return query if visible is None else query.where(seen.among(session, repository.id, visible))


def _line(row: sqlalchemy.Row[*tuple[Any, ...]]) -> views.Line:
    return views.Line(
        id=row.id,
        name=row.name,
        authority=None if row.authority is None else authority.Authority(row.authority),
        figures=None if row.made is None else stored.to_figures(row.pull_requests),
        value=_NOTHING if row.made is None else stored.to_value(row.value),
        labelled=row.labelled,
        latest=row.started,
        latest_conclusion=None if row.conclusion is None else verdict.Conclusion(row.conclusion),
    )


def _together(values: Sequence[views.Value]) -> views.Value:
    if len(values) == 1:
        return values[0]
    return views.Value(
        reviews=sum(one.reviews for one in values),
        settled=sum(one.settled for one in values),
        saved_minutes=sum(one.saved_minutes for one in values),
        job_minutes=sum(one.job_minutes for one in values),
        verdict_seconds=None,
        ci_seconds=None,
        cpu_seconds=sum(one.cpu_seconds for one in values),
        gpu_seconds=sum(one.gpu_seconds for one in values),
        tokens=sum(one.tokens for one in values),
    )
