"""Recorded reviews that are to be settled: which, and what they said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import review
from gatekeeper.accuracy import earning, parts
from gatekeeper.halting import risk
from gatekeeper.simulation import prediction
from gatekeeper.store import database, hostedmodels, models
from gatekeeper.verdicts import verdict

_LOOPS = (risk.Kind.MAY_NOT_TERMINATE.value, risk.Kind.DOES_NOT_TERMINATE.value)
# real outcome, and why it is kept out
Real = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was said of a test, with what it cost."""

    said: parts.Said
    imagined: bool
    cost: prediction.Cost
    # what the test's decision says of real CI so far; given where this attempt decided
    real: Real = (None, None)
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A recorded review, as far as settling needs it."""

    id: str
    # number in these records
    repository: int
    base: str
    merge_base: str
    head: str
    judged: review.Judged
    # whether it is of a merge group
    group: bool
    engine: str
    conclusion: verdict.Conclusion
    # when it was asked for and when it was done
    requested: datetime
    published: datetime
    # day in whose sums it is
    began: datetime
    # whether it named a function that does not end, or may not
    loops: bool
    # shell patterns of the jobs whose conclusion alone is truth
    checks: tuple[str, ...]
    # what its authority is held to; None where nobody asked
    terms: earning.Terms | None
    attempts: tuple[Attempt, ...]

    @property
    def decided(self) -> tuple[Attempt, ...]:
        """Those that decided a test, each test once."""
        return tuple(one for one in self.attempts if one.position is not None)


def of_commit(session: orm.Session, repository: int, sha: str, *, since: datetime, limit: int = 200) -> tuple[str, ...]:
    """Return the ids of the repository's reviews of that head, or into that base, begun since then; newest first."""
    row = models.Review
    mine = (row.repository_id == repository, row.started >= since, sqlalchemy.or_(row.head == sha, row.base == sha))
    return tuple(session.scalars(sqlalchemy.select(row.id).where(*mine).order_by(row.started.desc()).limit(limit)))


def bases(session: orm.Session, repository: int, head: str) -> tuple[str, ...]:
    """Return the SHAs of base that reviews of the head were made against."""
    row = models.Review
    mine = sqlalchemy.select(row.base).where(row.repository_id == repository, row.head == head).distinct()
    return tuple(sorted(session.scalars(mine)))


def is_wanted(engine: sqlalchemy.Engine, number: int, sha: str, *, since: datetime) -> bool:
    """Whether a review of the repository with GitHub's `number` is of that head, or into that base, or is to be.

    Raises StoreError.
    """
    asked, row, repository = hostedmodels.Evaluation, models.Review, models.Repository
    of_head = sqlalchemy.select(asked.id).where(asked.repository == number, asked.head == sha).limit(1)
    into = (
        sqlalchemy.select(row.id)
        .join(repository)
        .where(repository.number == number, row.started >= since, row.base == sha)
        .limit(1)
    )
    with database.session(engine) as session:
        return any(session.scalar(query) is not None for query in (of_head, into))


def repository_of(session: orm.Session, identity: str) -> int:
    """Return the number, in these records, of the review's repository. Raises NoResultFound."""
    return session.scalars(sqlalchemy.select(models.Review.repository_id).where(models.Review.id == identity)).one()


def subject(session: orm.Session, identity: str) -> Subject:
    """Return the review to be settled. Raises NoResultFound for an id that is not recorded."""
    row = session.get_one(models.Review, identity)
    asked = session.scalars(_evaluation(identity)).first()
    began = row.started if asked is None else asked.asked
    done = row.started + timedelta(seconds=row.seconds)
    held_to = (asked.held_to if asked is not None else None) or {}
    loops = sqlalchemy.select(models.HaltingRisk.position).where(
        models.HaltingRisk.review_id == identity, models.HaltingRisk.kind.in_(_LOOPS)
    )
    return Subject(
        id=row.id,
        repository=row.repository_id,
        base=row.base,
        merge_base=row.merge_base,
        head=row.head,
        judged=review.Judged(row.judged),
        group=asked is not None and asked.pull is None,
        engine=row.engine,
        conclusion=verdict.Conclusion(row.conclusion),
        requested=began,
        published=done if asked is None or asked.finished is None else max(done, asked.finished),
        began=row.started,
        loops=session.scalar(loops.limit(1)) is not None,
        checks=tuple(held_to.get("checks", ())),
        terms=earning.Terms(**held_to["earning"]) if "earning" in held_to else None,
        attempts=tuple(_attempts(session, row)),
    )


def basis(of: Subject) -> str | None:
    """Return what would have blocked: `executed`, or the engine that imagined it; None where nothing would have."""
    if of.conclusion is not verdict.Conclusion.WOULD_FAIL:
        return None
    failing = [one for one in of.decided if one.said.would_fail]
    if any(not one.imagined for one in failing):
        return review.EXECUTED
    return min((one.said.engine for one in failing), default=review.EXECUTED)


def _evaluation(identity: str) -> sqlalchemy.Select[hostedmodels.Evaluation]:
    mine = sqlalchemy.select(hostedmodels.Evaluation).where(hostedmodels.Evaluation.review_id == identity)
    return mine.order_by(hostedmodels.Evaluation.asked).limit(1)


def _attempts(session: orm.Session, row: models.Review) -> list[Attempt]:
    said, decision = models.Prediction, models.Decision
    # not joined: no index leads from a prediction to its decision
    decisions = sqlalchemy.select(
        decision.prediction,
        decision.position,
        decision.would_fail,
        decision.last_outcome,
        decision.failure_rate,
        decision.outcome,
        decision.uncounted,
    ).where(decision.review_id == row.id)
    decided = {one.prediction: one for one in session.execute(decisions)}
    columns = (said.position, said.test, said.engine, said.model, said.version, said.outcome, said.p_fail)
    cost = (said.already_failing, said.imagined, said.seconds, said.tokens)
    query = sqlalchemy.select(*columns, *cost).where(said.review_id == row.id).order_by(said.attempt, said.position)
    return [_attempt(one, decided.get(one.position), row.bar) for one in session.execute(query)]


def _attempt(one: Any, decided: Any, bar: float) -> Attempt:  # noqa: ANN401 - rows of the columns above
    fails = one.p_fail is not None and one.p_fail >= bar and not one.already_failing
    last = None if decided is None else decided.last_outcome
    said = parts.Said(
        test=one.test,
        engine=one.engine,
        model=one.model,
        version=one.version,
        outcome=prediction.Outcome(one.outcome),
        p_fail=one.p_fail,
        would_fail=fails if decided is None else decided.would_fail,
        already_failing=one.already_failing,
        decided=decided is not None,
        last_outcome=None if last is None else prediction.Outcome(last),
        failure_rate=None if decided is None else decided.failure_rate,
    )
    cost = prediction.Cost(seconds=one.seconds, tokens=one.tokens)
    if decided is None:
        return Attempt(said=said, imagined=one.imagined, cost=cost)
    real = (decided.outcome, decided.uncounted)
    return Attempt(said=said, imagined=one.imagined, cost=cost, real=real, position=decided.position)
