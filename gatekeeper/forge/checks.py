"""Check runs: found again before they are made, updated, closed where there are too many."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import github.CheckRun
import github.Repository

from gatekeeper import hosted
from gatekeeper.forge import adopted, annotations, clients, permissions, requirements, translation
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
            repository = self._clients.at(place, permissions.CHECKS).repository(place.name)
            shown = self._of(place, repository, run)
            if not shown or not _bring(repository, shown[-1], run):
                made = self._create(place, repository, run)
                # what lists did not show before, or another process made meanwhile, may show now
                shown = self._of(place, repository, run)
                if shown[-1].id != made:
                    _bring(repository, shown[-1], run)
            _close(repository, shown)
            return shown[-1].id

    @translation.bordered
    def unfinished(self, place: hosted.Place, head: str) -> Sequence[hosted.CheckRunShown]:
        """Return this App's runs on the commit that are not completed."""
        repository = self._clients.at(place, permissions.CHECKS).repository(place.name)
        return [
            hosted.CheckRunShown(id=run.id, head=head, status=_status(run), started=self._started(run))
            for run in self._ours(repository, head)
            if _status(run) is not publication.Status.COMPLETED
        ]

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

    def _ours(self, repository: github.Repository.Repository, head: str) -> list[github.CheckRun.CheckRun]:
        """Return this App's runs on the commit, the oldest first."""
        app, _ = self._clients.app()
        listed = repository.get_commit(head).get_check_runs(check_name=publication.CHECK_NAME, filter="all")
        ours = [run for run in listed if run.app.id == app and run.name == publication.CHECK_NAME]
        return sorted(ours, key=lambda run: run.id)

    def _of(
        self, place: hosted.Place, repository: github.Repository.Repository, run: publication.CheckRun
    ) -> list[github.CheckRun.CheckRun]:
        """Return the runs of the external id, the oldest first, with those that lists do not show yet."""
        shown = {found.id: found for found in self._ours(repository, run.head) if found.external_id == run.external_id}
        for number in self._known.of(place.repository, run.head, run.external_id):
            if number not in shown:
                shown[number] = repository.get_check_run(number).complete()
        self._known.add(place.repository, run.head, run.external_id, shown)
        return [shown[number] for number in sorted(shown)]

    def _create(self, place: hosted.Place, repository: github.Repository.Repository, run: publication.CheckRun) -> int:
        """Create the run with all of its annotations and return its number."""
        first = run.annotations[: publication.ANNOTATIONS_AT_ONCE]
        rest = run.annotations[publication.ANNOTATIONS_AT_ONCE :]
        # completed only once it is whole
        body: dict[str, Any] = {"status": "in_progress", "output": _output(run, first)} if rest else _shape(run, first)
        began = datetime.fromtimestamp(self._now(), UTC)
        made = repository.create_check_run(
            publication.CHECK_NAME, run.head, external_id=run.external_id, started_at=began, **body
        )
        self._known.add(place.repository, run.head, run.external_id, [made.id])
        if rest:
            _write(repository, made.id, run, rest)
        return made.id

    def _started(self, run: github.CheckRun.CheckRun) -> datetime:
        # every run is made with a time; one without is no reason to hold it for old
        return run.started_at or datetime.fromtimestamp(self._now(), UTC)


def _there(
    repository: github.Repository.Repository, run: github.CheckRun.CheckRun
) -> Sequence[publication.Annotation | None]:
    """Return the annotations that the run has; None for one that this service would not make."""
    if run.output is not None and run.output.annotations_count == 0:
        return ()
    return [annotations.read(found) for found in repository.get_check_run(run.id).get_annotations()]


def _bring(
    repository: github.Repository.Repository, shown: github.CheckRun.CheckRun, run: publication.CheckRun
) -> bool:
    """Make the run what it is to be; return False where it has annotations that it should not have."""
    done = run.status is publication.Status.COMPLETED
    # what is begun again keeps its old annotations until it is known what the new ones are
    there = _there(repository, shown) if done or run.annotations else ()
    if done and not annotations.fits(there, run.annotations):
        return False
    _write(repository, shown.id, run, annotations.missing(there, run.annotations))
    return True


def _write(
    repository: github.Repository.Repository,
    number: int,
    run: publication.CheckRun,
    missing: Sequence[publication.Annotation],
) -> None:
    """Update the run in as many requests as the missing annotations need; only the last may complete it."""
    # built from its number: addresses in answers are not always those that were asked
    target = repository.get_check_run(number)
    rest = list(missing)
    while len(rest) > publication.ANNOTATIONS_AT_ONCE:
        batch, rest = rest[: publication.ANNOTATIONS_AT_ONCE], rest[publication.ANNOTATIONS_AT_ONCE :]
        target.edit(output=_output(run, batch))
    target.edit(**{"actions": [], **_shape(run, rest)})


def _close(repository: github.Repository.Repository, shown: Sequence[github.CheckRun.CheckRun]) -> None:
    """Complete the runs that the last one hides."""
    for extra in shown[:-1]:
        if _status(extra) is not publication.Status.COMPLETED:
            said = {"title": "Superseded", "summary": f"Superseded by run {shown[-1].id}."}
            repository.get_check_run(extra.id).edit(status="completed", conclusion="cancelled", output=said)


def _status(run: github.CheckRun.CheckRun) -> publication.Status:
    try:
        return publication.Status(run.status)
    except ValueError:
        # waiting, requested, pending: words of GitHub Actions for what has not begun
        return publication.Status.QUEUED


def _shape(run: publication.CheckRun, batch: Sequence[publication.Annotation]) -> dict[str, Any]:
    """Return the run as GitHub takes it, with some of its annotations."""
    shape: dict[str, Any] = {"status": run.status.value, "output": _output(run, batch)}
    if run.conclusion is not None:
        shape["conclusion"] = run.conclusion.value
    if run.details_url:
        shape["details_url"] = run.details_url
    if run.actions:
        shape["actions"] = [
            {"label": action.label, "description": action.description, "identifier": action.identifier}
            for action in run.actions
        ]
    return shape


def _output(run: publication.CheckRun, batch: Sequence[publication.Annotation]) -> dict[str, Any]:
    output: dict[str, Any] = {"title": run.title, "summary": run.summary, "text": run.text}
    if batch:
        output["annotations"] = [annotations.written(annotation) for annotation in batch]
    return output
