"""Reviews that the service was asked for: asked, moved on, looked up.

Whatever changes what a head's check run should show raises the head's revision, in the same transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper import evaluation
from gatekeeper.store import database, evaluationrows, fates, hostedmodels
from gatekeeper.verdicts import publication

_Row = hostedmodels.Evaluation
# for how long a finished review waits for CI at most before it is published
HELD = timedelta(hours=2)


def ask(session: orm.Session, asked: evaluation.Asked, now: datetime) -> None:
    """Note in the caller's transaction that `asked` is to be reviewed; one that is known is left as it is."""
    place = asked.place
    row = {
        "id": asked.id,
        "installation": place.installation,
        "repository": place.repository,
        "name": place.name,
        "pull": asked.pull,
        "head": asked.head,
        "head_ref": asked.head_ref,
        "base": asked.base,
        "base_ref": asked.base_ref,
        "asked": now,
        "state": evaluation.State.QUEUED.value,
        "reason": "",
        "progress": "",
        "open": True,
        "why_authority": "",
        "fail_not_analysed": False,
    }
    if database.insert_new(session, _Row, row):
        raise_revision(session, place.repository, asked.head)


def get(engine: sqlalchemy.Engine, identity: str) -> evaluation.Evaluation | None:
    """Return the evaluation, or None where there is none of that id. Raises StoreError."""
    with database.session(engine) as session:
        row = session.get(_Row, identity)
        return None if row is None else evaluationrows.to_evaluation(row)


def is_live(engine: sqlalchemy.Engine, identity: str) -> bool:
    """Whether it is still to be carried out. Raises StoreError."""
    live = [state.value for state in evaluation.LIVE]
    with database.session(engine) as session:
        return session.scalar(sqlalchemy.select(_Row.state).where(_Row.id == identity)) in live


def move(
    engine: sqlalchemy.Engine,
    identity: str,
    state: evaluation.State,
    *,
    now: datetime,
    reason: str = "",
    progress: str = "",
) -> bool:
    """Bring a live evaluation into `state`; return False where it is no longer live. Raises StoreError."""
    return _change(engine, identity, _ended(state, now) | {"reason": reason, "progress": progress})


def fail(
    engine: sqlalchemy.Engine, identity: str, reason: str, terms: evaluation.Terms | None, *, now: datetime
) -> bool:
    """Note that a live evaluation could not be carried out, and what it was held to; as `move` otherwise."""
    values = {"reason": reason} if terms is None else {"reason": reason, **evaluationrows.of_terms(terms)}
    return _change(engine, identity, _ended(evaluation.State.FAILED, now) | values)


def skip(
    engine: sqlalchemy.Engine, identity: str, kept_out: evaluation.NotReviewed, traits: str, *, now: datetime
) -> bool:
    """Note that a live evaluation is kept out by configuration, being of these `traits`; as `move` otherwise."""
    values = {"reason": kept_out.reason, "conclusion": kept_out.conclusion.value, "traits": traits}
    return _change(engine, identity, _ended(evaluation.State.SKIPPED, now) | values)


def give_way(engine: sqlalchemy.Engine, identity: str, head: str, *, now: datetime) -> bool:
    """Let a newer head take a live evaluation's place; return False where it is no longer live. Raises StoreError."""
    return _change(engine, identity, _ended(evaluation.State.SUPERSEDED, now) | {"superseded_by": head})


def finish(engine: sqlalchemy.Engine, identity: str, done: evaluation.Reviewed, *, now: datetime) -> bool:
    """Note what a live evaluation came to; return False where it is no longer live. Raises StoreError."""
    values = {
        "review_id": done.review,
        "held_until": now + HELD if done.held_back else None,
        **evaluationrows.of_terms(done.terms),
        "reason": "",
        "progress": "",
        "draft": {
            "annotations": [asdict(one) for one in done.annotations],
            "comments": None if done.comments is None else asdict(done.comments),
        },
    }
    return _change(engine, identity, _ended(evaluation.State.DONE, now) | values)


def redraft(engine: sqlalchemy.Engine, identity: str, comments: publication.PullReview) -> bool:
    """Let a finished evaluation publish these comments; return False where it never had any. Raises StoreError."""
    with database.writing(engine) as session:
        row = session.get(_Row, identity, options=[orm.undefer(_Row.draft)])
        if row is None or row.draft is None or row.draft["comments"] is None:
            return False
        row.draft = {**row.draft, "comments": asdict(comments)}
        # also where they are the same: the check run shows what is offered, too
        raise_revision(session, row.repository, row.head)
        return True


