"""Figures made from time to time, so that pages need not."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.accuracy import counts, figures, measuring, parts
from gatekeeper.outcomes import settlement
from gatekeeper.store import hostedmodels, models, outcomemodels, upserts
from gatekeeper.store.views import measured, overviews
from gatekeeper.views import overview
from gatekeeper.views import repository as repositories

_Row, _Rollup, _Score = outcomemodels.Summary, outcomemodels.Rollup, outcomemodels.Score
_Day, _Settled = outcomemodels.Day, outcomemodels.Settlement
_LABELS = (settlement.Label.BROKEN.value, settlement.Label.SOUND.value)
# what a job's becoming known may come before it is settled
_LAG = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A review's part in the gate's figures."""

    day: date
    unit: parts.Unit
    # reviews of one pull request are one
    pull: tuple[int, str | int]
    counts: counts.Counts


def stale(session: orm.Session, now: datetime) -> tuple[int, ...]:
    """Return the repositories (numbers in these records) with something newer than their figures, or none of today."""
    oldest = sqlalchemy.select(_Row.scope, sqlalchemy.func.min(_Row.made)).group_by(_Row.scope)
    made: dict[str, datetime] = {row[0]: row[1] for row in session.execute(oldest)}
    changed = _changed(session)
    today = now.astimezone(UTC).date()
    old = []
    for repository, latest in changed.items():
        before = _zoned(made.get(str(repository)))
        if before is None or before.date() < today or latest > before - _LAG:
            old.append(repository)
    return tuple(sorted(old))


def refresh(session: orm.Session, repository: int, now: datetime) -> None:
    """Make the repository's figures over each window, in the caller's transaction. `repository`: as in `stale`."""
    sums = _sums(session, repository, _first(now, max(overviews.WINDOWS)))
    pieces = _pieces(session, repository)
    for window in overviews.WINDOWS:
        first = _first(now, window)
        wholes = {unit: _added(some, unit, first) for unit, some in sums.items()}
        value = _value(session, repository, first)
        everyone = _everyone(session, repository, first, now)
        made_of = (wholes, value, [one for one in pieces if one.day >= first])
        _keep(session, str(repository), window, now, made_of, {"everyone": everyone})


def refresh_all(session: orm.Session, now: datetime) -> None:
    """Make the figures of all repositories together, of those of each, in the caller's transaction."""
    pieces = _pieces(session, None)
    for window in overviews.WINDOWS:
        mine = sqlalchemy.select(_Row.figures).where(_Row.window == str(window), _Row.scope != overviews.ALL)
        kept = session.scalars(mine).all()
        wholes = {
            unit: (
                measured.added_up(one["counts"][unit.value]["counts"] for one in kept),
                sum(one["counts"][unit.value]["pulls"] for one in kept),
            )
            for unit in parts.Unit
        }
        value = _together([one["value"] for one in kept])
        first = _first(now, window)
        _keep(session, overviews.ALL, window, now, (wholes, value, [one for one in pieces if one.day >= first]))


# counts added up, and the reviews that have a part in them
_Whole = tuple[counts.Counts, int]


