"""What GitHub tells of CI, as values: runs of GitHub Actions and their jobs, check runs, commit statuses."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gatekeeper import errors, hosted
from gatekeeper.forge import reading, translation
from gatekeeper.outcomes import job

UNTOLD = job.Report(source=job.Source.NONE, why="it tells no tests")
# the App that GitHub Actions is, here and on every server: slugs are given once
ACTIONS = "github-actions"
# of these events GitHub checks out the merge of base and head:
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
_MERGING = {"pull_request", "pull_request_review", "pull_request_review_comment"}
# base is checked out, or whatever GitHub's own features want
_ELSEWHERE = {"pull_request_target", "dynamic"}
# what well-known CI calls the half of its work that tests base merged with head
_MERGED = re.compile(r"(?:^Travis CI - Pull Request|/travis-ci/pr|/appveyor/pr|/jenkins/pr-merge)$")
_CHECK_RUN = re.compile(r"/check-runs/([0-9]{1,19})$")
_STATES = {
    "success": job.Conclusion.SUCCESS,
    "failure": job.Conclusion.FAILURE,
    "error": job.Conclusion.ERROR,
}
_FAILED_STEPS = {"failure", "timed_out"}
_MOST_STEPS = 20
_MOST_REMARKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of GitHub Actions that has ended, as it is listed."""

    number: int
    attempt: int
    name: str
    conclusion: job.Conclusion
    started: datetime | None
    completed: datetime | None
    failed_steps: tuple[str, ...]
    # names of all its steps
    steps: tuple[str, ...]
    # its check run, whose annotations are what the runner says
    check_run: int | None
    # what is said of it here
    remarks: tuple[str, ...]


def run(place: hosted.Place, data: object) -> hosted.Run | None:
    """Return the run; None for one that tests another tree. Raises UnavailableError where it cannot be read.

    Raises MissingError where it is another repository's.
    """
    # a name that was given up can be taken by anyone
    if reading.number(data, "repository", "id") != place.repository:
        raise errors.MissingError(
            f"{place.name} is another repository than the one that the App is installed on: it was renamed or moved"
        )
    event = reading.text(data, "event")
    if event in _ELSEWHERE:
        return None
    ended = reading.text(data, "status") == "completed"
    return hosted.Run(
        id=reading.number(data, "id"),
        attempt=reading.number(data, "run_attempt"),
        sha=reading.text(data, "head_sha"),
        tested=_tested(event),
        event=translation.quoted(event),
        workflow=_text(data, "name") or _text(data, "path"),
        path=_text(data, "path"),
        conclusion=conclusion(_text(data, "conclusion"))[0] if ended else None,
    )


def actions_job(data: object) -> Job | None:
    """Return the job; None as long as it has not ended. Raises UnavailableError where it cannot be read."""
    if reading.text(data, "status") != "completed":
        return None
    steps = reading.entries(data, "steps") if reading.has(data, "steps") else ()
    found = _CHECK_RUN.search(_text(data, "check_run_url"))
    ended, remarks = conclusion(_text(data, "conclusion"))
    return Job(
        number=reading.number(data, "id"),
        attempt=reading.number(data, "run_attempt") if reading.has(data, "run_attempt") else 1,
        name=_text(data, "name"),
        conclusion=ended,
        started=_moment(data, "started_at"),
        completed=_moment(data, "completed_at"),
        failed_steps=tuple(_text(step, "name") for step in steps if _text(step, "conclusion") in _FAILED_STEPS)[
            :_MOST_STEPS
        ],
        steps=tuple(_text(step, "name") for step in steps),
        check_run=int(found[1]) if found else None,
        remarks=remarks,
    )


def remarks(listed: Iterable[object]) -> tuple[str, ...]:
    """Return what annotations of failures say. Raises UnavailableError where they cannot be read."""
    said = (
        ": ".join(part for part in (_text(one, "title"), _text(one, "message")) if part)
        for one in listed
        if _text(one, "annotation_level") == "failure"
    )
    return tuple(dict.fromkeys(translation.quoted(words) for words in said if words))[:_MOST_REMARKS]


