"""Every payload of @octokit/webhooks-examples is a typed event or ignored on purpose."""

import collections
from typing import get_args

import pytest

from tests import webhook_examples
from webhooks import events

# by X-GitHub-Event and what its payloads are read as: their actions, None where there is none
_EXPECTED: dict[str, dict[type[events.Event | events.Ignored], list[str | None]]] = {
    "branch_protection_rule": {events.Ignored: ["created", "deleted", "edited"]},
    "cache_sync": {events.Ignored: [None]},
    "check_run": {
        events.CheckRunActionRequested: ["requested_action"],
        events.CheckRunCompleted: ["completed"],
        events.CheckRunRerequested: ["rerequested"],
        events.Ignored: ["created"],
    },
    "check_suite": {
        events.CheckSuiteCompleted: ["completed"],
        events.CheckSuiteRequested: ["requested"],
        events.CheckSuiteRerequested: ["rerequested"],
    },
    "code_scanning_alert": {events.Ignored: ["closed_by_user", "created", "fixed", "reopened"]},
    "commit_comment": {events.Ignored: ["created"]},
    "content_reference": {events.Ignored: ["created"]},
    "create": {events.Ignored: [None]},
    "delete": {events.Ignored: [None]},
    "dependabot_alert": {events.Ignored: ["created", "fixed"]},
    "deploy_key": {events.Ignored: ["created"]},
    "deployment": {events.Ignored: [None, "created"]},
    "deployment_review": {events.Ignored: ["requested"]},
    "deployment_status": {events.Ignored: [None, "created"]},
    "discussion": {
        events.Ignored: [
            "answered",
            "category_changed",
            "created",
            "edited",
            "labeled",
            "locked",
            "pinned",
            "transferred",
            "unanswered",
            "unlabeled",
            "unlocked",
        ]
    },
    "discussion_comment": {events.Ignored: ["created", "deleted", "edited"]},
    "enterprise": {events.Ignored: ["anonymous_access_enabled"]},
    "fork": {events.Ignored: [None]},
    "github_app_authorization": {events.Ignored: ["revoked"]},
    "gollum": {events.Ignored: [None]},
    "installation": {
        events.InstallationChanged: ["created", "deleted", "new_permissions_accepted", "suspend", "unsuspend"]
    },
    "installation_repositories": {events.InstallationRepositoriesChanged: ["added", "removed"]},
    "issue_comment": {events.Ignored: ["created", "deleted", "edited"]},
    "issues": {
        events.Ignored: [
            "assigned",
            "deleted",
            "demilestoned",
            "edited",
            "labeled",
            "locked",
            "milestoned",
            "opened",
            "pinned",
            "reopened",
            "transferred",
            "unassigned",
            "unlabeled",
            "unlocked",
            "unpinned",
        ]
    },
    "label": {events.Ignored: ["created", "deleted", "edited"]},
    "marketplace_purchase": {events.Ignored: ["cancelled", "changed", "purchased"]},
    "member": {events.Ignored: ["added", "edited"]},
    "membership": {events.Ignored: ["added", "removed"]},
    "merge_group": {events.MergeGroupRequested: ["checks_requested"]},
    "meta": {events.Ignored: ["deleted"]},
    "milestone": {events.Ignored: ["closed", "created", "deleted"]},
    "org_block": {events.Ignored: ["blocked", "unblocked"]},
    "organization": {events.Ignored: ["member_added", "member_invited", "member_removed", "renamed"]},
    "package": {events.Ignored: ["published"]},
    "page_build": {events.Ignored: [None]},
    "ping": {events.Pinged: [None]},
    "project": {events.Ignored: ["created"]},
    "project_card": {events.Ignored: ["created", "deleted", "moved"]},
    "project_column": {events.Ignored: ["created", "edited"]},
    "projects_v2_item": {events.Ignored: ["archived", "converted", "created", "edited", "reordered", "restored"]},
    "public": {events.Ignored: [None]},
    "pull_request": {
        events.Ignored: ["assigned", "locked", "review_request_removed", "review_requested", "unassigned", "unlocked"],
        events.PullRequestClosed: ["closed"],
        events.PullRequestDrafted: ["converted_to_draft"],
        events.PullRequestLabelled: ["labeled", "unlabeled"],
        events.PullRequestPushed: ["opened", "ready_for_review", "reopened", "synchronize"],
    },
    "pull_request_review": {events.Ignored: ["dismissed", "submitted"]},
    "pull_request_review_comment": {events.Commented: ["created"], events.Ignored: ["deleted", "edited"]},
    "pull_request_review_thread": {events.Ignored: ["resolved", "unresolved"]},
    "push": {events.Ignored: [None]},
    "release": {events.Ignored: ["created", "deleted", "edited", "prereleased", "published", "released"]},
    "repository": {
        events.Ignored: ["created", "deleted", "edited", "privatized", "publicized", "renamed", "transferred"]
    },
    "repository_dispatch": {events.Ignored: ["on-demand-test"]},
    "repository_import": {events.Ignored: [None]},
    "repository_vulnerability_alert": {events.Ignored: ["create", "dismiss"]},
    "secret_scanning_alert": {events.Ignored: ["reopened"]},
    "secret_scanning_alert_location": {events.Ignored: ["created"]},
    "security_advisory": {events.Ignored: ["published", "updated", "withdrawn"]},
    "sponsorship": {events.Ignored: ["created", "pending_tier_change"]},
    "star": {events.Ignored: ["created", "deleted"]},
    "status": {events.StatusChanged: [None]},
    "team": {events.Ignored: ["added_to_repository", "created", "deleted", "edited", "removed_from_repository"]},
    "team_add": {events.Ignored: [None]},
    "user": {events.Ignored: ["created", "deleted"]},
    "watch": {events.Ignored: ["started"]},
    "workflow_dispatch": {events.Ignored: [None]},
    "workflow_job": {events.Ignored: ["in_progress", "queued", "waiting"], events.WorkflowJobCompleted: ["completed"]},
    "workflow_run": {events.Ignored: ["requested"], events.WorkflowRunCompleted: ["completed"]},
}
# no example is one of these; tests/webhook_examples.py has a payload written by hand
_WITHOUT_EXAMPLE = {events.MergeGroupDestroyed}
_EVERY = list(webhook_examples.every())


def _read(example: webhook_examples.Example) -> events.Event | events.Ignored:
    return events.read(webhook_examples.received(example.event, example.payload))


@pytest.mark.parametrize("event", sorted({example.event for example in _EVERY}))
def test_every_example_is_read_as_listed(event: str) -> None:
    found: dict[type, set[str | None]] = collections.defaultdict(set)
    for example in _EVERY:
        if example.event == event:
            found[type(_read(example))].add(example.action)

    assert found == {kind: set(actions) for kind, actions in _EXPECTED[event].items()}


def test_all_examples_are_there() -> None:
    assert len(_EVERY) == 404
    assert set(_EXPECTED) == {example.event for example in _EVERY}


def test_every_event_of_the_union_has_an_example() -> None:
    assert {type(_read(example)) for example in _EVERY} == {*get_args(events.Event), events.Ignored} - _WITHOUT_EXAMPLE


def test_every_reason_to_ignore_is_a_sentence() -> None:
    reasons = {read.reason for read in map(_read, _EVERY) if isinstance(read, events.Ignored)}

    assert "Nothing is done for pull_request assigned." in reasons
    assert all(reason.endswith(".") and reason[0].isupper() for reason in reasons)
