"""Which event goes to which App, and with what payload."""

from collections.abc import Iterable

from tests.fakes.github import (
    check_payloads,
    ci_payloads,
    ci_state,
    clock,
    office,
    payloads,
    pull_payloads,
    state,
    store,
)

# all that the double sends, as GitHub's description names them
KINDS = (
    *(f"check-run-{action}" for action in ("created", "completed", "rerequested", "requested-action")),
    *(f"check-suite-{action}" for action in ("requested", "rerequested", "completed")),
    *(
        f"installation-{action}"
        for action in ("created", "deleted", "suspend", "unsuspend", "new-permissions-accepted")
    ),
    *(f"installation-repositories-{action}" for action in ("added", "removed")),
    *(f"issue-comment-{action}" for action in ("created", "edited", "deleted")),
    *(f"merge-group-{action}" for action in ("checks-requested", "destroyed")),
    "ping",
    *(f"pull-request-{action}" for action in ("opened", "closed", "reopened", "synchronize", "edited")),
    *(f"pull-request-{action}" for action in ("labeled", "unlabeled", "ready-for-review", "converted-to-draft")),
    *(f"pull-request-review-comment-{action}" for action in ("created", "edited", "deleted")),
    "status",
    "workflow-job-completed",
    *(f"workflow-run-{action}" for action in ("requested", "completed")),
)
_CHECK_WRITERS = frozenset(
    {("check_suite", "requested"), ("check_suite", "rerequested"), ("check_run", "rerequested")}
    | {("check_run", "requested_action")}
)
_NEEDS = {
    "pull_request": "pull_requests",
    "pull_request_review_comment": "pull_requests",
    "issue_comment": "issues",
    "check_run": "checks",
    "check_suite": "checks",
    "merge_group": "merge_queues",
    "status": "statuses",
    "workflow_job": "actions",
    "workflow_run": "actions",
}


