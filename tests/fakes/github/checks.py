"""Check runs: the limits and rules of writing them, and what follows from a change."""

from collections.abc import Mapping

from tests.fakes.github import check_payloads, clock, events, problems, pulls, state, store

_TEXT = 65_535
_MESSAGE = 64 * 1024
_ANNOTATIONS = 50
_ACTIONS = 3
_ACTION_LENGTHS = {"label": 20, "description": 40, "identifier": 20}
_CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")


class Checks:
    """Creates and updates check runs as GitHub allows an App to."""

    def __init__(self, world: store.Store, tell: events.Events) -> None:
        self._world = world
        self._tell = tell

    def create(self, app: state.App, repository: state.Repository, given: Mapping[str, object]) -> state.Run:
        """Create a run of the App on a commit of the repository."""
        name, sha = given.get("name"), given.get("head_sha")
        for field, value in (("name", name), ("head_sha", sha)):
            if not isinstance(value, str) or not value:
                raise problems.invalid(f'Invalid request.\n\n"{field}" wasn\'t supplied.')
        if not repository.git.has_commit(str(sha)):
            raise problems.invalid(f"No commit found for SHA: {sha}")
        check(given)
        suite = self._suite(app, repository, str(sha))
        before = check_payloads.suite_status(suite)
        started = clock.stamp(self._world.now())
        run = state.Run(
            id=self._world.next_id(), suite=suite, name=str(name), started=started, shows=self._world.when_listed()
        )
        suite.runs.append(run)
        self._world.runs[run.id] = run
        self._write(run, given)
        self._tell.run(run, "created", app.bot)
        if run.status == "completed":
            self._tell.run(run, "completed", app.bot)
        self._complete_suite(suite, before)
        return run

    def update(self, app: state.App, run: state.Run, given: Mapping[str, object]) -> state.Run:
        """Change a run of the App's own; annotations are added to those it has."""
        if run.suite.app is not app:
            raise problems.Refusal(
                403,
                f"Invalid app_id `{app.id}` - check run can only be modified by the GitHub App that created it.",
            )
        check(given)
        was, before = run.status, check_payloads.suite_status(run.suite)
        self._write(run, given)
        if run.status == "completed" and was != "completed":
            self._tell.run(run, "completed", app.bot)
        self._complete_suite(run.suite, before)
        return run

    def _complete_suite(self, suite: state.Suite, before: tuple[str, str | None]) -> None:
        """Tell that the last run of the suite has ended."""
        after = check_payloads.suite_status(suite)
        if after[0] == "completed" and after != before:
            self._tell.suite(suite, "completed", suite.app.bot)

    def _suite(self, app: state.App, repository: state.Repository, sha: str) -> state.Suite:
        for suite in self._world.suites(repository, sha):
            if suite.app is app:
                return suite
        branches = repository.git.references("refs/heads/")
        branch = next((name.removeprefix("refs/heads/") for name, tip in branches.items() if tip == sha), None)
        return pulls.new_suite(self._world, app, repository, sha, branch)

    def _write(self, run: state.Run, given: Mapping[str, object]) -> None:
        for name in ("name", "external_id", "details_url"):
            if isinstance(value := given.get(name), str):
                setattr(run, name, value)
        if isinstance(started := given.get("started_at"), str):
            run.started = started
        self._set_status(run, given)
        output = given.get("output")
        if isinstance(output, Mapping):
            run.title, run.summary = output["title"], output["summary"]
            run.text = output.get("text", run.text)
            run.annotations += output.get("annotations", ())
        if isinstance(actions := given.get("actions"), list):
            run.actions = list(actions)

    def _set_status(self, run: state.Run, given: Mapping[str, object]) -> None:
        conclusion, completed, status = (given.get(name) for name in ("conclusion", "completed_at", "status"))
        if conclusion is not None or completed is not None:
            run.status = "completed"
            run.conclusion = str(conclusion or run.conclusion)
            run.completed = str(completed or clock.stamp(self._world.now()))
        elif isinstance(status, str):
            run.status, run.conclusion, run.completed = status, None, None


def check(given: Mapping[str, object]) -> None:
    """Refuse what breaks a limit or a rule."""
    _check_conclusion(given)
    output = given.get("output")
    if output is not None:
        _check_output(output)
    _check_actions(given.get("actions") or [])


def _check_conclusion(given: Mapping[str, object]) -> None:
    conclusion, status = given.get("conclusion"), given.get("status")
    ends = status == "completed" or given.get("completed_at") is not None
    if ends and conclusion is None:
        raise problems.invalid("Invalid request.\n\nMissing required parameter `conclusion` for a completed check run.")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise problems.invalid(f"Invalid request.\n\n{conclusion} is not a member of {list(_CONCLUSIONS)}.")
    if status is not None and status not in ("queued", "in_progress", "completed"):
        raise problems.invalid(f"Invalid request.\n\n{status} is not a possible status.")


def _check_output(output: object) -> None:
    if not isinstance(output, Mapping):
        raise problems.invalid("Invalid request.\n\nFor 'properties/output', the value is not an object.")
    for name in ("title", "summary"):
        if not isinstance(output.get(name), str) or not output[name]:
            raise problems.invalid(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    for name in ("summary", "text"):
        if len(output.get(name) or "") > _TEXT:
            raise problems.invalid(f"Invalid request.\n\nOnly {_TEXT} characters are allowed; output.{name} has more.")
    annotations = output.get("annotations") or []
    if len(annotations) > _ANNOTATIONS:
        raise problems.invalid(
            f"Invalid request.\n\nNo more than {_ANNOTATIONS} items are allowed; {len(annotations)} were supplied."
        )
    for annotation in annotations:
        _check_annotation(annotation)


def _check_annotation(given: Mapping[str, object]) -> None:
    for name in ("path", "start_line", "end_line", "annotation_level", "message"):
        if given.get(name) in (None, ""):
            raise problems.invalid(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    start, end = given["start_line"], given["end_line"]
    if not isinstance(start, int) or not isinstance(end, int) or not 1 <= start <= end:
        raise problems.invalid("Validation Failed", problems.field("CheckAnnotation", "end_line", "invalid"))
    if start != end and (given.get("start_column") or given.get("end_column")):
        raise problems.invalid("Validation Failed", problems.field("CheckAnnotation", "start_column", "invalid"))
    if given["annotation_level"] not in ("notice", "warning", "failure"):
        raise problems.invalid("Validation Failed", problems.field("CheckAnnotation", "annotation_level", "invalid"))
    limits = {"message": _MESSAGE, "raw_details": _MESSAGE, "title": 255}
    for name, limit in limits.items():
        if len(str(given.get(name) or "").encode()) > limit:
            raise problems.invalid("Validation Failed", problems.field("CheckAnnotation", name, "invalid"))


def _check_actions(actions: object) -> None:
    assert isinstance(actions, list)
    if len(actions) > _ACTIONS:
        raise problems.invalid(
            f"Invalid request.\n\nNo more than {_ACTIONS} items are allowed; {len(actions)} were supplied."
        )
    for action in actions:
        for name, limit in _ACTION_LENGTHS.items():
            if not action.get(name):
                raise problems.invalid(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
            if len(action[name]) > limit:
                raise problems.invalid(
                    f"Invalid request.\n\nOnly {limit} characters are allowed for `{name}`; "
                    f"{len(action[name])} were supplied."
                )
