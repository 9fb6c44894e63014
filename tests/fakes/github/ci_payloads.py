"""Runs of GitHub Actions, jobs, artifacts and commit statuses as GitHub writes them."""

from tests.fakes.github import check_payloads, ci_state, clock, payloads, state, store

_LINKS = {
    "jobs_url": "/jobs",
    "logs_url": "/logs",
    "artifacts_url": "/artifacts",
    "cancel_url": "/cancel",
    "rerun_url": "/rerun",
}


def run(world: store.Store, one: ci_state.WorkflowRun) -> state.Json:
    """Return a `workflow-run`; events have the same."""
    api, web = payloads.repository_url(world, one.repository), payloads.web_url(world, one.repository)
    url, suite = f"{api}/actions/runs/{one.id}", one.suite.id
    whose, made = payloads.brief_repository(world, one.repository), clock.stamp(one.created)
    before = f"{url}/attempts/{one.attempt - 1}" if one.attempt > 1 else None
    return {
        "id": one.id,
        "name": one.name,
        "node_id": f"WFR_{one.id}",
        "head_branch": one.suite.head_branch,
        "head_sha": one.head_sha,
        "path": one.path,
        "display_title": one.name,
        "run_number": one.number,
        "event": one.event,
        "status": one.status,
        "conclusion": one.conclusion,
        "workflow_id": one.workflow,
        "check_suite_id": suite,
        "check_suite_node_id": f"CS_{suite}",
        "url": url,
        "html_url": f"{web}/actions/runs/{one.id}",
        "pull_requests": check_payloads.pulls(world, one.suite),
        "created_at": made,
        "updated_at": clock.stamp(max((job.completed or job.started for job in one.jobs), default=one.created)),
        "actor": payloads.account(world, one.by),
        "triggering_actor": payloads.account(world, one.by),
        "run_attempt": one.attempt,
        "referenced_workflows": [],
        "run_started_at": made,
        **{name: f"{url}{suffix}" for name, suffix in _LINKS.items()},
        "check_suite_url": f"{api}/check-suites/{suite}",
        "previous_attempt_url": before,
        "workflow_url": f"{api}/actions/workflows/{one.workflow}",
        "head_commit": payloads.simple_commit(one.repository, one.head_sha),
        "repository": whose,
        "head_repository": whose,
    }


def workflow(world: store.Store, one: ci_state.WorkflowRun) -> state.Json:
    """Return the workflow as events have it."""
    api, web = payloads.repository_url(world, one.repository), payloads.web_url(world, one.repository)
    made = clock.stamp(one.repository.created)
    return {
        "id": one.workflow,
        "node_id": f"W_{one.workflow}",
        "name": one.name,
        "path": one.path,
        "state": "active",
        "created_at": made,
        "updated_at": made,
        "url": f"{api}/actions/workflows/{one.workflow}",
        "html_url": f"{web}/blob/{one.repository.default_branch}/{one.path}",
        "badge_url": f"{web}/workflows/{one.workflow}/badge.svg",
    }


def job(world: store.Store, one: ci_state.WorkflowJob) -> state.Json:
    """Return a `job`; events have the same."""
    api, web = payloads.repository_url(world, one.run.repository), payloads.web_url(world, one.run.repository)
    began, ended = clock.stamp(one.started), None if one.completed is None else clock.stamp(one.completed)
    return {
        "id": one.id,
        "run_id": one.run.id,
        "workflow_name": one.run.name,
        "head_branch": one.run.suite.head_branch,
        "run_url": f"{api}/actions/runs/{one.run.id}",
        "run_attempt": one.attempt,
        "node_id": f"CR_{one.id}",
        "head_sha": one.run.head_sha,
        "url": f"{api}/actions/jobs/{one.id}",
        "html_url": f"{web}/actions/runs/{one.run.id}/job/{one.id}",
        "status": one.check.status,
        "conclusion": one.check.conclusion,
        "created_at": began,
        "started_at": began,
        "completed_at": ended,
        "name": one.name,
        "steps": [_step(number, step, began, ended) for number, step in enumerate(one.steps, 1)],
        "check_run_url": f"{api}/check-runs/{one.id}",
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "runner_group_id": 0,
        "runner_group_name": "GitHub Actions",
    }


def artifact(world: store.Store, one: ci_state.Artifact) -> state.Json:
    """Return an `artifact`."""
    url, made = f"{payloads.repository_url(world, one.run.repository)}/actions/artifacts/{one.id}", one.created
    number = one.run.repository.id
    return {
        "id": one.id,
        "node_id": f"AR_{one.id}",
        "name": one.name,
        "size_in_bytes": one.size,
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": one.expired,
        "created_at": clock.stamp(made),
        "updated_at": clock.stamp(made),
        "expires_at": clock.stamp(made.replace(year=made.year + 1)),
        "workflow_run": {
            "id": one.run.id,
            "repository_id": number,
            "head_repository_id": number,
            "head_branch": one.run.suite.head_branch,
            "head_sha": one.run.head_sha,
        },
    }


def status(world: store.Store, one: ci_state.Status) -> state.Json:
    """Return a `status`."""
    made = clock.stamp(one.created)
    return {
        "url": f"{payloads.repository_url(world, one.repository)}/statuses/{one.sha}",
        "avatar_url": f"{world.base_url}/avatars/u/{one.creator.id}",
        "id": one.id,
        "node_id": f"SC_{one.id}",
        "state": one.word,
        "description": one.description,
        "target_url": None,
        "context": one.context,
        "created_at": made,
        "updated_at": made,
        "creator": payloads.account(world, one.creator),
    }


def event_status(world: store.Store, one: ci_state.Status) -> state.Json:
    """Return the body of the event `status`."""
    shown, url = status(world, one), payloads.repository_url(world, one.repository)
    tips = one.repository.git.references("refs/heads/").items()
    names = [ref.removeprefix("refs/heads/") for ref, tip in tips if tip == one.sha]
    commit = {"sha": one.sha, "url": f"{url}/commits/{one.sha}"}
    kept = ("id", "avatar_url", "context", "description", "state", "target_url", "created_at", "updated_at")
    return {
        **{name: shown[name] for name in kept},
        "sha": one.sha,
        "name": one.repository.full_name,
        "commit": payloads.commit(world, one.repository, one.sha),
        "branches": [{"name": name, "commit": commit, "protected": False} for name in names],
    }


def _step(number: int, step: ci_state.Step, began: str, ended: str | None) -> state.Json:
    return {
        "name": step.name,
        "status": "completed",
        "conclusion": step.conclusion,
        "number": number,
        "started_at": began,
        "completed_at": ended,
    }
