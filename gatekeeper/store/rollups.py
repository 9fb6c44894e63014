"""Sums by day: of the scores, and of what the reviews came to. Made anew from what they add up."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.accuracy import counts
from gatekeeper.outcomes import settlement
from gatekeeper.store import models, outcomemodels, upserts
from gatekeeper.verdicts import verdict

_Score, _Rollup, _Day = outcomemodels.Score, outcomemodels.Rollup, outcomemodels.Day
_Settled = outcomemodels.Settlement
# columns of settlements that a day adds up; its `totals` have them under the same names
SECONDS = ("verdict_seconds", "ci_seconds", "job_seconds", "saved_seconds", "cpu_seconds", "gpu_seconds")
# counts of a settlement's tests that a day adds up
TESTS = ("matched", "unselected", "unreported", "unmatched", "missed")


def refresh(session: orm.Session, repository: int, days: Iterable[date]) -> None:
    """Add up the repository's scores of those days anew, in the caller's transaction."""
    for day in sorted(set(days)):
        _refresh(session, repository, day)


def _refresh(session: orm.Session, repository: int, day: date) -> None:
    mine = (_Score.repository_id == repository, _Score.day == day)
    columns = (_Score.engine, _Score.model, _Score.version, _Score.unit, _Score.counts)
    sums: defaultdict[tuple[str, str, str, str], counts.Counts] = defaultdict(counts.Counts)
    pulls: Counter[tuple[str, str, str, str]] = Counter()
    for engine, model, version, unit, stored in session.execute(sqlalchemy.select(*columns).where(*mine)):
        key = (engine, model, version, unit)
        sums[key] += counts.from_json(stored)
        pulls[key] += 1
    old = sqlalchemy.delete(_Rollup).where(_Rollup.repository_id == repository, _Rollup.day == day)
    session.execute(old)
    names = ("engine", "model", "version", "unit")
    rows = [
        {
            "repository_id": repository,
            "day": day,
            **dict(zip(names, key, strict=True)),
            "pulls": pulls[key],
            "counts": counts.as_json(total),
        }
        for key, total in sorted(sums.items())
    ]
    upserts.put(session, _Rollup, rows)


def refresh_day(session: orm.Session, repository: int, day: date) -> None:
    """Add up what the repository's reviews that began on the UTC `day` came to anew, in the caller's transaction."""
    start = datetime.combine(day, time(), UTC)
    row = models.Review
    mine = (row.repository_id == repository, row.started >= start, row.started < start + timedelta(days=1))
    chosen = (
        sqlalchemy.select(row.conclusion, row.seconds, _Settled.label, _Settled.tests, _Settled.tokens)
        .add_columns(*(getattr(_Settled, name) for name in SECONDS))
        .outerjoin(_Settled, _Settled.review_id == row.id)
        .where(*mine)
    )
    found = session.execute(chosen).all()
    labels = (settlement.Label.BROKEN.value, settlement.Label.SOUND.value)
    totals: Counter[str] = Counter(dict.fromkeys((*verdict.Conclusion, "seconds", "tokens", *SECONDS, *TESTS), 0))
    uncounted: Counter[str] = Counter()
    for one in found:
        totals[one.conclusion] += 1
        totals["seconds"] += one.seconds
        totals.update({name: getattr(one, name) or 0 for name in (*SECONDS, "tokens")})
        if one.tests is not None:
            totals.update({name: one.tests.get(name, 0) for name in TESTS})
            uncounted.update(one.tests.get("uncounted", {}))
    values: dict[str, Any] = {
        "repository_id": repository,
        "day": day,
        "reviews": len(found),
        "settled": sum(one.label in labels for one in found),
        "totals": {**totals, "uncounted": dict(sorted(uncounted.items()))},
    }
    upserts.put(session, _Day, [values])
