"""A Review as one JSON object."""

from dataclasses import asdict
from typing import Any

from gatekeeper import offers, review
from gatekeeper.halting import risk
from gatekeeper.repair import candidate
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed
from gatekeeper.verdicts import findings, verdict


def as_json(done: review.Review, offered: offers.Offers | None = None) -> dict[str, Any]:
    """Return `done` as values that `json.dumps` takes, with its default ASCII output safe for a terminal.

    With `causes`, `fixes` and `proposed_tests` where something was looked for beyond the verdict. Bytes of names that
    are not UTF-8 stay surrogate escapes, as in `Tree`.
    """
    subject = done.subject
    return {
        "verdict": done.verdict.conclusion.value,
        "reason": done.verdict.reason,
        "repository": subject.repository,
        "base": subject.base,
        "merge_base": subject.merge_base,
        "head": subject.head,
        "tree": {"judged": subject.judged.value, "before": subject.before, "after": subject.after},
        "engine": done.engine,
        "started": done.started.isoformat(),
        "seconds": done.seconds,
        "timings": dict(done.timings),
        "selected": len(done.predictions),
        "of": done.of,
        "would_fail": sum(verdict.fails(said, done.policy) for said in done.predictions),
        "tests": [_test(said, done) for said in done.predictions],
        "findings": [_finding(found) for found in findings.find(done.predictions, done.selection, done.policy)],
        "halting": [halting_as_json(said) for said in done.halting],
        "not_analysed": [{"what": part.what, "why": part.why} for part in done.verdict.not_analysed],
        "notes": list(done.notes),
        "review": done.id,
        **({} if offered is None else _offered(offered)),
    }


def listed_as_json(row: review.Listed) -> dict[str, Any]:
    """Return one line of the list of reviews; its keys mean what those of `as_json` do."""
    return {
        "review": row.id,
        "verdict": row.conclusion.value,
        "reason": row.reason,
        "repository": row.repository,
        "base": row.base,
        "head": row.head,
        "engine": row.engine,
        "started": row.started.isoformat(),
        "seconds": row.seconds,
        "selected": row.selected,
        "of": row.of,
        "would_fail": row.would_fail,
    }


def _test(said: prediction.Prediction, done: review.Review) -> dict[str, Any]:
    return {
        "id": said.test,
        "outcome": said.outcome.value,
        "p_fail": said.p_fail,
        "reason": said.reason,
        "exception": said.exception,
        "at": _place(said.at),
        "already_failing": said.already_failing,
        "would_fail": verdict.fails(said, done.policy),
        "traceback": [str(location) for location in said.traceback],
        "engine": said.engine,
        "model": said.model,
        "version": said.version,
        "raw_score": said.raw_score,
        "calibrator": said.calibrator,
        "imagined": said.imagined,
        "control": said.control.value if said.control else None,
        "disagreed": said.disagreed,
        "left_out": list(said.left_out),
        "attempts": [_test(other, done) for other in said.attempts],
        "cost": asdict(said.cost),
    }


def _finding(found: findings.Finding) -> dict[str, Any]:
    return {
        "kind": found.kind.value,
        "at": _place(found.at),
        "message": found.message,
        "tests": list(found.tests),
        "fingerprint": found.fingerprint,
    }


def halting_as_json(said: risk.HaltingRisk) -> dict[str, Any]:
    """Return one function's halting risk; each piece of evidence says by `form` what it is."""
    return {
        "function": said.function,
        "at": f"{said.path}:{said.line}",
        "kind": said.kind.value,
        "probability": said.probability,
        "reason": said.reason,
        "evidence": [{"form": type(item).__name__.lower(), **asdict(item)} for item in said.evidence],
        "engine": said.engine,
        "model": said.model,
        "version": said.version,
        "raw_score": said.raw_score,
        "calibrator": said.calibrator,
        "cost": asdict(said.cost),
    }


def _offered(offered: offers.Offers) -> dict[str, Any]:
    return {
        "causes": [asdict(one) for one in offered.causes],
        "fixes": [_fix(one) for one in offered.fixes],
        "proposed_tests": [_proposed(one) for one in offered.tests],
    }


def _fix(one: candidate.FixCandidate) -> dict[str, Any]:
    return {
        "source": one.source.value,
        "diff": one.diff,
        "mends": list(one.mends),
        "mended": list(one.mended),
        "kept": one.kept,
        "tried_by": one.tried_by,
        "agreement": one.agreement,
    }


def _proposed(one: proposed.ProposedTest) -> dict[str, Any]:
    return {
        "symbol": one.symbol,
        "path": one.path,
        "text": one.text,
        "source": one.source.value,
        "before": None if one.before is None else _ended(one.before),
        "after": _ended(one.after),
        "found": one.found,
        "tried_by": one.tried_by,
    }


def _ended(how: proposed.Ended) -> dict[str, Any]:
    return {"outcome": how.outcome.value, "exception": how.exception}


def _place(at: prediction.Location | None) -> str | None:
    return None if at is None else str(at)
