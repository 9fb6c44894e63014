"""A Review as rows of the tables, and back."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import orm, select

from gatekeeper import review
from gatekeeper.impact import selection
from gatekeeper.simulation import prediction, trace
from gatekeeper.store import haltingrows, models, packing, testrecords
from gatekeeper.verdicts import findings, verdict

Row = dict[str, Any]


def of_review(done: review.Review, repository: int) -> Row:
    """Return the review's own row."""
    subject, chosen = done.subject, done.selection
    return {
        "id": done.id,
        "repository_id": repository,
        "base": subject.base,
        "merge_base": subject.merge_base,
        "head": subject.head,
        "judged": subject.judged.value,
        "before_tree": subject.before,
        "after_tree": subject.after,
        "started": done.started,
        "seconds": done.seconds,
        "engine": done.engine,
        "conclusion": done.verdict.conclusion.value,
        "reason": done.verdict.reason,
        "bar": done.policy.bar,
        "min_analysed": done.policy.min_analysed,
        "of": done.of,
        "total": chosen.total,
        "selected": len(done.predictions),
        "would_fail": sum(verdict.fails(said, done.policy) for said in done.predictions),
        "executable": chosen.executable,
        "unaffected": {path: sorted(names) for path, names in chosen.unaffected.items()},
        "unreached": list(chosen.unreached),
        "unparsable": dict(chosen.unparsable),
        "notes": list(done.notes),
        "timings": dict(done.timings),
        "diff": packing.pack_diff(done.diff),
    }


def of_traces(done: review.Review) -> dict[int, Row]:
    """Return the rows of the traces by the position of their prediction."""
    packed = {
        position: packing.pack_trace(said.trace) for position, said in enumerate(_every(done)) if said.trace is not None
    }
    return {
        position: {"digest": digest, "recorded": done.started, "content": content}
        for position, (digest, content) in packed.items()
    }


def of_parts(
    done: review.Review, traces: Mapping[int, Row], known: Mapping[str, testrecords.Known]
) -> Iterator[tuple[type[models.Table], list[Row]]]:
    """Yield the tables that hang on the review, each with its rows, in an order that foreign keys allow.

    `known`: of tests, what CI made of them until now.
    """
    yield models.AffectedTest, _numbered(done, (asdict(test) for test in done.selection.affected))
    yield models.Prediction, _numbered(done, _predictions(done, traces))
    yield models.Decision, _numbered(done, _decisions(done, known))
    yield models.HaltingRisk, _numbered(done, map(haltingrows.of_risk, done.halting))
    yield models.UnanalysedPart, _numbered(done, (asdict(part) for part in done.verdict.not_analysed))
    found = findings.find(done.predictions, done.selection, done.policy)
    yield models.Finding, _numbered(done, map(_finding, found))


def _numbered(done: review.Review, values: Iterator[Row]) -> list[Row]:
    return [{"review_id": done.id, "position": position, **row} for position, row in enumerate(values)]


def _every(done: review.Review) -> Iterator[prediction.Prediction]:
    """Yield what decided each test, in order, and then what else was said."""
    yield from done.predictions
    for said in done.predictions:
        # an engine may have known no more than the function
        yield from (replace(other, test=said.test) for other in said.attempts)


def _predictions(done: review.Review, traces: Mapping[int, Row]) -> Iterator[Row]:
    last = {said.test: 1 + len(said.attempts) for said in done.predictions}
    attempts: Counter[str] = Counter()
    for position, said in enumerate(_every(done)):
        decided = position < len(done.predictions)
        attempts[said.test] += not decided
        yield {
            "test": said.test,
            "attempt": last[said.test] if decided else attempts[said.test],
            "engine": said.engine,
            "model": said.model,
            "version": said.version,
            "outcome": said.outcome.value,
            "p_fail": said.p_fail,
            "raw_score": said.raw_score,
            "calibrator": said.calibrator,
            "reason": said.reason,
            "already_failing": said.already_failing,
            "exception": said.exception,
            "at_path": said.at.path if said.at else None,
            "at_line": said.at.line if said.at else None,
            "traceback": [[location.path, location.line] for location in said.traceback],
            "trace_digest": traces[position]["digest"] if position in traces else None,
            "seconds": said.cost.seconds,
            "fuel": said.cost.fuel,
            "tokens": said.cost.tokens,
            "cached_tokens": said.cost.cached_tokens,
            "completion_tokens": said.cost.completion_tokens,
            "imagined": said.imagined,
            "control": said.control.value if said.control else None,
            "left_out": list(said.left_out),
        }


def _decisions(done: review.Review, known: Mapping[str, testrecords.Known]) -> Iterator[Row]:
    for position, said in enumerate(done.predictions):
        history = known.get(said.test)
        yield {
            "prediction": position,
            "would_fail": verdict.fails(said, done.policy),
            "last_outcome": history.last_outcome.value if history else None,
            "failure_rate": history.failure_rate if history else None,
        }


