"""The authority that gates have earned, and the log of its changes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import orm

from gatekeeper.accuracy import earning
from gatekeeper.outcomes import settlement
from gatekeeper.store import database, hostedmodels, outcomemodels, upserts
from gatekeeper.verdicts import authority

_Row, _Change, _Settled = outcomemodels.Standing, outcomemodels.AuthorityChange, outcomemodels.Settlement
# changes by hand have no standing of their own
CONFIGURATION = "configuration"
# changes of configuration that are looked through for the last one of a branch
_BACK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A level that was held and lost, and has not been won again."""

    before: authority.Authority
    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is earned now, on one basis."""

    earned: earning.Earned
    # None: this is not less than what was held before
    lost: Lost | None
    # whether it has just become another
    changed: bool


def decide(session: orm.Session, repository: int, basis: str, terms: earning.Terms, now: datetime) -> Standing:
    """Decide in the caller's transaction what has been earned, keep it, and log it where it has changed.

    `repository`: number in these records, which must be locked.
    """
    row = session.get(_Row, (repository, basis), populate_existing=True)
    held = authority.Authority.SHADOW if row is None else authority.Authority(row.level)
    earned = earning.decide(_latest(session, repository, basis, terms.pulls), terms, held)
    figures = asdict(earned.evidence)
    changed = earned.level is not held
    values = {
        "repository_id": repository,
        "basis": basis,
        "level": earned.level.value,
        "since": now if row is None or changed else row.since,
        "checked": now,
        "terms": asdict(terms),
        "figures": figures,
    }
    upserts.put(session, _Row, [values])
    if changed:
        _log(session, repository, basis, (held, earned.level), earned.why, {**figures, **asdict(terms)}, now)
    return Standing(earned=earned, lost=_lost(session, repository, basis, earned.level), changed=changed)


def told(stands: Standing) -> str:
    """Return in one sentence what is earned and, as long as it is less than what was held before, since when."""
    if stands.lost is None:
        return stands.earned.why
    return f"stepped down from `{stands.lost.before.value}` on {stands.lost.at:%Y-%m-%d}: {stands.earned.why}"


def terms_of(session: orm.Session, repository: int, basis: str) -> earning.Terms | None:
    """Return what the gate was held to last, or None where it never was."""
    row = session.get(_Row, (repository, basis), populate_existing=True)
    return None if row is None else earning.Terms(**row.terms)


def note_configuration(
    session: orm.Session,
    repository: int,
    branch: str,
    ceiling: authority.Authority,
    *,
    earn: bool,
    now: datetime,
) -> bool:
    """Log in the caller's transaction that a branch's configuration gives another ceiling, or another way to it.

    Return whether it does. `earn`: whether what is used of the ceiling has to be earned.
    """
    before: dict[str, Any] = {"branch": branch, "ceiling": authority.Authority.SHADOW.value, "earn": True}
    mine = sqlalchemy.select(_Change.figures).where(_Change.repository_id == repository, _Change.basis == CONFIGURATION)
    latest = session.scalars(mine.order_by(_Change.at.desc(), _Change.id.desc()).limit(_BACK))
    last = next((one for one in latest if one["branch"] == branch), before)
    figures = {"branch": branch, "ceiling": ceiling.value, "earn": earn}
    if figures == last:
        return False
    how = "has to be earned" if earn else "holds by hand"
    why = f"the configuration of `{branch}` sets `{ceiling.value}`, which {how}"
    levels = (authority.Authority(last["ceiling"]), ceiling)
    _log(session, repository, CONFIGURATION, levels, why, figures, now)
    return True


def _latest(session: orm.Session, repository: int, basis: str, pulls: int) -> list[bool]:
    """Return whether the latest pull requests that would have been blocked and count were broken, oldest first.

    Of several reviews of a pull request the newest one counts.
    """
    asked = hostedmodels.Evaluation
    labels = [settlement.Label.BROKEN.value, settlement.Label.SOUND.value]
    query = (
        sqlalchemy.select(_Settled.review_id, _Settled.label, asked.pull)
        .outerjoin(asked, asked.review_id == _Settled.review_id)
        .where(_Settled.repository_id == repository, _Settled.basis == basis, _Settled.label.in_(labels))
        .order_by(_Settled.known.desc(), _Settled.review_id)
    )
    latest: dict[int | str, bool] = {}
    # as few rows as it takes: a pull request may have had many reviews
    with session.execute(query.execution_options(yield_per=200)) as rows:
        for review, label, pull in rows:
            latest.setdefault(review if pull is None else pull, label == settlement.Label.BROKEN.value)
            if len(latest) == pulls:
                break
    return list(latest.values())[::-1]


def _lost(session: orm.Session, repository: int, basis: str, level: authority.Authority) -> Lost | None:
    mine = sqlalchemy.select(_Change).where(_Change.repository_id == repository, _Change.basis == basis)
    last = session.scalars(mine.order_by(_Change.at.desc(), _Change.id.desc()).limit(1)).first()
    if last is None or authority.Authority(last.after) is not level:
        return None
    before = authority.Authority(last.before)
    if authority.lower_of(before, level) is before:
        return None
    return Lost(before=before, at=last.at, why=last.why)


def _log(
    session: orm.Session,
    repository: int,
    basis: str,
    levels: tuple[authority.Authority, authority.Authority],
    why: str,
    figures: Mapping[str, Any],
    now: datetime,
) -> None:
    mine = sqlalchemy.select(sqlalchemy.func.count()).where(_Change.repository_id == repository, _Change.basis == basis)
    row = {
        # the repository is locked: nobody else counts meanwhile
        "id": f"{repository}/{basis}/{(session.scalar(mine) or 0) + 1:06}",
        "repository_id": repository,
        "basis": basis,
        "at": now,
        "before": levels[0].value,
        "after": levels[1].value,
        "why": why,
        "figures": dict(figures),
    }
    database.insert_new(session, _Change, row)
