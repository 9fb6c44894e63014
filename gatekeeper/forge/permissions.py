"""What the App asks GitHub for: its permissions with their reasons, its events, and the few that each use gets.

The manifest and the README's page on permissions are made from these tables.
"""

from collections.abc import Mapping
from types import MappingProxyType

Permissions = Mapping[str, str]

# name -> read or write, and what it is for
MANIFEST_PERMISSIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "actions": ("read", "to read what GitHub Actions did: runs and jobs, test reports in artifacts, logs"),
        "checks": ("write", "to show the check run, its annotations and its buttons, and to read those of other CI"),
        "contents": ("read", "to fetch the commits that are reviewed"),
        "merge_queues": ("read", "to be asked for a verdict on each group of a merge queue"),
        "metadata": ("read", "to read repositories, rules of branches and who may do what; GitHub demands it"),
        "pull_requests": ("write", "to read pull requests and to comment on their lines"),
        "statuses": ("read", "to read what other CI did where it reports commit statuses"),
    }
)

# what a maintainer may grant on top, and what it is for
OPTIONAL_PERMISSIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "contents": ("write", "to commit a fix when its button is pressed, and to resolve threads of mended findings"),
    }
)

# `ping`, `installation` and `installation_repositories` come without being asked for
EVENTS: tuple[str, ...] = (
    "check_run",
    "check_suite",
    "issue_comment",
    "merge_group",
    "pull_request",
    "pull_request_review_comment",
    "status",
    "workflow_job",
    "workflow_run",
)

# what the token of each use is narrowed to
CHECKS: Permissions = MappingProxyType({"checks": "write"})
REQUIREMENT: Permissions = MappingProxyType({"metadata": "read", "contents": "read"})
PULLS: Permissions = MappingProxyType({"pull_requests": "read"})
COLLABORATORS: Permissions = MappingProxyType({"metadata": "read"})
# comments in a pull request's conversation and reactions to them need no `issues`: `pull_requests` counts there too
COMMENTS: Permissions = MappingProxyType({"pull_requests": "write"})
# GitHub lets an App resolve threads only where it may write contents
THREADS: Permissions = MappingProxyType({"pull_requests": "write", "contents": "write"})
BRANCHES: Permissions = MappingProxyType({"contents": "write"})
RUNS: Permissions = MappingProxyType({"actions": "read"})
# check runs of other Apps, and of jobs, whose annotations say how they ended
CI_CHECKS: Permissions = MappingProxyType({"checks": "read"})
STATUSES: Permissions = MappingProxyType({"statuses": "read"})
FETCH: Permissions = MappingProxyType({"contents": "read"})
REPOSITORIES: Permissions = MappingProxyType({"metadata": "read"})
