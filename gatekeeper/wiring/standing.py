"""What a verdict of the service is held to: configuration, and what has been earned under it."""

from datetime import datetime

import sqlalchemy

from gatekeeper import configuration, evaluation, review
from gatekeeper.store import database, repositories, standings
from gatekeeper.verdicts import authority


def terms(
    engine: sqlalchemy.Engine,
    asked: evaluation.Asked,
    configured: configuration.Configuration,
    basis: str,
    now: datetime,
) -> evaluation.Terms:
    """Return what a verdict that rests on `basis` is held to, as decided now.

    The authority is the lower of the configured ceiling and of what was earned on that basis. What changes is logged.
    Raises StoreError.
    """
    with database.writing(engine) as session:
        repository = repositories.known(session, asked.place.name, asked.place.repository)
        repositories.lock(session, repository)
        standings.note_configuration(
            session, repository, asked.base_ref, configured.authority, earn=configured.earn, now=now
        )
        stands = standings.decide(session, repository, basis, configured.earning, now)
    given, why = _authority(configured, stands)
    return evaluation.Terms(
        authority=given,
        why_authority=why,
        fail_not_analysed=configured.on_not_analysed is authority.OnNotAnalysed.FAIL,
        imagined=authority.Authority.SHADOW if basis == review.EXECUTED else stands.earned.level,
        basis=basis,
        halting_at=configured.halting_at,
        rules=evaluation.Rules(
            ceiling=configured.authority,
            earn=configured.earn,
            earning=configured.earning,
            checks=configured.ci.checks,
        ),
    )


def _authority(configured: configuration.Configuration, stands: standings.Standing) -> tuple[authority.Authority, str]:
    ceiling = configured.authority
    if ceiling is authority.Authority.SHADOW:
        return ceiling, f"`authority` is shadow in `{configuration.PATH}` on the base branch, or not given there"
    if not configured.earn:
        return ceiling, f"Set by hand in `{configuration.PATH}` on the base branch"
    held = authority.lower_of(ceiling, stands.earned.level)
    if held is ceiling:
        return held, f"`{ceiling.value}` is the most that `{configuration.PATH}` allows: {stands.earned.why}"
    return held, f"{_capital(standings.told(stands))}; `earn: false` in `{configuration.PATH}` sets it by hand"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
