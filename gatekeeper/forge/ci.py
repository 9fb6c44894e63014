"""What CI did on a commit: GitHub Actions with what its jobs reported, check runs of other Apps, commit statuses."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from gatekeeper import errors, hosted
from gatekeeper.forge import ci_reading, ci_run, clients, permissions, reading
from gatekeeper.outcomes import job

_MOST_RUN_PAGES = 3
_MOST_CHECK_PAGES = 10
_MOST_STATUS_PAGES = 5


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
        """Return the jobs of all attempts of the run but those whose ids are `known`, with what they reported.

        A run that has not ended is not looked into: until then nobody can say which job uploaded what.
        """
        if run.conclusion is None:
            return hosted.Collected(jobs=(), unfinished=1)
        return ci_run.Run(self._clients, place, run, self._time()).read(known)

    def checks(self, place: hosted.Place, sha: str, tested: job.Tested) -> hosted.Collected:
        """Return the check runs of other Apps than GitHub Actions, taken to test the tree `tested` unless they say."""
        asked = self._clients.at(place, permissions.CI_CHECKS)
        pages = asked.pages(f"/repos/{place.name}/commits/{sha}/check-runs", most=_MOST_CHECK_PAGES, filter="all")
        ours, _ = self._clients.app()
        return ci_reading.check_jobs(_listed(pages, "check_runs"), sha, tested, ours, self._time())

    def statuses(self, place: hosted.Place, sha: str, tested: job.Tested) -> hosted.Collected:
        """Return the latest commit status of each context, taken to test the tree `tested` unless they say."""
        asked = self._clients.at(place, permissions.STATUSES)
        pages = asked.pages(f"/repos/{place.name}/commits/{sha}/statuses", most=_MOST_STATUS_PAGES)
        listed = [data for page in pages for data in reading.entries({"page": page}, "page")]
        return ci_reading.status_jobs(listed, sha, tested, self._time())

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _listed(pages: Iterator[object], name: str) -> Iterator[object]:
    return (data for page in pages for data in reading.entries(page, name))