def _keep(
    session: orm.Session,
    scope: str,
    window: int,
    now: datetime,
    made_of: tuple[Mapping[parts.Unit, _Whole], overview.Value, Sequence[_Piece]],
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    wholes, value, pieces = made_of
    made = {unit: _figures(wholes[unit], [one for one in pieces if one.unit is unit]) for unit in parts.Unit}
    figured = {
        "pull_requests": asdict(made[parts.Unit.PULL_REQUEST]),
        "tests": asdict(made[parts.Unit.TEST]),
        "value": asdict(value),
        "labelled": value.settled / value.reviews if value.reviews else None,
        # what the figures of all repositories are made of
        "counts": {
            unit.value: {"counts": counts.as_json(whole), "pulls": pulls} for unit, (whole, pulls) in wholes.items()
        },
        **more,
    }
    upserts.put(session, _Row, [{"scope": scope, "window": str(window), "made": now, "figures": figured}])


def _everyone(session: orm.Session, repository: int, first: date, now: datetime) -> dict[str, Any]:
    """Return the figures of the gate, the engines and the baselines, for the repository's own page."""
    window = repositories.Window(first=first, last=now.astimezone(UTC).date())
    added = measured.sums(session, repository, window)
    return measured.as_json(measured.everyone(session, repository, window, added, waiting=False))


def _figures(whole: _Whole, pieces: Sequence[_Piece]) -> figures.Figures:
    """Return the figures of the whole, with intervals by the latest pull requests."""
    latest = measuring.by_pull((one.pull, one.counts) for one in pieces)
    return measuring.bounded(whole[0], pulls=whole[1], latest=latest, draws=measured.DRAWS)


def _sums(session: orm.Session, repository: int, first: date) -> dict[parts.Unit, list[Any]]:
    """Return (day, pulls, counts) of the gate's sums by day."""
    query = sqlalchemy.select(_Rollup.unit, _Rollup.day, _Rollup.pulls, _Rollup.counts).where(
        _Rollup.repository_id == repository, _Rollup.day >= first, _Rollup.engine == parts.GATE
    )
    found: dict[parts.Unit, list[Any]] = {unit: [] for unit in parts.Unit}
    for row in session.execute(query):
        found[parts.Unit(row.unit)].append(row)
    return found


def _added(some: Sequence[Any], unit: parts.Unit, first: date) -> _Whole:
    mine = [one for one in some if one.unit == unit.value and one.day >= first]
    return measured.added_up(one.counts for one in mine), sum(one.pulls for one in mine)


def _pieces(session: orm.Session, repository: int | None) -> list[_Piece]:
    """Return the gate's scores in the latest reviews that were settled; None: of all repositories."""
    asked = hostedmodels.Evaluation
    latest = sqlalchemy.select(_Settled.review_id).order_by(_Settled.known.desc()).limit(measured.MOST)
    if repository is not None:
        latest = latest.where(_Settled.repository_id == repository)
    query = (
        sqlalchemy.select(_Score.review_id, _Score.repository_id, _Score.day, _Score.unit, _Score.counts, asked.pull)
        .outerjoin(asked, asked.review_id == _Score.review_id)
        .where(_Score.review_id.in_(latest), _Score.engine == parts.GATE)
    )
    return [
        _Piece(
            day=row.day,
            unit=parts.Unit(row.unit),
            pull=(row.repository_id, row.review_id if row.pull is None else row.pull),
            counts=counts.from_json(row.counts),
        )
        for row in session.execute(query)
    ]


def _value(session: orm.Session, repository: int, first: date) -> overview.Value:
    mine = sqlalchemy.select(_Day.reviews, _Day.settled, _Day.totals).where(
        _Day.repository_id == repository, _Day.day >= first
    )
    days = session.execute(mine).all()
    verdicts, ci = _medians(session, repository, first)

    def total(name: str) -> float:
        return float(sum(day.totals.get(name, 0) for day in days))

    return overview.Value(
        reviews=sum(day.reviews for day in days),
        settled=sum(day.settled for day in days),
        saved_minutes=total("saved_seconds") / 60,
        job_minutes=total("job_seconds") / 60,
        verdict_seconds=verdicts,
        ci_seconds=ci,
        cpu_seconds=total("cpu_seconds"),
        gpu_seconds=total("gpu_seconds"),
        tokens=int(total("tokens")),
    )


def _medians(session: orm.Session, repository: int, first: date) -> tuple[float | None, float | None]:
    """Return the median seconds to the verdict and to the end of CI, over the latest reviews with a label."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    mine = (_Settled.repository_id == repository, _Settled.known >= start, _Settled.label.in_(_LABELS))
    query = sqlalchemy.select(_Settled.verdict_seconds, _Settled.ci_seconds).where(*mine)
    rows = session.execute(query.order_by(_Settled.known.desc()).limit(measured.MOST)).all()
    verdicts = [row.verdict_seconds for row in rows if row.verdict_seconds is not None]
    ci = [row.ci_seconds for row in rows if row.ci_seconds is not None]
    return (statistics.median(verdicts) if verdicts else None), (statistics.median(ci) if ci else None)


def _together(values: Sequence[Mapping[str, Any]]) -> overview.Value:
    def total(name: str) -> float:
        return float(sum(one[name] for one in values))

    return overview.Value(
        reviews=int(total("reviews")),
        settled=int(total("settled")),
        saved_minutes=total("saved_minutes"),
        job_minutes=total("job_minutes"),
        verdict_seconds=None,
        ci_seconds=None,
        cpu_seconds=total("cpu_seconds"),
        gpu_seconds=total("gpu_seconds"),
        tokens=int(total("tokens")),
    )


def _changed(session: orm.Session) -> dict[int, datetime]:
    """Return when each repository last had something new."""
    row = models.Review
    began = sqlalchemy.select(row.repository_id, sqlalchemy.func.max(row.started)).group_by(row.repository_id)
    settled = sqlalchemy.select(_Settled.repository_id, sqlalchemy.func.max(_Settled.known)).group_by(
        _Settled.repository_id
    )
    latest: dict[int, datetime] = {}
    for repository, at in [*session.execute(began), *session.execute(settled)]:
        when = _zoned(at)
        assert when is not None
        latest[repository] = max(when, latest.get(repository, when))
    return latest


def _zoned(at: datetime | str | None) -> datetime | None:
    """Return what an aggregate gives: SQLite hands back bare text."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _first(now: datetime, window: int) -> date:
    return now.astimezone(UTC).date() - timedelta(days=window - 1)