def stands(engine: sqlalchemy.Engine, asked: evaluation.Asked) -> bool:
    """Whether the evaluation is what holds of its pull request, which is open as far as is known. Raises StoreError."""
    with database.session(engine) as session:
        row = current(session, asked)
        return row is not None and row.id == asked.id and row.open


def supersede(engine: sqlalchemy.Engine, newer: evaluation.Asked, *, now: datetime) -> tuple[str, ...]:
    """Take the place of the pull request's other live evaluations; return its other heads that do not show it yet.

    Doing it twice returns the same until they are shown. A merge group takes nobody's place. Raises StoreError.
    """
    if newer.pull is None:
        return ()
    others = (
        _Row.repository == newer.place.repository,
        _Row.pull == newer.pull,
        _Row.id != newer.id,
        _Row.state.in_([state.value for state in evaluation.LIVE]),
        # one that was asked for later is not older
        _Row.asked <= sqlalchemy.select(_Row.asked).where(_Row.id == newer.id).scalar_subquery(),
    )
    values = _ended(evaluation.State.SUPERSEDED, now) | {"superseded_by": newer.head}
    _change_all(engine, newer.place.repository, others, values)
    same = (_Row.repository == newer.place.repository, _Row.pull == newer.pull)
    ended = _Row.state.not_in([state.value for state in evaluation.LIVE])
    return _unshown(engine, *same, ended, _Row.head != newer.head)


def close(
    engine: sqlalchemy.Engine, repository: int, *, pull: int | None = None, head: str | None = None, now: datetime
) -> tuple[str, ...]:
    """Note that a pull request was closed, or that the merge group on `head` is gone; return heads to be shown anew.

    Doing it twice returns the same until they are shown. Raises StoreError.
    """
    which = _Row.pull == pull if head is None else sqlalchemy.and_(_Row.pull.is_(None), _Row.head == head)
    same = (_Row.repository == repository, _Row.open, which)
    live = _Row.state.in_([state.value for state in evaluation.LIVE])
    ended = _ended(evaluation.State.ABANDONED, now)
    _change_all(engine, repository, (*same, live), ended | {"reason": "closed", "open": False})
    _change_all(engine, repository, same, {"open": False})
    if pull is not None:
        with database.writing(engine) as session:
            fates.close(session, repository, pull, now)
    return _unshown(engine, _Row.repository == repository, which)


def close_others(
    engine: sqlalchemy.Engine, repository: int, still_open: Sequence[int], *, asked_before: datetime, now: datetime
) -> int:
    """Note that of the pull requests asked about before that time only those are open; return how many are not.

    Raises StoreError.
    """
    known = sqlalchemy.select(_Row.pull).distinct()
    ours = (_Row.repository == repository, _Row.open, _Row.pull.is_not(None), _Row.asked < asked_before)
    with database.session(engine) as session:
        closed = set(session.scalars(known.where(*ours))) - set(still_open)
    for number in closed:
        close(engine, repository, pull=number, now=now)
    return len(closed)


def on_head(engine: sqlalchemy.Engine, repository: int, head: str) -> tuple[evaluation.Evaluation, ...]:
    """Return the current evaluation of each pull request and merge group on the commit; of open ones, if any is.

    One that gave way counts where there is nothing else. Raises StoreError.
    """
    with database.session(engine) as session:
        mine = sqlalchemy.select(_Row).where(_Row.repository == repository, _Row.head == head)
        rows = session.scalars(mine.options(orm.undefer(_Row.draft)).order_by(_Row.asked, _Row.id)).all()
        # what gave way first, so that whatever stands takes its place
        ordered = sorted(rows, key=lambda row: row.state not in _GONE)
        current = {row.pull or row.head_ref: row for row in ordered}.values()
        return tuple(evaluationrows.to_evaluation(row) for row in [row for row in current if row.open] or current)


def current_of_pull(engine: sqlalchemy.Engine, repository: int, pull: int) -> evaluation.Evaluation | None:
    """Return the pull request's newest evaluation that has not given way. Raises StoreError."""
    with database.session(engine) as session:
        row = session.scalars(_current(_Row.repository == repository, _Row.pull == pull)).first()
        return None if row is None else evaluationrows.to_evaluation(row)


