"""Pull requests, reviews and comments as GitHub writes them."""

from tests.fakes.github import clock, patches, payloads, state, store


def brief(world: store.Store, pull: state.Pull) -> state.Json:
    """Return a `pull-request-minimal`, as checks name their pull requests."""

    def side(repository: state.Repository, ref: str, sha: str) -> state.Json:
        url = payloads.repository_url(world, repository)
        return {"ref": ref, "sha": sha, "repo": {"id": repository.id, "url": url, "name": repository.name}}

    return {
        "url": pull_url(world, pull),
        "id": pull.id,
        "number": pull.number,
        "head": side(pull.head_repository, pull.head_ref, pull.head_sha),
        "base": side(pull.repository, pull.base_ref, pull.base_sha),
    }


def pull_url(world: store.Store, pull: state.Pull) -> str:
    """Return the pull request's address in the API."""
    return f"{payloads.repository_url(world, pull.repository)}/pulls/{pull.number}"


def simple(world: store.Store, pull: state.Pull) -> state.Json:
    """Return a `pull-request-simple`, as lists have it."""
    api = payloads.repository_url(world, pull.repository)
    url, web = pull_url(world, pull), f"{payloads.web_url(world, pull.repository)}/pull/{pull.number}"
    issue, statuses = f"{api}/issues/{pull.number}", f"{api}/statuses/{pull.head_sha}"
    addresses = {
        "self": url,
        "html": web,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": statuses,
    }
    return {
        "url": url,
        "id": pull.id,
        "node_id": f"PR_{pull.id}",
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": issue,
        "commits_url": addresses["commits"],
        "review_comments_url": addresses["review_comments"],
        "review_comment_url": addresses["review_comment"],
        "comments_url": addresses["comments"],
        "statuses_url": statuses,
        "number": pull.number,
        "state": "open" if pull.open else "closed",
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "user": payloads.account(world, pull.author),
        "body": pull.body,
        "labels": [label(world, pull.repository, name) for name in pull.labels],
        "milestone": None,
        "created_at": clock.stamp(pull.created),
        "updated_at": clock.stamp(pull.updated),
        "closed_at": None if pull.closed is None else clock.stamp(pull.closed),
        "merged_at": None if pull.merged is None else clock.stamp(pull.merged),
        "merge_commit_sha": pull.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": pull.draft,
        "head": _side(world, pull.head_repository, pull.head_ref, pull.head_sha),
        "base": _side(world, pull.repository, pull.base_ref, pull.base_sha),
        "_links": {name: {"href": address} for name, address in addresses.items()},
        "author_association": association(pull.repository, pull.author),
        "auto_merge": None,
    }


