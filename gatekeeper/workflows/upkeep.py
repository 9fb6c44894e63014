"""What is done from time to time, once for all replicas: what was lost is found, what was left is finished."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import structlog

from gatekeeper import errors, evaluation, hosted
from gatekeeper.store import awaiting, database, deliveries, evaluations, heads, jobs, people, records
from gatekeeper.workflows import asking, calibrating, names, ports, recovery, steps, summarising

_log = structlog.get_logger(__name__)

# GitHub keeps deliveries for three days; what failed longer ago is found by reconciling
_DELIVERIES = timedelta(days=3)
# how long a review may wait for its turn or be carried out before it is looked after
_PATIENCE = timedelta(minutes=2)
# how long after a review CI is waited for, and commits that one tick has looked at: three requests each, and more
# where something has ended
_SOUGHT = timedelta(days=3)
_COMMITS = 50
# check runs brought up to date in one tick
_STALE = 100
# repositories of one installation that are looked through in one tick: a quarter of the hourly limit of requests, at
# one tick in five minutes
_REPOSITORIES = 100

# a hosted.Place as JSON
_Place = dict[str, Any]


class Task(StrEnum):
    """What a tick does."""

    # ask GitHub again for deliveries that did not arrive
    REDELIVER = "redeliver"
    # ask for reviews of open pull requests that no delivery told of
    RECONCILE = "reconcile"
    # finish what was left unfinished
    WATCH = "watch"
    # look for what CI did where no delivery told of it, and publish what has waited for it long enough
    SETTLE = "settle"
    # fit how scores become probabilities
    CALIBRATE = "calibrate"
    # make the figures that pages show
    SUMMARISE = "summarise"
    # forget what is too old
    RETAIN = "retain"


def tick(using: ports.Ports, task: Task, slot: str) -> steps.Json:  # noqa: PLR0911 - one arm for each task
    """Do the task for the time `slot`; return what was done, as counts."""
    match task:
        case Task.REDELIVER:
            return _redeliver(using)
        case Task.RECONCILE:
            return _reconcile(using, slot)
        case Task.WATCH:
            return steps.step("watch", lambda: watch(using, slot))
        case Task.SETTLE:
            return steps.step("settle", lambda: seek(using))
        case Task.CALIBRATE:
            return steps.step("calibrate", lambda: calibrating.calibrate(using.database, using.now()))
        case Task.SUMMARISE:
            return steps.step("summarise", lambda: summarising.summarise(using.database, using.now()))
        case Task.RETAIN:
            return steps.step("retain", lambda: _retain(using))


def install(using: ports.Ports, installation: int, attempt: str) -> int:
    """Ask for reviews of what is open where the App was installed; return how many.

    What could not be reviewed before, for want of a permission, may be now.
    """
    known = steps.step("installations", lambda: _installations(using))
    if installation not in known:
        return 0
    places = steps.step("repositories", lambda: _places(using, installation))
    return sum(_open_pulls(using, place, attempt, asking.AFTER_EVENT) for place in places)


def _redeliver(using: ports.Ports) -> steps.Json:
    failed = _attempt("failed deliveries", lambda: _failed(using), [])
    done = [_attempt("redeliver", partial(_redelivered, using, identity), 0) for identity in failed]
    return {"redelivered": sum(done)}


def _failed(using: ports.Ports) -> list[int]:
    failed = using.app.failed_deliveries(using.now() - _DELIVERIES)
    known = deliveries.known(using.database, [one.guid for one in failed])
    return [one.id for one in failed if one.guid not in known]


def _redelivered(using: ports.Ports, identity: int) -> int:
    using.app.redeliver(identity)
    return 1


def _reconcile(using: ports.Ports, slot: str) -> steps.Json:
    known = _attempt("installations", lambda: _installations(using), [])
    return {"asked for": sum(_of_installation(using, one, slot) for one in known)}


def _installations(using: ports.Ports) -> list[int]:
    """Return the numbers of the installations that work."""
    return [one.id for one in using.app.installations() if not one.suspended]


def _of_installation(using: ports.Ports, installation: int, slot: str) -> int:
    places = _attempt("repositories", lambda: _places(using, installation), [])
    return sum(
        _open_pulls(using, place, f"poll-{slot}", asking.AFTER_POLL) for place in in_turn(places, slot, _REPOSITORIES)
    )


def in_turn(places: Sequence[_Place], slot: str, most: int) -> Sequence[_Place]:
    """Return `most` of the places, others each time: each costs a request of the installation's hourly limit."""
    parts = -(-len(places) // most)
    if parts <= 1:
        return places
    number = zlib.crc32(slot.encode()) % parts
    return places[number::parts]


def _places(using: ports.Ports, installation: int) -> list[_Place]:
    return [asdict(one) for one in using.app.repositories(installation)]


def _open_pulls(using: ports.Ports, place: _Place, attempt: str, settled: frozenset[evaluation.State]) -> int:
    there = hosted.Place(**place)
    asked: int = _attempt("open pull requests", partial(_ask, using, there, attempt, settled), 0)
    return asked


def _attempt(name: str, do: Callable[[], steps.Json], otherwise: steps.Json) -> steps.Json:
    """Do a step once; where GitHub does not answer it, the next tick will try again, and nothing else waits for it."""

    def tried() -> steps.Json:
        try:
            return do()
        except errors.ForgeError as problem:
            _log.warning("upkeep left out", what=name, reason=str(problem))
            return otherwise

    return steps.step(name, tried)


def _ask(using: ports.Ports, place: hosted.Place, attempt: str, settled: frozenset[evaluation.State]) -> int:
    """Ask for a review of each open pull request that has none, and close those that are open no more."""
    before = using.now()
    pulls = list(using.pulls.open(place))
    numbers = [pull.number for pull in pulls]
    evaluations.close_others(using.database, place.repository, numbers, asked_before=before - _PATIENCE, now=before)
    begun = [_ask_one(using, place, pull, attempt, settled) for pull in pulls]
    return sum(one is not None for one in begun)


def _ask_one(
    using: ports.Ports, place: hosted.Place, pull: hosted.Pull, attempt: str, settled: frozenset[evaluation.State]
) -> str | None:
    asked = asking.of_pull(place, number=pull.number, head=pull.head, base=pull.base, base_ref=pull.base_ref)
    like = asking.traits(draft=pull.draft, labels=pull.labels)
    with database.writing(using.database) as session:
        return asking.ask(session, using.client, asked, attempt=attempt, settled=settled, now=using.now(), like=like)


def watch(using: ports.Ports, slot: str) -> steps.Json:
    """Finish what workers left behind; return what was done, as counts."""
    return {
        "resumed": recovery.resume(using),
        "begun anew": recovery.renew(using),
        "given up": _give_up(using),
        "shown": _show_stale(using, slot),
    }


def _give_up(using: ports.Ports) -> int:
    """End reviews whose work has ended without a word, by a fault of this program or of the database."""
    left = evaluations.live(using.database, asked_before=using.now() - _PATIENCE)
    abandoned = [one.asked.id for one in left if not recovery.is_under_way(using.client, one.asked.id)]
    reason = "its work ended without a result: ask for the review again"
    for identity in abandoned:
        evaluations.fail(using.database, identity, reason, None, now=using.now())
    return len(abandoned)


def _show_stale(using: ports.Ports, slot: str) -> int:
    """Have check runs brought up to date that do not show what is on record, and have not for a while."""
    stale = heads.stale(using.database, _STALE)
    for repository, head in stale:
        on_head = evaluations.on_head(using.database, repository, head)
        if on_head and not any(one.when > using.now() - _PATIENCE for one in on_head):
            place = on_head[0].asked.place
            argument = {"place": asdict(place), "head": head}
            with database.writing(using.database) as session:
                identity = f"show/{repository}/{head}/{slot}"
                asking.enqueue(
                    session,
                    using.client,
                    names.Workflow.SHOW,
                    identity,
                    argument,
                    installation=place.installation,
                )
    return len(stale)


def seek(using: ports.Ports) -> steps.Json:
    """Have commits looked at whose CI was not seen to end: what deliveries told of is looked at without this.

    Returns what was done, as counts.
    """
    now = using.now()
    due = awaiting.to_be_sought(using.database, finished_since=now - _SOUGHT, now=now, limit=_COMMITS)
    for one in due:
        with database.writing(using.database) as session:
            place = one.asked.place
            asking.settle(session, using.client, place, one.asked.head, now=now)
    return {"asked for": len(due)}


def _retain(using: ports.Ports) -> steps.Json:
    now: datetime = using.now()
    return {
        "deliveries": deliveries.forget_bodies(using.database, now - using.keep_deliveries),
        "traces": records.forget_traces(using.database, now - using.keep_traces),
        "reports": jobs.forget_tests(using.database, now - using.keep_traces),
        "sign-ins": people.forget_expired(using.database, now),
        "workflows": recovery.forget(using.client, now - using.keep_deliveries),
    }
