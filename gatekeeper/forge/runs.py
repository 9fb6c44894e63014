"""Check runs as GitHub takes and shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gatekeeper import errors
from gatekeeper.forge import annotations, reading, session
from gatekeeper.verdicts import publication

_MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A check run as GitHub shows it."""

    id: int
    external_id: str
    status: publication.Status
    # None where GitHub does not say
    started: datetime | None
    annotated: bool


def find(asked: session.Session, repository: str, head: str, app: int) -> list[Shown]:
    """Return the runs of that App on the commit that have our name, the oldest first. Raises ForgeError."""
    path = f"/repos/{repository}/commits/{head}/check-runs"
    pages = asked.pages(path, most=_MOST_PAGES, check_name=publication.CHECK_NAME, filter="all")
    listed = [data for page in pages for data in reading.entries(page, "check_runs")]
    ours = [_shown(data) for data in listed if reading.has(data, "app") and reading.number(data, "app", "id") == app]
    return sorted(ours, key=lambda run: run.id)


def get(asked: session.Session, repository: str, number: int) -> Shown:
    """Return the run of that number. Raises ForgeError."""
    return _shown(asked.get(f"/repos/{repository}/check-runs/{number}"))


def annotated(asked: session.Session, repository: str, run: Shown) -> list[publication.Annotation | None]:
    """Return the annotations that the run has; None for one that this service would not make. Raises ForgeError."""
    if not run.annotated:
        return []
    pages = asked.pages(f"/repos/{repository}/check-runs/{run.id}/annotations", most=_MOST_PAGES)
    return [annotations.read(data) for page in pages for data in reading.entries({"page": page}, "page")]


def create(asked: session.Session, repository: str, run: publication.CheckRun, began: datetime) -> int:
    """Create the run with all of its annotations and return its number. Raises ForgeError."""
    first = run.annotations[: publication.ANNOTATIONS_AT_ONCE]
    rest = run.annotations[publication.ANNOTATIONS_AT_ONCE :]
    # completed only once it is whole
    body: dict[str, Any] = {"status": "in_progress", "output": _output(run, first)} if rest else _shape(run, first)
    made = asked.repository(repository).create_check_run(
        publication.CHECK_NAME, run.head, external_id=run.external_id, started_at=began, **body
    )
    # it may be, whatever the type says
    number: object = made.id
    if not isinstance(number, int):
        raise errors.UnavailableError("GitHub's answer cannot be read: the check run has no number; it is asked again")
    if rest:
        update(asked, repository, number, run, rest)
    return number


def update(
    asked: session.Session,
    repository: str,
    number: int,
    run: publication.CheckRun,
    missing: Sequence[publication.Annotation],
) -> None:
    """Update the run in as many requests as the missing annotations need. Raises ForgeError.

    Only the last may complete it.
    """
    # built from its number: addresses in answers are not always those that were asked
    target = asked.repository(repository).get_check_run(number)
    rest = list(missing)
    while len(rest) > publication.ANNOTATIONS_AT_ONCE:
        batch, rest = rest[: publication.ANNOTATIONS_AT_ONCE], rest[publication.ANNOTATIONS_AT_ONCE :]
        target.edit(output=_output(run, batch))
    target.edit(**{"actions": [], **_shape(run, rest)})


def supersede(asked: session.Session, repository: str, number: int, by: int) -> None:
    """Complete a run that another one hides. Raises ForgeError."""
    said = {"title": "Superseded", "summary": f"Superseded by run {by}."}
    asked.repository(repository).get_check_run(number).edit(status="completed", conclusion="cancelled", output=said)


def _shown(data: object) -> Shown:
    return Shown(
        id=reading.number(data, "id"),
        external_id=reading.text(data, "external_id") if reading.has(data, "external_id") else "",
        status=_status(reading.text(data, "status")),
        started=reading.moment(data, "started_at") if reading.has(data, "started_at") else None,
        annotated=reading.number(data, "output", "annotations_count") > 0,
    )


def _status(said: str) -> publication.Status:
    try:
        return publication.Status(said)
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
