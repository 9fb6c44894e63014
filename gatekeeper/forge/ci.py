"""What CI did on a commit: GitHub Actions with what its jobs reported, check runs of other Apps, commit statuses."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from gatekeeper import errors, hosted
from gatekeeper.forge import ci_reading, clients, permissions, reading
from gatekeeper.outcomes import job

_MOST_RUN_PAGES = 3
_MOST_JOB_PAGES = 10
_MOST_CHECK_PAGES = 10
_MOST_STATUS_PAGES = 5
# annotations are asked for only where they may tell why it ended so
_EXPLAINED = {
    job.Conclusion.FAILURE,
    job.Conclusion.CANCELLED,
    job.Conclusion.TIMED_OUT,
    job.Conclusion.STARTUP_FAILURE,
    job.Conclusion.ERROR,
}


class Ci:
    """Implements the workflows' `Ci`."""

    def __init__(self, made: clients.Clients, now: Callable[[], float]) -> None:
        """Ask with the clients of `made`; `now` is in seconds of the epoch."""
        self._clients = made
        self._now = now

    def runs(self, place: hosted.Place, sha: str) -> Sequence[hosted.Run]:
        """Return the runs of GitHub Actions on the commit, those that test another tree left out; the oldest first.

        Empty where GitHub Actions is switched off.
        """
        asked = self._clients.at(place, permissions.RUNS)
        path = f"/repos/{place.name}/actions/runs"
        pages = asked.pages(path, most=_MOST_RUN_PAGES, head_sha=sha, exclude_pull_requests="true")
        try:
            listed = list(_listed(pages, "workflow_runs"))
        except errors.MissingError:
            return ()
        found = [run for data in listed if (run := ci_reading.run(place, data)) is not None and run.sha == sha]
        return sorted(found, key=lambda run: run.id)

    def of_run(self, place: hosted.Place, run: hosted.Run, known: AbstractSet[str]) -> hosted.Collected:
        """Return the jobs of all attempts of the run but those whose ids are `known`, with what they reported."""
        asked = self._clients.at(place, permissions.RUNS)
        path = f"/repos/{place.name}/actions/runs/{run.id}/jobs"
        listed = list(_listed(asked.pages(path, most=_MOST_JOB_PAGES, filter="all"), "jobs"))
        ended = [found for data in listed if (found := ci_reading.actions_job(data)) is not None]
        jobs = [self._job(place, run, one) for one in ended if _id(run, one) not in known]
        return hosted.Collected(jobs=jobs, unfinished=_unfinished(run, len(listed) - len(ended)))

    def checks(self, place: hosted.Place, sha: str, tested: job.Tested) -> hosted.Collected:
        """Return the check runs of other Apps than GitHub Actions, taken to test the tree `tested` unless they say."""
        asked = self._clients.at(place, permissions.OTHER_CHECKS)
        pages = asked.pages(f"/repos/{place.name}/commits/{sha}/check-runs", most=_MOST_CHECK_PAGES, filter="all")
        ours, _ = self._clients.app()
        return ci_reading.check_jobs(_listed(pages, "check_runs"), sha, tested, ours, self._time())

    def statuses(self, place: hosted.Place, sha: str, tested: job.Tested) -> hosted.Collected:
        """Return the latest commit status of each context, taken to test the tree `tested` unless they say."""
        asked = self._clients.at(place, permissions.STATUSES)
        pages = asked.pages(f"/repos/{place.name}/commits/{sha}/statuses", most=_MOST_STATUS_PAGES)
        listed = [data for page in pages for data in reading.entries({"page": page}, "page")]
        return ci_reading.status_jobs(listed, sha, tested, self._time())

    def _job(self, place: hosted.Place, run: hosted.Run, one: ci_reading.Job) -> job.Job:
        return job.Job(
            id=_id(run, one),
            sha=run.sha,
            tested=run.tested,
            name=one.name,
            workflow=run.workflow,
            attempt=one.attempt,
            conclusion=one.conclusion,
            started=one.started,
            completed=one.completed,
            remarks=(*one.remarks, *self._remarks(place, one)),
            failed_steps=one.failed_steps,
            report=ci_reading.UNTOLD,
            known=self._time(),
        )

    def _remarks(self, place: hosted.Place, one: ci_reading.Job) -> tuple[str, ...]:
        if one.check_run is None or one.conclusion not in _EXPLAINED:
            return ()
        asked = self._clients.at(place, permissions.OTHER_CHECKS)
        path = f"/repos/{place.name}/check-runs/{one.check_run}/annotations"
        pages = asked.pages(path, most=1)
        return ci_reading.remarks(data for page in pages for data in reading.entries({"page": page}, "page"))

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _id(run: hosted.Run, one: ci_reading.Job) -> str:
    return f"actions/{run.id}/{one.attempt}/{one.number}"


def _unfinished(run: hosted.Run, listed: int) -> int:
    """Return how many jobs may end yet; those that wait for others are not listed before their time."""
    return max(listed, 1) if run.conclusion is None else listed


def _listed(pages: Iterator[object], name: str) -> Iterator[object]:
    return (data for page in pages for data in reading.entries(page, name))