def current(session: orm.Session, asked: evaluation.Asked) -> _Row | None:
    """Return the newest row of the same pull request or merge group that has not given way."""
    same = _Row.head_ref == asked.head_ref if asked.pull is None else _Row.pull == asked.pull
    return session.scalars(_current(_Row.repository == asked.place.repository, same)).first()


def is_known(session: orm.Session, identity: str) -> bool:
    """Whether there is a row of that id."""
    return session.scalar(sqlalchemy.select(_Row.id).where(_Row.id == identity)) is not None


def live(engine: sqlalchemy.Engine, *, asked_before: datetime) -> tuple[evaluation.Evaluation, ...]:
    """Return the evaluations that are not finished though they were asked for before that time. Raises StoreError."""
    with database.session(engine) as session:
        states = [state.value for state in evaluation.LIVE]
        mine = sqlalchemy.select(_Row).where(_Row.state.in_(states), _Row.asked < asked_before)
        return tuple(evaluationrows.to_evaluation(row) for row in session.scalars(mine.order_by(_Row.asked)))


def in_states(
    session: orm.Session, states: Collection[evaluation.State], limit: int, *, newest: bool = False
) -> tuple[evaluation.Evaluation, ...]:
    """Return at most `limit` evaluations in these states, those asked for first, or those asked for last."""
    mine = sqlalchemy.select(_Row).where(_Row.state.in_(sorted(state.value for state in states)))
    ordered = mine.order_by(_Row.asked.desc(), _Row.id) if newest else mine.order_by(_Row.asked, _Row.id)
    return tuple(evaluationrows.to_evaluation(row) for row in session.scalars(ordered.limit(limit)))


def raise_revision(session: orm.Session, repository: int, head: str) -> None:
    """Say in the caller's transaction that the commit's check run should show something else."""
    key = {"repository": repository, "head": head}
    if not database.insert_new(session, hostedmodels.Head, {**key, "revision": 1, "shown": 0}):
        table = hostedmodels.Head
        session.execute(
            sqlalchemy.update(table)
            .where(table.repository == repository, table.head == head)
            .values(revision=table.revision + 1)
        )


_GONE = frozenset({evaluation.State.SUPERSEDED.value, evaluation.State.ABANDONED.value})


def _current(*which: sqlalchemy.ColumnExpressionArgument[bool]) -> sqlalchemy.Select[_Row]:
    standing = sqlalchemy.select(_Row).where(*which, _Row.state.not_in(sorted(_GONE)))
    return standing.order_by(_Row.asked.desc(), _Row.id.desc()).limit(1)


def _ended(state: evaluation.State, now: datetime) -> dict[str, Any]:
    if state in evaluation.LIVE:
        return {"state": state.value, "finished": None}
    return {"state": state.value, "finished": now, "progress": ""}


def _change(engine: sqlalchemy.Engine, identity: str, values: dict[str, Any]) -> bool:
    live = _Row.state.in_([state.value for state in evaluation.LIVE])
    with database.session(engine) as session, session.begin():
        changed = session.execute(
            sqlalchemy.update(_Row)
            .where(_Row.id == identity, live)
            .values(values)
            .returning(_Row.repository, _Row.head)
        ).all()
        for repository, head in changed:
            raise_revision(session, repository, head)
        return bool(changed)


def _change_all(
    engine: sqlalchemy.Engine,
    repository: int,
    which: Sequence[sqlalchemy.ColumnExpressionArgument[bool]],
    values: dict[str, Any],
) -> None:
    with database.session(engine) as session, session.begin():
        changed = session.scalars(sqlalchemy.update(_Row).where(*which).values(values).returning(_Row.head)).all()
        for head in dict.fromkeys(changed):
            raise_revision(session, repository, head)


def _unshown(engine: sqlalchemy.Engine, *which: sqlalchemy.ColumnExpressionArgument[bool]) -> tuple[str, ...]:
    """Return the heads of these evaluations whose check runs show something older, the oldest first."""
    table = hostedmodels.Head
    of_head = sqlalchemy.and_(table.repository == _Row.repository, table.head == _Row.head)
    with database.session(engine) as session:
        query = sqlalchemy.select(_Row.head).join(table, of_head).where(*which, table.shown < table.revision)
        return tuple(dict.fromkeys(session.scalars(query.order_by(_Row.asked))))
