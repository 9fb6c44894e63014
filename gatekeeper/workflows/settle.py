"""A commit whose CI did something: read, compared with what was predicted, and what follows from it.

Between its steps it may be killed, and goes on at the next one. Every step may be done again.
"""

from functools import partial
from typing import Any

from gatekeeper import evaluation, hosted
from gatekeeper.outcomes import job, settlement
from gatekeeper.store import awaiting, database, evaluations, jobs, repositories, subjects
from gatekeeper.workflows import collecting, commenting, ports, settling, showing, steps


def settle(using: ports.Ports, place: hosted.Place, sha: str, *, history: bool) -> steps.Json:
    """Bring the records up to what CI did on the commit; return what was done, as counts.

    `history`: whether it is read although no review is concerned, for what its tests did. Nothing is asked of GitHub
    otherwise.
    """
    concern = steps.step("concern", lambda: _concern(using, place, sha))
    if not (concern["wanted"] or history):
        return {"jobs": 0, "reviews": 0}
    tested = job.Tested(concern["tested"])
    collected = collecting.collect(using, place, sha, tested)
    # what was red before is not held against a change: asked for where something is red
    for base in steps.step("bases", lambda: _bases(using, place, sha)):
        collecting.collect(using, place, base, job.Tested.HEAD)
    done = steps.step("settle", lambda: _settled(using, place, sha))
    ended = bool(done["labelled"]) and not collected["unfinished"]
    if concern["evaluated"]:
        _publish_held(using, place, sha, ended=ended)
    return {"jobs": collected["new"], "reviews": len(done["reviews"]), "ended": ended}


def _publish_held(using: ports.Ports, place: hosted.Place, sha: str, *, ended: bool) -> None:
    """Publish what has waited for CI, where that has ended or is not waited for any longer."""
    now = steps.step("sought", lambda: _sought(using, place, sha, ended=ended))
    released = steps.step("waiting", lambda: _waiting(using, place, sha, ended=ended))
    for identity in released:
        steps.step("release", partial(awaiting.release, using.database, identity))
    if now or released:
        showing.show_or_give_up(using, place, sha)
    for identity in released:
        commenting.comment(using, commenting.asked(using, identity))


def _concern(using: ports.Ports, place: hosted.Place, sha: str) -> steps.Json:
    on_head = evaluations.on_head(using.database, place.repository, sha)
    since = using.now() - settling.RECENT
    wanted = bool(on_head) or subjects.is_wanted(using.database, place.repository, sha, since=since)
    return {"wanted": wanted, "evaluated": bool(on_head), "tested": _tested(on_head).value}


def _tested(on_head: tuple[evaluation.Evaluation, ...]) -> job.Tested:
    if not on_head:
        return job.Tested.HEAD
    is_pull = any(one.asked.pull is not None for one in on_head)
    return job.Tested.MERGE if is_pull else job.Tested.GROUP


def _bases(using: ports.Ports, place: hosted.Place, sha: str) -> list[str]:
    """Return the bases that the commit's reviews go into of which nothing is known, where something is red on it."""
    with database.session(using.database) as session:
        repository = repositories.find(session, place.name, place.repository)
        if repository is None or not jobs.is_any_red(session, repository, sha):
            return []
        bases = subjects.bases(session, repository, sha)
        return [base for base in bases if not jobs.is_any(session, repository, base)]


def _settled(using: ports.Ports, place: hosted.Place, sha: str) -> dict[str, Any]:
    """Settle the commit's reviews; return their ids, and whether those of which it is the head have a label."""
    with database.session(using.database) as session:
        repository = repositories.find(session, place.name, place.repository)
    if repository is None:
        return {"reviews": [], "labelled": False}
    done = settling.settle_commit(using.database, repository, sha, using.now())
    mine = [one for one in done if one.head == sha]
    labelled = bool(mine) and all(one.label is not settlement.Label.NONE for one in mine)
    return {"reviews": [one.review for one in done], "labelled": labelled}


def _sought(using: ports.Ports, place: hosted.Place, sha: str, *, ended: bool) -> bool:
    """Note that GitHub was asked; return whether what the commit's check run shows has changed by what it said."""
    awaiting.sought(using.database, place.repository, sha, ended=ended, now=using.now())
    return showing.is_stale(using, place, sha)


def _waiting(using: ports.Ports, place: hosted.Place, sha: str, *, ended: bool) -> list[str]:
    return list(awaiting.waiting(using.database, place.repository, sha, ended=ended, now=using.now()))
