"""What CI does: workflows run and run again, jobs report, other CI sets commit statuses."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.github import apps, ci_state, clock, events, pulls, state, store

Files = Mapping[str, bytes]
_CONCLUSIONS = ("failure", "timed_out", "startup_failure", "cancelled", "action_required", "success")
_SLUG = "github-actions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A job as a test wants it to have gone."""

    name: str = "test"
    conclusion: str = "success"
    # how long it took, and how long before the run's end it ended
    seconds: float = 60.0
    earlier: float = 0.0
    # name -> the files of the zip, or its bytes; uploaded in the job's last second
    artifacts: Mapping[str, Files | bytes] = field(default_factory=dict)
    # None: deleted
    log: bytes | None = b""
    # messages of failures that the runner or a command wrote
    remarks: Sequence[str] = ()
    # None: tests are run, and fail where the job does
    steps: Sequence[tuple[str, str]] | None = None


class Ci:
    """Does what GitHub Actions and other CI do."""

    def __init__(self, world: store.Store, tell: events.Events) -> None:
        self._world = world
        self._tell = tell

    def run(
        self,
        repository: state.Repository,
        sha: str,
        *planned: Planned,
        event: str = "pull_request",
        name: str = "CI",
        path: str = ".github/workflows/ci.yml",
        by: str = "ada",
        ended: bool = True,
    ) -> ci_state.WorkflowRun:
        """Run a workflow on the commit; where it has not `ended`, its jobs are in progress until `end`."""
        with self._world.lock:
            app = actions(self._world)
            branches = repository.git.references("refs/heads/")
            branch = next((ref.removeprefix("refs/heads/") for ref, tip in branches.items() if tip == sha), None)
            one = ci_state.WorkflowRun(
                id=self._world.next_id(),
                number=1 + sum(run.repository is repository for run in self._world.workflow_runs.values()),
                workflow=sum(path.encode()) + 1,
                suite=pulls.new_suite(self._world, app, repository, sha, branch),
                name=name,
                path=path,
                event=event,
                by=self._user(by),
                created=self._world.now(),
            )
            self._world.workflow_runs[one.id] = one
            self._tell.workflow_run(one, "requested", one.by)
            self._begin(one, planned)
            if ended:
                self.end(one, *planned)
            return one

    def end(self, one: ci_state.WorkflowRun, *planned: Planned) -> None:
        """Let the jobs that are in progress end as planned, in this order, and the run with them."""
        with self._world.lock:
            running = [job for job in one.jobs if job.completed is None]
            for job, plan in zip(running, planned, strict=True):
                self._end_job(job, plan)
            found = {job.check.conclusion for job in one.jobs if job.attempt == one.attempt}
            one.status, one.conclusion = "completed", next((c for c in _CONCLUSIONS if c in found), "skipped")
            self._tell.workflow_run(one, "completed", one.by)
            if one.jobs:
                self._tell.suite(one.suite, "completed", one.by)

    def rerun(self, one: ci_state.WorkflowRun, *planned: Planned, everything: bool = False, ended: bool = True) -> None:
        """Click Re-run failed jobs, or all: the planned ones are run, others of the last attempt are taken over.

        To run all takes the artifacts of earlier attempts away.
        """
        with self._world.lock:
            names = {plan.name for plan in planned}
            kept = [job for job in one.jobs if job.attempt == one.attempt and job.name not in names]
            one.attempt += 1
            one.status, one.conclusion = "queued", None
            if everything:
                one.artifacts.clear()
            else:
                one.jobs += [self._taken_over(job, one.attempt) for job in kept]
            self._tell.workflow_run(one, "requested", one.by)
            self._begin(one, planned)
            if ended:
                self.end(one, *planned)

    def set_status(
        self,
        repository: state.Repository,
        sha: str,
        context: str,
        word: str,
        *,
        description: str | None = None,
        by: str = "jenkins",
    ) -> None:
        """Set a commit status: `pending`, `success`, `failure` or `error`."""
        with self._world.lock:
            one = ci_state.Status(
                id=self._world.next_id(),
                repository=repository,
                sha=sha,
                word=word,
                context=context,
                description=description,
                creator=self._user(by),
                created=self._world.now(),
            )
            self._world.statuses.append(one)
            self._tell.status(one)

    def _begin(self, one: ci_state.WorkflowRun, planned: Sequence[Planned]) -> None:
        one.status = "in_progress"
        for plan in planned:
            ends = self._world.now() - timedelta(seconds=plan.earlier)
            self._job(one, plan, ends - timedelta(seconds=plan.seconds))

    def _job(self, one: ci_state.WorkflowRun, plan: Planned, started: datetime) -> None:
        check = self._check(one, plan.name, started)
        self._tell.run(check, "created", one.by)
        one.jobs.append(
            ci_state.WorkflowJob(
                check=check, run=one, attempt=one.attempt, name=plan.name, steps=[], log=None, started=started
            )
        )

    def _check(self, one: ci_state.WorkflowRun, name: str, started: datetime) -> state.Run:
        check = state.Run(
            id=self._world.next_id(),
            suite=one.suite,
            name=name,
            started=clock.stamp(started),
            shows=self._world.when_listed(),
            status="in_progress",
        )
        one.suite.runs.append(check)
        self._world.runs[check.id] = check
        return check

    def _end_job(self, job: ci_state.WorkflowJob, plan: Planned) -> None:
        ends = self._world.now() - timedelta(seconds=plan.earlier)
        check = job.check
        check.status, check.conclusion, check.completed = "completed", plan.conclusion, clock.stamp(ends)
        check.annotations += [_annotation(remark) for remark in plan.remarks]
        job.completed, job.log = ends, plan.log
        steps = [("Run pytest", plan.conclusion)] if plan.steps is None else plan.steps
        job.steps = [ci_state.Step(name=name, conclusion=conclusion) for name, conclusion in steps]
        for name, given in plan.artifacts.items():
            content = given if isinstance(given, bytes) else zipped(given)
            self._upload(job.run, name, content, ends - timedelta(seconds=1))
        self._tell.run(check, "completed", job.run.by)
        self._tell.workflow_job(job, "completed", job.run.by)

    def _upload(self, one: ci_state.WorkflowRun, name: str, content: bytes, created: datetime) -> None:
        number = self._world.next_id()
        one.artifacts.append(
            ci_state.Artifact(id=number, run=one, name=name, content=content, size=len(content), created=created)
        )

    def _taken_over(self, job: ci_state.WorkflowJob, attempt: int) -> ci_state.WorkflowJob:
        check = self._check(job.run, job.name, job.started)
        check.status, check.conclusion, check.completed = "completed", job.check.conclusion, job.check.completed
        return ci_state.WorkflowJob(
            check=check,
            run=job.run,
            attempt=attempt,
            name=job.name,
            steps=job.steps,
            log=job.log,
            started=job.started,
            completed=job.completed,
        )

    def _user(self, login: str) -> state.Account:
        return self._world.account(login) or self._known(login)

    def _known(self, login: str) -> state.Account:
        made = state.Account(id=self._world.next_id(), login=login)
        self._world.accounts[login.lower()] = made
        return made


def actions(world: store.Store) -> state.App:
    """Return the App that GitHub Actions is."""
    found = next((app for app in world.apps.values() if app.slug == _SLUG), None)
    if found is not None:
        return found
    owner = state.Account(id=world.next_id(), login="github", kind="Organization")
    return apps.register(world, owner, "GitHub Actions", hook_url=None, webhook_secret=None, permissions={}, events=())


def zipped(files: Files) -> bytes:
    """Return a zip of the files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def _annotation(remark: str) -> state.Json:
    where: state.Json = {"path": ".github", "start_line": 1, "end_line": 1, "annotation_level": "failure"}
    return {**where, "title": "", "message": remark}
