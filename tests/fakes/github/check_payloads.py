"""Check runs and suites as GitHub writes them."""

from tests.fakes.github import clock, payloads, pull_payloads, state, store


def run(world: store.Store, one: state.Run) -> state.Json:
    """Return a `check-run`."""
    suite = one.suite
    url = f"{payloads.repository_url(world, suite.repository)}/check-runs/{one.id}"
    web = f"{payloads.web_url(world, suite.repository)}/runs/{one.id}"
    return {
        "id": one.id,
        "name": one.name,
        "node_id": f"CR_{one.id}",
        "head_sha": suite.head_sha,
        "external_id": one.external_id,
        "url": url,
        "html_url": web,
        "details_url": one.details_url or web,
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": one.started,
        "completed_at": one.completed,
        "output": {
            "title": one.title,
            "summary": one.summary,
            "text": one.text,
            "annotations_count": len(one.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": suite.id},
        "app": payloads.app(world, suite.app),
        "pull_requests": pulls(world, suite),
    }


def suite_status(suite: state.Suite) -> tuple[str, str | None]:
    """Return the suite's status and conclusion, which follow from its runs."""
    if not suite.runs:
        return "queued", None
    if any(one.status != "completed" for one in suite.runs):
        return ("in_progress" if any(one.status != "queued" for one in suite.runs) else "queued"), None
    found = {one.conclusion for one in suite.runs}
    order = ("failure", "timed_out", "action_required", "cancelled", "success", "neutral", "skipped")
    return "completed", next(conclusion for conclusion in order if conclusion in found)


def pulls(world: store.Store, suite: state.Suite) -> list[state.Json]:
    """Return the pull requests that a check names: none from forks."""
    return [pull_payloads.brief(world, pull) for pull in world.pulls_at(suite.repository, suite.head_sha)]


def brief_suite(world: store.Store, suite: state.Suite) -> state.Json:
    """Return the fields that every form of a suite has."""
    status, conclusion = suite_status(suite)
    made = clock.stamp(suite.created)
    return {
        "id": suite.id,
        "node_id": f"CS_{suite.id}",
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": f"{payloads.repository_url(world, suite.repository)}/check-suites/{suite.id}",
        "before": suite.before,
        "after": suite.head_sha,
        "pull_requests": pulls(world, suite),
        "app": payloads.app(world, suite.app),
        "created_at": made,
        "updated_at": made,
    }


def full_suite(world: store.Store, suite: state.Suite) -> state.Json:
    """Return a `check-suite`."""
    brief = brief_suite(world, suite)
    return {
        **brief,
        "repository": payloads.brief_repository(world, suite.repository),
        "head_commit": payloads.simple_commit(suite.repository, suite.head_sha),
        "latest_check_runs_count": len(latest(suite.runs)),
        "check_runs_url": f"{brief['url']}/check-runs",
    }


def event_suite(world: store.Store, suite: state.Suite) -> state.Json:
    """Return a suite as events of the suite itself have it."""
    full = full_suite(world, suite)
    del full["repository"]
    return full


def event_run(world: store.Store, one: state.Run) -> state.Json:
    """Return a run as events have it: with its suite."""
    return {**run(world, one), "check_suite": brief_suite(world, one.suite)}


def latest(runs: list[state.Run]) -> list[state.Run]:
    """Return the newest run of each name."""
    newest = {one.name: one for one in sorted(runs, key=lambda one: one.id)}
    return list(newest.values())


def annotation(world: store.Store, one: state.Run, given: state.Json) -> state.Json:
    """Return a `check-annotation`."""
    web = payloads.web_url(world, one.suite.repository)
    return {
        "path": given["path"],
        "blob_href": f"{web}/blob/{one.suite.head_sha}/{given['path']}",
        "start_line": given["start_line"],
        "end_line": given["end_line"],
        "start_column": given.get("start_column"),
        "end_column": given.get("end_column"),
        "annotation_level": given["annotation_level"],
        "title": given.get("title"),
        "message": given["message"],
        "raw_details": given.get("raw_details"),
    }