class Events:
    """Tells the Apps what happened; every method stands for one kind of event."""

    def __init__(self, world: store.Store, post: office.Office) -> None:
        self._world = world
        self._office = post

    def pull_request(self, pull: state.Pull, action: str, by: state.Account, **more: object) -> None:
        """Tell of a pull request."""
        payload = {"number": pull.number, "pull_request": pull_payloads.full(self._world, pull), **more}
        self._tell("pull_request", action, pull.repository, by, payload)

    def label(self, pull: state.Pull, name: str) -> state.Json:
        """Return a label as events have it."""
        return pull_payloads.label(self._world, pull.repository, name)

    def suite(self, suite: state.Suite, action: str, by: state.Account) -> None:
        """Tell of a suite: that it is asked for to its App alone, that it is completed to all who listen."""
        only = None if action == "completed" else suite.app
        payload: state.Json = {"check_suite": check_payloads.event_suite(self._world, suite)}
        self._tell("check_suite", action, suite.repository, by, payload, only=only)

    def run(self, run: state.Run, action: str, by: state.Account, **more: object) -> None:
        """Tell of a check run: what asks something goes to its App alone."""
        only = run.suite.app if action in ("rerequested", "requested_action") else None
        payload = {"check_run": check_payloads.event_run(self._world, run), **more}
        self._tell("check_run", action, run.suite.repository, by, payload, only=only)

    def workflow_run(self, one: ci_state.WorkflowRun, action: str, by: state.Account) -> None:
        """Tell of a run of GitHub Actions."""
        payload: state.Json = {
            "workflow_run": ci_payloads.run(self._world, one),
            "workflow": ci_payloads.workflow(self._world, one),
        }
        self._tell("workflow_run", action, one.repository, by, payload)

    def workflow_job(self, one: ci_state.WorkflowJob, action: str, by: state.Account) -> None:
        """Tell of a job of GitHub Actions."""
        self._tell("workflow_job", action, one.run.repository, by, {"workflow_job": ci_payloads.job(self._world, one)})

    def status(self, one: ci_state.Status) -> None:
        """Tell of a commit status."""
        payload = ci_payloads.event_status(self._world, one)
        self._tell("status", "", one.repository, one.creator, payload)

    def issue_comment(self, comment: state.IssueComment, action: str, by: state.Account, **more: object) -> None:
        """Tell of a comment in the conversation."""
        payload: state.Json = {
            "issue": _issue(self._world, comment.pull),
            "comment": pull_payloads.issue_comment(self._world, comment),
            **more,
        }
        self._tell("issue_comment", action, comment.pull.repository, by, payload)

    def review_comment(self, comment: state.ReviewComment, action: str, by: state.Account, **more: object) -> None:
        """Tell of a comment on the diff."""
        told = pull_payloads.review_comment(self._world, comment)
        if comment.subject == "file" and action != "created":
            # the description of these events knows no comment without a line
            told |= {"original_line": 1}
        payload: state.Json = {
            "comment": told,
            "pull_request": pull_payloads.simple(self._world, comment.pull),
            **more,
        }
        self._tell("pull_request_review_comment", action, comment.pull.repository, by, payload)

    def merge_group(
        self, repository: state.Repository, group: state.Json, action: str, by: state.Account, **more: object
    ) -> None:
        """Tell of a group in the merge queue."""
        self._tell("merge_group", action, repository, by, {"merge_group": group, **more})

    def installation(self, one: state.Installation, action: str, by: state.Account) -> None:
        """Tell the App of an installation."""
        payload: state.Json = {
            "action": action,
            "installation": payloads.installation(self._world, one),
            "sender": payloads.account(self._world, by),
        }
        if action in ("created", "deleted"):
            payload["repositories"] = _names(one.repositories or [])
            payload["requester"] = None
        self._office.make(one.app, "installation", payload, one)

    def installation_repositories(
        self,
        one: state.Installation,
        added: Iterable[state.Repository],
        removed: Iterable[state.Repository],
        by: state.Account,
    ) -> None:
        """Tell the App which repositories it got or lost."""
        gone = list(removed)
        payload: state.Json = {
            "action": "removed" if gone else "added",
            "installation": payloads.installation(self._world, one),
            "repository_selection": "all" if one.repositories is None else "selected",
            "repositories_added": _names(added),
            "repositories_removed": _names(gone),
            "requester": None,
            "sender": payloads.account(self._world, by),
        }
        self._office.make(one.app, "installation_repositories", payload, one)

    def ping(self, app: state.App) -> None:
        """Send the App the event that tests its hook."""
        hook = {
            "type": "App",
            "id": app.id,
            "name": "web",
            "active": True,
            "events": list(app.events),
            "config": {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": app.hook_url or ""},
            "updated_at": clock.stamp(app.created),
            "created_at": clock.stamp(app.created),
            "app_id": app.id,
            "deliveries_url": f"{self._world.api_url}/app/hook/deliveries",
        }
        self._office.make(app, "ping", {"zen": "Keep it logically awesome.", "hook_id": app.id, "hook": hook})

    def _tell(
        self,
        event: str,
        action: str,
        repository: state.Repository,
        by: state.Account,
        payload: state.Json,
        only: state.App | None = None,
    ) -> None:
        for one in list(self._world.installations.values()):
            if not one.covers(repository) or one.suspended is not None or only not in (None, one.app):
                continue
            if not _receives(one, event, action):
                continue
            full: state.Json = {
                **({"action": action} if action else {}),
                **payload,
                "repository": payloads.repository(self._world, repository),
                "sender": payloads.account(self._world, by),
                "installation": {"id": one.id, "node_id": f"I_{one.id}"},
            }
            if repository.owner.kind == "Organization":
                full["organization"] = _organisation(self._world, repository.owner)
            self._office.make(one.app, event, full, one, repository)


def _receives(one: state.Installation, event: str, action: str) -> bool:
    if (event, action) in _CHECK_WRITERS:
        return one.permissions.get("checks") == "write"
    needed = _NEEDS[event]
    allowed = needed in one.permissions or (event == "issue_comment" and "pull_requests" in one.permissions)
    return allowed and event in one.events


def _names(repositories: Iterable[state.Repository]) -> list[state.Json]:
    fields = ("id", "node_id", "name", "full_name", "private")
    return [
        dict(zip(fields, (one.id, f"R_{one.id}", one.name, one.full_name, one.private), strict=True))
        for one in repositories
    ]


def _organisation(world: store.Store, owner: state.Account) -> state.Json:
    url = f"{world.api_url}/orgs/{owner.login}"
    return {
        "login": owner.login,
        "id": owner.id,
        "node_id": f"O_{owner.id}",
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{world.base_url}/avatars/u/{owner.id}",
        "description": None,
    }


def _issue(world: store.Store, pull: state.Pull) -> state.Json:
    """Return the issue behind the pull request, as events of its conversation have it."""
    full = pull_payloads.simple(world, pull)
    kept = ("node_id", "number", "title", "user", "labels", "state", "locked", "assignee", "assignees", "milestone")
    later = ("created_at", "updated_at", "closed_at", "author_association", "active_lock_reason", "body", "draft")
    url = str(full["issue_url"])
    web = str(full["html_url"])
    return {
        "id": pull.id,
        "url": url,
        "repository_url": payloads.repository_url(world, pull.repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": web,
        "comments": len(pull.comments),
        **{name: full[name] for name in (*kept, *later)},
        "reactions": payloads.reactions(url, []),
        "performed_via_github_app": None,
        "state_reason": None,
        "pull_request": {
            "url": full["url"],
            "html_url": web,
            "diff_url": full["diff_url"],
            "patch_url": full["patch_url"],
            "merged_at": full["merged_at"],
        },
    }