def full(world: store.Store, pull: state.Pull) -> state.Json:
    """Return a `pull-request`; the API shows the head before last while it lags."""
    files = patches.of_pull(pull)
    git = pull.repository.git
    shown = simple(world, pull)
    assert isinstance(shown["head"], dict)
    shown["head"]["sha"] = world.shown_head(pull)
    return {
        **shown,
        "merged": pull.merged is not None,
        "mergeable": pull.mergeable,
        "rebaseable": pull.mergeable,
        "mergeable_state": {True: "clean", False: "dirty", None: "unknown"}[pull.mergeable],
        "merged_by": None if pull.merged is None else payloads.account(world, pull.repository.owner),
        "comments": len(pull.comments),
        "review_comments": len(pull.review_comments),
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": git.count(pull.base_sha, pull.head_sha),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def label(world: store.Store, repository: state.Repository, name: str) -> state.Json:
    """Return a label."""
    return {
        "id": sum(name.encode()) + 1,
        "node_id": f"LA_{name}",
        "url": f"{payloads.repository_url(world, repository)}/labels/{name}",
        "name": name,
        "color": "ededed",
        "default": False,
        # GitHub's descriptions differ on whether it may be null
        "description": "",
    }


def association(repository: state.Repository, who: state.Account) -> str:
    """Return what the author is to the repository."""
    if who is repository.owner:
        return "OWNER"
    return "COLLABORATOR" if who.login in repository.roles else "CONTRIBUTOR"


def file(world: store.Store, repository: state.Repository, sha: str, one: patches.File) -> state.Json:
    """Return a `diff-entry` of a change that ends in the commit."""
    api, web = payloads.repository_url(world, repository), payloads.web_url(world, repository)
    entry: state.Json = {
        "sha": one.blob,
        "filename": one.path,
        "status": one.status,
        "additions": one.additions,
        "deletions": one.deletions,
        "changes": one.additions + one.deletions,
        "blob_url": f"{web}/blob/{sha}/{one.path}",
        "raw_url": f"{web}/raw/{sha}/{one.path}",
        "contents_url": f"{api}/contents/{one.path}?ref={sha}",
    }
    if one.hunks:
        entry["patch"] = one.patch
    if one.status == "renamed":
        entry["previous_filename"] = one.old_path
    return entry


def review(world: store.Store, pull: state.Pull, one: state.Review) -> state.Json:
    """Return a `pull-request-review`."""
    url = pull_url(world, pull)
    web = f"{payloads.web_url(world, pull.repository)}/pull/{pull.number}#pullrequestreview-{one.id}"
    return {
        "id": one.id,
        "node_id": f"PRR_{one.id}",
        "user": payloads.account(world, one.author),
        "body": one.body,
        "state": one.state,
        "html_url": web,
        "pull_request_url": url,
        "author_association": association(pull.repository, one.author),
        "_links": {"html": {"href": web}, "pull_request": {"href": url}},
        "submitted_at": clock.stamp(one.submitted),
        "commit_id": one.commit_id,
    }


def review_comment(world: store.Store, one: state.ReviewComment) -> state.Json:
    """Return a `pull-request-review-comment`."""
    api, pull = payloads.repository_url(world, one.pull.repository), pull_url(world, one.pull)
    url = f"{api}/pulls/comments/{one.id}"
    web = f"{payloads.web_url(world, one.pull.repository)}/pull/{one.pull.number}#discussion_r{one.id}"
    comment: state.Json = {
        "url": url,
        "pull_request_review_id": None if one.review is None else one.review.id,
        "id": one.id,
        "node_id": f"PRRC_{one.id}",
        "diff_hunk": one.hunk,
        "path": one.path,
        "commit_id": one.commit_id,
        "original_commit_id": one.original_commit_id,
        "user": payloads.account(world, one.author),
        "body": one.body,
        "created_at": clock.stamp(one.created),
        "updated_at": clock.stamp(one.updated),
        "html_url": web,
        "pull_request_url": pull,
        "author_association": association(one.pull.repository, one.author),
        "_links": {"self": {"href": url}, "html": {"href": web}, "pull_request": {"href": pull}},
        "reactions": payloads.reactions(url, one.reactions),
        "start_line": one.start_line,
        "original_start_line": one.original_start_line,
        "start_side": one.start_side,
        "line": one.line,
        "original_line": one.original_line,
        "side": one.side,
        "position": one.position,
        "original_position": one.original_position,
        "subject_type": one.subject,
    }
    return comment if one.reply_to is None else {**comment, "in_reply_to_id": one.reply_to}


def issue_comment(world: store.Store, one: state.IssueComment) -> state.Json:
    """Return an `issue-comment`."""
    api, number = payloads.repository_url(world, one.pull.repository), one.pull.number
    url = f"{api}/issues/comments/{one.id}"
    return {
        "id": one.id,
        "node_id": f"IC_{one.id}",
        "url": url,
        "html_url": f"{payloads.web_url(world, one.pull.repository)}/pull/{number}#issuecomment-{one.id}",
        "issue_url": f"{api}/issues/{number}",
        "body": one.body,
        "user": payloads.account(world, one.author),
        "created_at": clock.stamp(one.created),
        "updated_at": clock.stamp(one.updated),
        "author_association": association(one.pull.repository, one.author),
        "performed_via_github_app": None if one.app is None else payloads.app(world, one.app),
        "reactions": payloads.reactions(url, one.reactions),
    }


def _side(world: store.Store, repository: state.Repository, ref: str, sha: str) -> state.Json:
    return {
        "label": f"{repository.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": payloads.account(world, repository.owner),
        "repo": payloads.repository(world, repository),
    }
