"""Halting risks as rows, and back."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import orm, select

from gatekeeper.halting import risk
from gatekeeper.simulation import prediction
from gatekeeper.store import models


def of_risk(said: risk.HaltingRisk) -> dict[str, Any]:
    """Return the row of a risk, without its review."""
    return {
        "path": said.path,
        "function": said.function,
        "line": said.line,
        "kind": said.kind.value,
        "probability": said.probability,
        "raw_score": said.raw_score,
        "calibrator": said.calibrator,
        "reason": said.reason,
        "evidence": [_of_evidence(item) for item in said.evidence],
        "engine": said.engine,
        "model": said.model,
        "version": said.version,
        "seconds": said.cost.seconds,
        "tokens": said.cost.tokens,
        "cached_tokens": said.cost.cached_tokens,
        "completion_tokens": said.cost.completion_tokens,
    }


def to_risks(session: orm.Session, review: str) -> Iterator[risk.HaltingRisk]:
    """Yield the risks of a review in their order."""
    kept = select(models.HaltingRisk).where(models.HaltingRisk.review_id == review)
    for row in session.scalars(kept.order_by(models.HaltingRisk.position)):
        yield risk.HaltingRisk(
            path=row.path,
            function=row.function,
            line=row.line,
            kind=risk.Kind(row.kind),
            probability=row.probability,
            raw_score=row.raw_score,
            calibrator=row.calibrator,
            reason=row.reason,
            evidence=tuple(_to_evidence(item) for item in row.evidence),
            engine=row.engine,
            model=row.model,
            version=row.version,
            cost=prediction.Cost(
                seconds=row.seconds,
                tokens=row.tokens,
                cached_tokens=row.cached_tokens,
                completion_tokens=row.completion_tokens,
            ),
        )


_FORMS: Mapping[str, type[risk.Evidence]] = {
    "repetition": risk.Repetition,
    "recursion": risk.Recursion,
    "unended": risk.Unended,
    "ranking": risk.Ranking,
    "backtracking": risk.Backtracking,
    "growth": risk.Growth,
    "ended": risk.Ended,
    "votes": risk.Votes,
}
_NAMES = {kind: name for name, kind in _FORMS.items()}


def _of_evidence(item: risk.Evidence) -> dict[str, Any]:
    return {"form": _NAMES[type(item)], **asdict(item)}


def _to_evidence(item: Mapping[str, Any]) -> risk.Evidence:
    known = {name: _tuples(value) for name, value in item.items() if name != "form"}
    match _FORMS[item["form"]]:
        case risk.Votes:
            known["control"] = risk.Control(known["control"])
        case risk.Ranking:
            known["course"] = risk.Course(known["course"])
        case risk.Growth | risk.Backtracking:
            known["law"] = risk.Law(known["law"])
    return _FORMS[item["form"]](**known)


def _tuples(value: object) -> Any:  # noqa: ANN401 - whatever a field holds
    """Return lists, which are what JSON makes of tuples, as tuples again."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
