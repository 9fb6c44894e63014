"""A run of GitHub Actions that has ended: its jobs with what they reported."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from gatekeeper import errors, hosted
from gatekeeper.forge import ci_download, ci_reading, ci_reports, clients, permissions, reading
from gatekeeper.outcomes import archives, job, logs
from gatekeeper.outcomes import reading as reports

_MOST_JOB_PAGES = 10
_MOST_ARTIFACT_PAGES = 3
# of one run: each costs a request, and a download
_MOST_ARTIFACTS = 40
_MOST_ARTIFACT_BYTES = 200 << 20
_MOST_LOGS = 30
# of a log's end, where pytest sums up
_LOG_BYTES = 20 << 20
# annotations are asked for only where they may tell why it ended so
_EXPLAINED = {
    job.Conclusion.FAILURE,
    job.Conclusion.CANCELLED,
    job.Conclusion.TIMED_OUT,
    job.Conclusion.STARTUP_FAILURE,
    job.Conclusion.ERROR,
}
_NO_REPORT = "it uploaded no report"


class Run:
    """Reads one run. Every method that asks GitHub raises ForgeError."""

    def __init__(self, made: clients.Clients, place: hosted.Place, run: hosted.Run, now: datetime) -> None:
        """Ask with the clients of `made`; `now` is when it becomes known."""
        self._asked = made.at(place, permissions.RUNS)
        self._checks = made.at(place, permissions.CI_CHECKS)
        self._line = made.line
        self._path = f"/repos/{place.name}"
        self._run = run
        self._now = now
        self._logs_left = _MOST_LOGS

    def read(self, known: AbstractSet[str]) -> hosted.Collected:
        """Return its jobs but those whose ids are `known`; asks no more where all of them are."""
        path = f"{self._path}/actions/runs/{self._run.id}/jobs"
        pages = list(self._asked.pages(path, most=_MOST_JOB_PAGES, filter="all"))
        listed = [data for page in pages for data in reading.entries(page, "jobs")]
        total = max((reading.number(page, "total_count") for page in pages), default=0)
        ended = [one for data in listed if (one := ci_reading.actions_job(data)) is not None]
        jobs = ci_reports.originals(ended)
        new = [one for one in jobs if self._id(one) not in known]
        if not new:
            return hosted.Collected(jobs=(), unfinished=len(listed) - len(ended))
        owned, unowned = self._uploaded(jobs, known)
        made = [self._job(one, owned.get(one.number), reported=one.attempt in unowned) for one in new]
        made += [self._synthetic(attempt, found, jobs) for attempt, found in sorted(unowned.items())]
        if total > len(listed):
            made[-1] = _added(made[-1], f"the run has {total:,} jobs, of which {len(listed):,} were read")
        return hosted.Collected(jobs=made, unfinished=len(listed) - len(ended))

    def _uploaded(
        self, jobs: Sequence[ci_reading.Job], known: AbstractSet[str]
    ) -> tuple[dict[int, job.Report], dict[int, list[tuple[datetime | None, job.Report]]]]:
        """Return what artifacts report: by the job's number, and by attempt where the job cannot be told."""
        owned: dict[int, list[job.Report]] = {}
        unowned: dict[int, list[tuple[datetime | None, job.Report]]] = {}
        left = _MOST_ARTIFACT_BYTES
        listed = self._artifacts()
        # what is nobody's in one attempt is nobody's in the others: a test's results are compared by the job's name
        nobodys = {one.name for one in listed if ci_reports.owner(one, jobs) is None}
        for count, one in enumerate(listed):
            owner = None if one.name in nobodys else ci_reports.owner(one, jobs)
            attempt = self._attempt(one, jobs)
            if (self._synthetic_id(attempt) if owner is None else self._id(owner)) in known:
                continue
            why = ci_reports.unread(one)
            if not why and (count >= _MOST_ARTIFACTS or one.size > left):
                why = f"the artifact {one.name!r} was not read: the run has too many"
            found = _unread(why) if why else self._artifact(one)
            left -= 0 if why else one.size
            if owner is None and found.source is not job.Source.NONE:
                unowned.setdefault(attempt, []).append((one.created, found))
            elif found.source is not job.Source.NONE or found.why:
                for each in ci_reports.spanning(one, jobs) if owner is None else [owner]:
                    owned.setdefault(each.number, []).append(found)
        return {number: ci_reports.together(found) for number, found in owned.items()}, unowned

    def _artifacts(self) -> list[ci_reports.Artifact]:
        """Return the artifacts that may have reports: those whose names say so, then others, each the newest first."""
        pages = self._asked.pages(f"{self._path}/actions/runs/{self._run.id}/artifacts", most=_MOST_ARTIFACT_PAGES)
        listed = [ci_reports.artifact(data) for page in pages for data in reading.entries(page, "artifacts")]
        return sorted(filter(ci_reports.is_worth, listed), key=lambda one: not ci_reports.is_hinted(one))

    def _artifact(self, one: ci_reports.Artifact) -> job.Report:
        path = f"{self._path}/actions/artifacts/{one.id}/zip"
        try:
            content = ci_download.whole(self._line, self._asked, path, archives.ARTIFACT)
        except (errors.RefusedError, errors.MissingError) as exc:
            return _unread(f"the artifact {one.name!r} was not read: {exc}")
        return reports.of_archive(content)

    def _attempt(self, one: ci_reports.Artifact, jobs: Sequence[ci_reading.Job]) -> int:
        """Return the attempt in which it was uploaded, the last one where that is not clear."""
        attempts = {each.attempt for each in ci_reports.spanning(one, jobs)}
        return attempts.pop() if len(attempts) == 1 else self._run.attempt

    def _job(self, one: ci_reading.Job, uploaded: job.Report | None, *, reported: bool) -> job.Job:
        return job.Job(
            id=self._id(one),
            sha=self._run.sha,
            tested=self._run.tested,
            name=one.name,
            workflow=self._run.workflow,
            attempt=one.attempt,
            conclusion=one.conclusion,
            started=one.started,
            completed=one.completed,
            remarks=(*one.remarks, *self._remarks(one)),
            failed_steps=one.failed_steps,
            report=self._report(one, uploaded, reported=reported),
            known=self._now,
        )

    def _report(self, one: ci_reading.Job, uploaded: job.Report | None, *, reported: bool) -> job.Report:
        """Return what the job uploaded, or else what its log says; `reported`: it may be among what is nobody's."""
        if uploaded is not None and uploaded.source is not job.Source.NONE:
            return uploaded
        why = uploaded.why if uploaded is not None else _NO_REPORT
        if reported:
            return _unread(f"{why}; reports of its run are those of {self._synthetic_id(one.attempt)}")
        if not ci_reports.log_is_worth(one):
            return _unread(f"{why}; neither its name nor its end promises tests, and its log was not read")
        if self._logs_left <= 0:
            return _unread(f"{why}; its log was not read, as those of {_MOST_LOGS} other jobs of the run were")
        self._logs_left -= 1
        return ci_reports.together([_unread(why), self._log(one)])

    def _log(self, one: ci_reading.Job) -> job.Report:
        path = f"{self._path}/actions/jobs/{one.number}/logs"
        try:
            content, more = ci_download.end(self._line, self._asked, path, _LOG_BYTES)
        except (errors.RefusedError, errors.MissingError) as exc:
            return _unread(f"its log was not read: {exc}")
        read = logs.read(content)
        return (
            ci_reports.together([read, _unread(f"of its log the last {_LOG_BYTES >> 20} MB were read")])
            if more
            else read
        )

    def _remarks(self, one: ci_reading.Job) -> tuple[str, ...]:
        """Return what annotations of the job's check run say of how it ended."""
        if one.check_run is None or one.conclusion not in _EXPLAINED:
            return ()
        pages = self._checks.pages(f"{self._path}/check-runs/{one.check_run}/annotations", most=1)
        return ci_reading.remarks(data for page in pages for data in reading.entries({"page": page}, "page"))

    def _synthetic(
        self, attempt: int, found: Sequence[tuple[datetime | None, job.Report]], jobs: Sequence[ci_reading.Job]
    ) -> job.Job:
        """Return the job that stands for those of the attempt that uploaded what cannot be told apart."""
        last = attempt == self._run.attempt and self._run.conclusion is not None
        ended = self._run.conclusion if last else None
        made = [created for created, _ in found if created is not None]
        return job.Job(
            id=self._synthetic_id(attempt),
            sha=self._run.sha,
            tested=self._run.tested,
            name=f"{self._run.workflow}: artifacts",
            workflow=self._run.workflow,
            attempt=attempt,
            conclusion=ended or ci_reports.worst([one for one in jobs if one.attempt == attempt]),
            completed=max(made, default=None),
            report=ci_reports.together([report for _, report in found]),
            known=self._now,
        )

    def _id(self, one: ci_reading.Job) -> str:
        return f"actions/{self._run.id}/{one.attempt}/{one.number}"

    def _synthetic_id(self, attempt: int) -> str:
        return f"actions/{self._run.id}/{attempt}/artifacts"


def _added(one: job.Job, why: str) -> job.Job:
    return replace(one, report=replace(one.report, why="; ".join(filter(None, (one.report.why, why)))))


def _unread(why: str) -> job.Report:
    return job.Report(source=job.Source.NONE, why=why)
