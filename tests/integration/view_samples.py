"""Records that views are read from: reviews in two repositories that GitHub hosts and one that it does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy

from gatekeeper import evaluation, hosted, review
from gatekeeper.outcomes import job
from gatekeeper.simulation import prediction
from gatekeeper.store import database, evaluations, records, repositories
from gatekeeper.verdicts import authority
from gatekeeper.views import audience
from gatekeeper.workflows import asking, settling, summarising
from tests import web_samples
from tests.integration import outcome_samples as samples
from tests.integration import report_samples
from tests.integration.outcome_samples import FAIL, PASS, said

NOW = samples.NOW
OPEN = hosted.Place(installation=3, repository=11, name="acme/open")
SECRET = hosted.Place(installation=3, repository=12, name="acme/secret")
LOCAL = "/home/somebody/project"
EVERYTHING = audience.Audience(everything=True, administrator=True)
# who may read the open one alone, among others that nobody recorded
READER = audience.Audience(numbers=frozenset({11, 5_000_000_000}))
NOBODY = audience.Audience()

UNKNOWN = prediction.Outcome.UNKNOWN
# what texts of pull requests may hold: markup, a formula, what no database or encoding takes, what hides text
ATTACK = "=1+1<script>alert(1)</script>'\"&{{7*7}}\0\udc80\u202e\r\n\t"

ATTACKED = "bad0" * 8

_SAID = {
    "would_fail": [said("test_add", FAIL), said("test_sub")],
    "would_pass": [said("test_add"), said("test_sub")],
    "not_analysed": [
        replace(said("test_add"), outcome=UNKNOWN, p_fail=None),
        replace(said("test_sub"), outcome=UNKNOWN, p_fail=None),
    ],
}
BROKEN, SOUND = {"test_add": FAIL, "test_sub": PASS}, {"test_add": PASS, "test_sub": PASS}


def ago(days: float) -> datetime:
    """Return the moment so many days before `NOW`."""
    return NOW - timedelta(days=days)


def reviewed(
    engine: sqlalchemy.Engine,
    number: int,
    verdict: str,
    real: Mapping[str, prediction.Outcome] | None,
    *,
    days: float,
    place: hosted.Place = OPEN,
) -> str:
    """Record the review of pull request `number` as the service does, settled by what CI reported; return its id."""
    done = samples.reviewed(number, _SAID[verdict], at=ago(days))
    done = replace(done, subject=replace(done.subject, repository=place.name))
    asked = asking.of_pull(place, number=number, head=done.subject.head, base=done.subject.base, base_ref="main")
    with database.writing(engine) as session:
        evaluations.ask(session, asked, done.started - timedelta(seconds=2))
    records.record(engine, done, number=place.repository)
    terms = evaluation.Terms(
        authority=authority.Authority.ADVISE,
        why_authority="it was earned",
        fail_not_analysed=False,
        basis=review.EXECUTED,
        rules=samples.RULES,
    )
    finished = evaluation.Reviewed(review=done.id, terms=terms, annotations=(), comments=None, held_back=False)
    evaluations.finish(engine, asked.id, finished, now=done.started + timedelta(seconds=2))
    if real is not None:
        settle(engine, done, _ran(done, real), place)
    return done.id


def settle(engine: sqlalchemy.Engine, done: review.Review, ran: job.Job, place: hosted.Place) -> None:
    """Let a job of CI be known, and compare."""
    with database.writing(engine) as session:
        repository = repositories.known(session, place.name, place.repository)
    settling.keep(engine, repository, [ran])
    settling.settle_commit(engine, repository, done.subject.head, done.started + timedelta(hours=1))


def _ran(done: review.Review, real: Mapping[str, prediction.Outcome]) -> job.Job:
    ended = done.started + timedelta(minutes=10)
    ran = samples.ran(done.subject.head, real)
    return replace(
        ran,
        id=f"actions/{done.id}",
        started=ended - timedelta(minutes=8),
        completed=ended,
        known=ended,
    )


def fill(engine: sqlalchemy.Engine) -> None:
    """Record reviews of every result, oldest first, with the summaries of their figures."""
    reviewed(engine, 1, "would_fail", BROKEN, days=20)
    reviewed(engine, 2, "would_fail", SOUND, days=12)
    reviewed(engine, 3, "would_pass", SOUND, days=10)
    reviewed(engine, 4, "would_pass", BROKEN, days=6)
    reviewed(engine, 5, "not_analysed", SOUND, days=4)
    reviewed(engine, 6, "would_pass", None, days=2)
    reviewed(engine, 7, "would_fail", BROKEN, days=5, place=SECRET)
    reviewed(engine, 8, "would_pass", None, days=1, place=SECRET)
    local = samples.reviewed(9, _SAID["would_pass"], at=ago(3))
    records.record(engine, replace(local, subject=replace(local.subject, repository=LOCAL)))
    summarising.summarise(engine, NOW)


def identity(number: int) -> str:
    """Return the id of the review of that pull request."""
    return f"{number:032x}"


def hostile(engine: sqlalchemy.Engine) -> str:
    """Record a review whose every text is an attack; return its id."""
    attacked = web_samples.poisoned(report_samples.two_engines(), ATTACK)
    named = replace(attacked.subject, repository=OPEN.name)
    records.record(engine, replace(attacked, id=ATTACKED, subject=named, started=ago(1.5)), number=OPEN.repository)
    return ATTACKED


def named(engine: sqlalchemy.Engine, name: str) -> str:
    """Record a review by an engine of that name; return its id."""
    done = samples.reviewed(1, _SAID["would_pass"])
    records.record(engine, replace(done, engine=name))
    return done.id
