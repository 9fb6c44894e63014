"""Reviews and what CI reported of them, made small, for tests of how the two are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy

from gatekeeper import evaluation, hosted, review
from gatekeeper.accuracy import earning
from gatekeeper.outcomes import job
from gatekeeper.simulation import prediction
from gatekeeper.store import database, evaluations, records
from gatekeeper.verdicts import authority, verdict
from gatekeeper.workflows import asking
from tests.integration import report_samples

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLACE = hosted.Place(installation=3, repository=5, name="octo/hello")
BASE = "b" * 40
PASS, FAIL, ERROR, HANG, SKIP = (
    prediction.Outcome.PASS,
    prediction.Outcome.FAIL,
    prediction.Outcome.ERROR,
    prediction.Outcome.HANG,
    prediction.Outcome.SKIP,
)
RULES = evaluation.Rules(ceiling=authority.Authority.BLOCK, earn=True, earning=earning.Terms())


def head(number: int) -> str:
    """Return the SHA of a pull request's head."""
    return f"{number:040x}"


def said(test: str, outcome: prediction.Outcome = PASS, *, imagined: bool = False) -> prediction.Prediction:
    """Return the prediction of a test in tests/test_sums.py."""
    return prediction.Prediction(
        test=f"tests/test_sums.py::{test}",
        outcome=outcome,
        p_fail=0.99 if outcome.broken else 0.02,
        raw_score=0.9 if outcome.broken else 0.1,
        reason="it calls what was changed",
        engine="cwm" if imagined else "sandbox",
        model="cwm-32b" if imagined else "cpython",
        version="1",
        imagined=imagined,
        cost=prediction.Cost(seconds=0.5, tokens=100 if imagined else 0),
    )


def reviewed(
    number: int, predictions: Sequence[prediction.Prediction], *, at: datetime = NOW, base: str = BASE
) -> review.Review:
    """Return the finished review of a pull request's head, which takes two seconds."""
    sample = report_samples.realistic()
    found = verdict.decide(predictions, sample.policy, executable=True, unreached=())
    return replace(
        sample,
        id=f"{number:032x}",
        subject=replace(sample.subject, repository=PLACE.name, base=base, merge_base=base, head=head(number)),
        started=at,
        seconds=2.0,
        predictions=tuple(predictions),
        verdict=found,
        halting=(),
    )


def record(
    engine: sqlalchemy.Engine,
    done: review.Review,
    *,
    pull: int,
    rules: evaluation.Rules = RULES,
    level: authority.Authority = authority.Authority.SHADOW,
    held_back: bool = False,
    asked: evaluation.Asked | None = None,
) -> evaluation.Asked:
    """Record the review as the service does: asked for two seconds before, and finished."""
    head, base = done.subject.head, done.subject.base
    asked = asked or asking.of_pull(PLACE, number=pull, head=head, base=base, base_ref="main")
    with database.writing(engine) as session:
        evaluations.ask(session, asked, done.started - timedelta(seconds=2))
    records.record(engine, done, number=PLACE.repository)
    terms = evaluation.Terms(
        authority=level,
        why_authority="as it was",
        fail_not_analysed=False,
        basis=done.basis or review.EXECUTED,
        rules=rules,
    )
    finished = evaluation.Reviewed(review=done.id, terms=terms, annotations=(), comments=None, held_back=held_back)
    evaluations.finish(engine, asked.id, finished, now=done.started + timedelta(seconds=2))
    return asked


def ran(
    sha: str,
    results: Mapping[str, prediction.Outcome],
    *,
    name: str = "test",
    attempt: int = 1,
    tested: job.Tested = job.Tested.MERGE,
    after: timedelta = timedelta(minutes=10),
    minutes: float = 8,
) -> job.Job:
    """Return a job of Actions that reported these tests of tests/test_sums.py and ended `after` the reviews began."""
    broken = any(outcome.broken for outcome in results.values())
    return job.Job(
        id=f"actions/{sha[-6:]}/{attempt}/{name}",
        sha=sha,
        tested=tested,
        name=name,
        workflow="CI",
        attempt=attempt,
        conclusion=job.Conclusion.FAILURE if broken else job.Conclusion.SUCCESS,
        started=NOW + after - timedelta(minutes=minutes),
        completed=NOW + after,
        report=job.Report(
            source=job.Source.REPORT,
            tests=tuple(
                job.Reported(classname="tests.test_sums", name=test, outcome=outcome, seconds=0.25)
                for test, outcome in results.items()
            ),
        ),
        known=NOW + after,
    )
