"""What GitHub knows of a commit's CI -> jobs in the records, in small steps."""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import structlog

from gatekeeper import errors, hosted
from gatekeeper.outcomes import job
from gatekeeper.store import database, jobs, repositories
from gatekeeper.workflows import ports, settling, steps

_log = structlog.get_logger(__name__)

_STATUS = "status"
# runs of one commit that are read: each costs some requests
_RUNS = 50


def collect(using: ports.Ports, place: hosted.Place, sha: str, tested: job.Tested) -> steps.Json:
    """Keep what has ended on the commit; return how many jobs are `new`, and how many are `unfinished`.

    `tested`: the tree that other CI than GitHub Actions is taken to have tested. What the App may not read is left out.
    """
    runs = steps.step("runs", lambda: _allowed([], lambda: _runs(using, place, sha)))
    found = [steps.step("run", partial(_run, using, place, run)) for run in runs]
    for ask in (using.ci.checks, using.ci.statuses):
        others = partial(ask, place, sha, tested)
        found += [steps.step(ask.__name__, partial(_others, using, place, sha, others))]
    return {"new": sum(one["new"] for one in found), "unfinished": sum(one["unfinished"] for one in found)}


def _runs(using: ports.Ports, place: hosted.Place, sha: str) -> list[dict[str, Any]]:
    # the newest, where there are more than anybody has
    return [asdict(run) for run in using.ci.runs(place, sha)][-_RUNS:]


def _run(using: ports.Ports, place: hosted.Place, given: dict[str, Any]) -> steps.Json:
    ended = given["conclusion"]
    run = hosted.Run(
        **{
            **given,
            "tested": job.Tested(given["tested"]),
            "conclusion": None if ended is None else job.Conclusion(ended),
        }
    )
    repository = _repository(using, place)

    def read() -> steps.Json:
        known = jobs.known(using.database, repository, run.sha)
        return _kept(using, repository, run.sha, using.ci.of_run(place, run, known))

    return _allowed({"new": 0, "unfinished": 0}, read)


def _others(using: ports.Ports, place: hosted.Place, sha: str, ask: Callable[[], hosted.Collected]) -> steps.Json:
    def read() -> steps.Json:
        return _kept(using, _repository(using, place), sha, ask())

    return _allowed({"new": 0, "unfinished": 0}, read)


def _kept(using: ports.Ports, repository: int, sha: str, found: hosted.Collected) -> steps.Json:
    mine = [_own(one, repository) for one in found.jobs if one.sha == sha]
    return {"new": settling.keep(using.database, repository, mine), "unfinished": found.unfinished}


def _own(one: job.Job, repository: int) -> job.Job:
    """Return the job under an id that no fork has: it shares commits, and statuses are named by nothing else."""
    kind, _, rest = one.id.partition("/")
    return replace(one, id=f"{kind}/{repository}/{rest}") if kind == _STATUS else one


def _repository(using: ports.Ports, place: hosted.Place) -> int:
    """Return the repository's number in these records."""
    with database.writing(using.database) as session:
        return repositories.known(session, place.name, place.repository)


def _allowed(otherwise: steps.Json, do: Callable[[], steps.Json]) -> steps.Json:
    try:
        return do()
    except (errors.ForbiddenError, errors.MissingError, errors.RefusedError) as refusal:
        _log.warning("outcomes not read", reason=str(refusal))
        return otherwise