def check_jobs(listed: Iterable[object], sha: str, tested: job.Tested, ours: int, now: datetime) -> hosted.Collected:
    """Return the check runs of other Apps than GitHub Actions and `ours`, those of one name as attempts by age."""
    others = [data for data in listed if _is_others(data, ours)]
    seen: dict[tuple[str, str], int] = {}
    jobs = []
    for data in sorted(others, key=lambda data: reading.number(data, "id")):
        key = _text(data, "app", "slug"), _text(data, "name")
        seen[key] = seen.get(key, 0) + 1
        if reading.text(data, "status") == "completed":
            jobs.append(_check(data, sha, tested, seen[key], now))
    return hosted.Collected(jobs=jobs, unfinished=len(others) - len(jobs))


def status_jobs(listed: Iterable[object], sha: str, tested: job.Tested, now: datetime) -> hosted.Collected:
    """Return the latest status of each context that is not pending; `listed` has the newest first."""
    told: dict[str, list[object]] = {}
    for data in listed:
        told.setdefault(_text(data, "context"), []).append(data)
    ended = {context: states for context, states in told.items() if _text(states[0], "state") in _STATES}
    jobs = [_status(context, states, sha, tested, now) for context, states in sorted(ended.items())]
    return hosted.Collected(jobs=jobs, unfinished=len(told) - len(jobs))


def conclusion(word: str) -> tuple[job.Conclusion, tuple[str, ...]]:
    """Return what the word means; one that is not known counts as what should have run and could not, with a remark."""
    try:
        return job.Conclusion(word), ()
    except ValueError:
        return job.Conclusion.ERROR, (f"GitHub concludes {word!r}, which is not known here",)


def _tested(event: str) -> job.Tested:
    if event == "merge_group":
        return job.Tested.GROUP
    return job.Tested.MERGE if event in _MERGING else job.Tested.HEAD


def _is_others(data: object, ours: int) -> bool:
    if not reading.has(data, "app"):
        return True
    return reading.number(data, "app", "id") != ours and _text(data, "app", "slug") != ACTIONS


def _check(data: object, sha: str, tested: job.Tested, attempt: int, now: datetime) -> job.Job:
    ended, odd = conclusion(_text(data, "conclusion"))
    name, title = _text(data, "name"), _text(data, "output", "title")
    return job.Job(
        id=f"check/{reading.number(data, 'id')}",
        sha=sha,
        tested=job.Tested.MERGE if _MERGED.search(name) else tested,
        name=name,
        workflow=_text(data, "app", "slug"),
        attempt=attempt,
        conclusion=ended,
        started=_moment(data, "started_at"),
        completed=_moment(data, "completed_at"),
        remarks=(*odd, *((title,) if title else ())),
        report=UNTOLD,
        known=now,
    )


def _status(context: str, states: list[object], sha: str, tested: job.Tested, now: datetime) -> job.Job:
    """Return the status as a job: from the first `pending` before it to itself."""
    said = _text(states[0], "description")
    return job.Job(
        id=f"status/{sha}/{context}",
        sha=sha,
        tested=job.Tested.MERGE if _MERGED.search(context) else tested,
        name=context,
        conclusion=_STATES[_text(states[0], "state")],
        started=_moment(list(_pending(states[1:]))[-1], "created_at") if _waited(states) else None,
        completed=_moment(states[0], "created_at"),
        remarks=(said,) if said else (),
        report=UNTOLD,
        known=now,
    )


def _waited(states: list[object]) -> bool:
    return next(_pending(states[1:]), None) is not None


def _pending(states: list[object]) -> Iterator[object]:
    """Yield what was pending just before, back to what ended before that."""
    for data in states:
        if _text(data, "state") in _STATES:
            return
        yield data


def _text(data: object, *path: str) -> str:
    """Return the text, printable and bounded; empty for null."""
    return translation.quoted(reading.text(data, *path)) if reading.has(data, *path) else ""


def _moment(data: object, name: str) -> datetime | None:
    return reading.moment(data, name) if reading.has(data, name) else None
