"""Check runs: found again before they are made, updated, closed where there are too many."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from gatekeeper import hosted
from gatekeeper.forge import adopted, annotations, clients, permissions, requirements, runs, session, translation
from gatekeeper.verdicts import publication

_LOCKS = 64


class Checks:
    """Implements the workflows' `Checks` for runs named `publication.CHECK_NAME`.

    Creation has no idempotency key, and lists lag. So the runs of an `external_id` are listed each time; of several
    the newest is the visible one, as it is on GitHub's pages, and the others are closed. Annotations can be added and
    never taken away: where those of the visible run are not among the wanted ones of a completed run, a new run with
    the same external id takes its place and hides it.
    """

    def __init__(self, made: clients.Clients, html_url: str, now: Callable[[], float]) -> None:
        """Ask with the clients of `made`; `html_url` is where people see GitHub."""
        self._clients = made
        self._html_url = html_url
        self._now = now
        self._known = adopted.Adopted()
        # several pull requests may have one head, and so one run
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    @translation.bordered
    def put(self, place: hosted.Place, run: publication.CheckRun) -> int:
        """Create the run, or update the visible one with its external id; return GitHub's id.

        Doing it twice leaves one run with each annotation once; extra runs of the external id are closed.
        """
        with self._locks[hash((place.repository, run.external_id)) % _LOCKS]:
            asked = self._clients.at(place, permissions.CHECKS)
            shown = self._of(asked, place, run)
            if not shown or not _brought(asked, place, shown[-1], run):
                made = runs.create(asked, place.name, run, self._time())
                self._known.add(place.repository, run.head, run.external_id, [made])
                # what lists did not show before, or another process made meanwhile, may show now
                shown = self._of(asked, place, run)
                if shown[-1].id != made:
                    _brought(asked, place, shown[-1], run)
            for extra in shown[:-1]:
                if extra.status is not publication.Status.COMPLETED:
                    runs.supersede(asked, place.name, extra.id, shown[-1].id)
            return shown[-1].id

    @translation.bordered
    def requirement(self, place: hosted.Place, branch: str) -> hosted.Requirement:
        """Return whether the branch's rules require the check of this App."""
        asked = self._clients.at(place, permissions.REQUIREMENT)
        app, _ = self._clients.app()
        required = requirements.find(asked, place.name, branch, publication.CHECK_NAME)
        return hosted.Requirement(
            required=None if required is None else bool(required),
            pinned=required is not None and app in required,
            url=f"{self._html_url}/{place.name}/settings/rules",
        )

    def _of(self, asked: session.Session, place: hosted.Place, run: publication.CheckRun) -> list[runs.Shown]:
        """Return the runs of the external id, the oldest first, with those that lists do not show yet."""
        app, _ = self._clients.app()
        listed = runs.find(asked, place.name, run.head, app)
        shown = {found.id: found for found in listed if found.external_id == run.external_id}
        for number in self._known.of(place.repository, run.head, run.external_id):
            if number not in shown:
                shown[number] = runs.get(asked, place.name, number)
        self._known.add(place.repository, run.head, run.external_id, shown)
        return [shown[number] for number in sorted(shown)]

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _brought(asked: session.Session, place: hosted.Place, shown: runs.Shown, run: publication.CheckRun) -> bool:
    """Make the run what it is to be; return False where it has annotations that it should not have."""
    done = run.status is publication.Status.COMPLETED
    # what is begun again keeps its old annotations until it is known what the new ones are
    there = runs.annotated(asked, place.name, shown) if done or run.annotations else []
    if done and not annotations.fits(there, run.annotations):
        return False
    runs.update(asked, place.name, shown.id, run, annotations.missing(there, run.annotations))
    return True
