"""Reviews beside what real CI did: what it came to."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.accuracy import counts, parts, worth
from gatekeeper.outcomes import settlement
from gatekeeper.simulation import prediction
from gatekeeper.store import models, outcomemodels, rollups, subjects, testrecords, upserts
from gatekeeper.verdicts import verdict
from gatekeeper.views import reviews

_Row, _Score, _Decision = outcomemodels.Settlement, outcomemodels.Score, models.Decision
# outcomes kept out that are listed; all are counted
_LISTED = 500


def record(
    session: orm.Session,
    of: subjects.Subject,
    settled: settlement.Settlement,
    scores: Mapping[parts.Key, counts.Counts],
    valued: tuple[worth.Worth, worth.Spent],
) -> None:
    """Keep what became of the review in the caller's transaction; what was kept of it before is replaced.

    The sums by day, the tests' records and the decisions follow. The repository must be locked.
    """
    upserts.put(session, _Row, [_row(of, settled, *valued)])
    _note_result(session, of, settled)
    days = _replace_scores(session, of, settled, scores)
    _note_outcomes(session, of, settled)
    rollups.refresh(session, of.repository, days)
    rollups.refresh_day(session, of.repository, of.began.astimezone(UTC).date())


def _row(
    of: subjects.Subject, settled: settlement.Settlement, value: worth.Worth, spent: worth.Spent
) -> dict[str, Any]:
    return {
        "review_id": of.id,
        "repository_id": of.repository,
        "known": settled.known,
        "label": settled.label.value,
        "why": settled.why,
        "engine": of.engine,
        "conclusion": of.conclusion.value,
        "p_fail": _p_fail(of),
        "basis": subjects.basis(of),
        "tests": _tests(of, settled),
        "uncounted": [[one.kind.value, one.what, one.why] for one in settled.kept_out[:_LISTED]],
        "verdict_seconds": value.verdict_seconds,
        "ci_seconds": value.ci_seconds,
        "job_seconds": settled.job_seconds,
        "saved_seconds": value.saved_seconds,
        "cpu_seconds": spent.cpu_seconds,
        "gpu_seconds": spent.gpu_seconds,
        "tokens": spent.tokens,
    }


def _p_fail(of: subjects.Subject) -> float | None:
    if of.conclusion is verdict.Conclusion.NOT_ANALYSED:
        return None
    held = [one.said for one in of.decided if not one.said.already_failing]
    return max((one.p_fail for one in held if one.p_fail is not None), default=0.0)


def _tests(of: subjects.Subject, settled: settlement.Settlement) -> dict[str, Any]:
    counted = [one for one in settled.outcomes.values() if one.uncounted is None]
    kinds = Counter(one.kind.value for one in settled.kept_out)
    return {
        "predicted": len(of.decided),
        "would_fail": sum(one.said.would_fail for one in of.decided),
        "matched": len(settled.outcomes),
        "counted": len(counted),
        "broken": sum(one.outcome.broken for one in counted),
        "unselected": settled.unselected,
        "unreported": settled.unreported,
        "unmatched": settled.unmatched,
        "missed": len(settled.missed),
        "uncounted": dict(sorted(kinds.items())),
    }


def _note_result(session: orm.Session, of: subjects.Subject, settled: settlement.Settlement) -> None:
    """Write with the review how its verdict compares, which lists are filtered by."""
    compared = reviews.result(settled.label, of.conclusion)
    mine = sqlalchemy.update(models.Review).where(models.Review.id == of.id)
    session.execute(mine.values(result=compared.value).execution_options(synchronize_session=False))


def _replace_scores(
    session: orm.Session,
    of: subjects.Subject,
    settled: settlement.Settlement,
    scores: Mapping[parts.Key, counts.Counts],
) -> set[Any]:
    """Return the days whose sums have changed."""
    mine = _Score.review_id == of.id
    days = set(session.scalars(sqlalchemy.select(_Score.day).where(mine).distinct()))
    session.execute(sqlalchemy.delete(_Score).where(mine))
    day = settled.known.astimezone(UTC).date()
    rows = [
        {
            "review_id": of.id,
            "engine": key.engine,
            "model": key.model,
            "version": key.version,
            "unit": key.unit.value,
            "repository_id": of.repository,
            "day": day,
            "counts": counts.as_json(counted),
        }
        for key, counted in scores.items()
    ]
    upserts.put(session, _Score, rows)
    return days | {day}


def _note_outcomes(session: orm.Session, of: subjects.Subject, settled: settlement.Settlement) -> None:
    """Write what became of each predicted test, and count in its record whether that was foreseen."""
    changed: dict[subjects.Real, list[int]] = {}
    scored: list[testrecords.Scored] = []
    for one in of.decided:
        found = settled.outcomes.get(one.said.test)
        real: subjects.Real = (None, None)
        if found is not None:
            real = (found.outcome.value, found.uncounted.value if found.uncounted else None)
        if real != one.real and one.position is not None:
            changed.setdefault(real, []).append(one.position)
            was, now = _scored(one.said, one.real), _scored(one.said, real)
            scored.append(testrecords.Scored(test=one.said.test, predicted=now[0] - was[0], wrong=now[1] - was[1]))
    for (outcome, uncounted), positions in changed.items():
        for some in upserts.chunks(positions):
            of_tests = (_Decision.review_id == of.id, _Decision.position.in_(some))
            session.execute(
                sqlalchemy.update(_Decision)
                .where(*of_tests)
                .values(outcome=outcome, uncounted=uncounted)
                .execution_options(synchronize_session=False)
            )
    testrecords.count_scored(session, of.repository, scored, settled.known)


def _scored(said: parts.Said, real: subjects.Real) -> tuple[int, int]:
    """Return whether the prediction is scored, and whether it was wrong, as numbers."""
    outcome, uncounted = real
    if outcome is None or uncounted is not None or said.p_fail is None or said.already_failing:
        return 0, 0
    became = prediction.Outcome(outcome)
    if not (became.broken or became is prediction.Outcome.PASS):
        return 0, 0
    return 1, int(became.broken != said.would_fail)