def _finding(found: findings.Finding) -> Row:
    return {
        "kind": found.kind.value,
        "path": found.at.path if found.at else None,
        "line": found.at.line if found.at else None,
        "message": found.message,
        "tests": list(found.tests),
        "fingerprint": found.fingerprint,
    }


def to_review(session: orm.Session, row: models.Review) -> review.Review:
    """Return the review that `of_review` and `of_parts` were given."""
    return review.Review(
        id=row.id,
        subject=_subject(session, row),
        started=row.started,
        seconds=row.seconds,
        engine=row.engine,
        notes=tuple(row.notes),
        diff=packing.unpack_diff(row.diff),
        selection=_selection(session, row),
        predictions=tuple(_decided(session, row)),
        of=row.of,
        policy=verdict.Policy(bar=row.bar, min_analysed=row.min_analysed),
        verdict=_verdict(session, row),
        halting=tuple(haltingrows.to_risks(session, row.id)),
        timings=row.timings,
    )


def _subject(session: orm.Session, row: models.Review) -> review.Subject:
    repository = session.get_one(models.Repository, row.repository_id)
    return review.Subject(
        repository=repository.name,
        base=row.base,
        merge_base=row.merge_base,
        head=row.head,
        judged=review.Judged(row.judged),
        before=row.before_tree,
        after=row.after_tree,
    )


def _selection(session: orm.Session, row: models.Review) -> selection.Selection:
    tests = session.scalars(
        select(models.AffectedTest)
        .where(models.AffectedTest.review_id == row.id)
        .order_by(models.AffectedTest.position)
    )
    return selection.Selection(
        affected=tuple(selection.AffectedTest(path=test.path, name=test.name, reason=test.reason) for test in tests),
        unaffected={path: frozenset(names) for path, names in row.unaffected.items()},
        total=row.total,
        unreached=tuple(row.unreached),
        unparsable=row.unparsable,
        executable=row.executable,
    )


def _verdict(session: orm.Session, row: models.Review) -> verdict.Verdict:
    parts = session.scalars(
        select(models.UnanalysedPart)
        .where(models.UnanalysedPart.review_id == row.id)
        .order_by(models.UnanalysedPart.position)
    )
    return verdict.Verdict(
        conclusion=verdict.Conclusion(row.conclusion),
        reason=row.reason,
        not_analysed=tuple(verdict.NotAnalysedPart(what=part.what, why=part.why) for part in parts),
    )


def _decided(session: orm.Session, row: models.Review) -> Iterator[prediction.Prediction]:
    decisions = select(models.Decision.prediction).where(models.Decision.review_id == row.id)
    deciding = set(session.scalars(decisions))
    every = (
        select(models.Prediction, models.Trace)
        .outerjoin(models.Trace, models.Trace.digest == models.Prediction.trace_digest)
        .where(models.Prediction.review_id == row.id)
        .order_by(models.Prediction.position)
    )
    said = [
        (found.position in deciding, _prediction(found, packing.unpack_trace(run.content) if run else None))
        for found, run in session.execute(every)
    ]
    attempts: dict[str, list[prediction.Prediction]] = {}
    for decided, one in said:
        if not decided:
            attempts.setdefault(one.test, []).append(one)
    yield from (replace(one, attempts=tuple(attempts.get(one.test, ()))) for decided, one in said if decided)


def to_prediction(session: orm.Session, review: str, position: int) -> prediction.Prediction:
    """Return the recorded prediction at `position`, which decided its test, with the other attempts on that test."""
    said = models.Prediction
    test = select(said.test).where(said.review_id == review, said.position == position).scalar_subquery()
    every = (
        select(said, models.Trace)
        .outerjoin(models.Trace, models.Trace.digest == said.trace_digest)
        .where(said.review_id == review, said.test == test)
        .order_by(said.position)
    )
    tried = {
        found.position: _prediction(found, packing.unpack_trace(run.content) if run else None)
        for found, run in session.execute(every)
    }
    decided = tried.pop(position)
    return replace(decided, attempts=tuple(tried.values()))


def _prediction(said: models.Prediction, run: trace.Trace | None) -> prediction.Prediction:
    at = None
    if said.at_path is not None and said.at_line is not None:
        at = prediction.Location(path=said.at_path, line=said.at_line)
    return prediction.Prediction(
        test=said.test,
        outcome=prediction.Outcome(said.outcome),
        p_fail=said.p_fail,
        reason=said.reason,
        already_failing=said.already_failing,
        exception=said.exception,
        at=at,
        traceback=tuple(prediction.Location(path=path, line=line) for path, line in said.traceback),
        trace=run,
        cost=prediction.Cost(
            seconds=said.seconds,
            fuel=said.fuel,
            tokens=said.tokens,
            cached_tokens=said.cached_tokens,
            completion_tokens=said.completion_tokens,
        ),
        engine=said.engine,
        model=said.model,
        version=said.version,
        raw_score=said.raw_score,
        calibrator=said.calibrator,
        imagined=said.imagined,
        control=prediction.Control(said.control) if said.control else None,
        left_out=tuple(said.left_out),
    )
