"""Accounts, Apps, repositories and commits as GitHub writes them; the fields are those of its API description."""

from tests.fakes.github import clock, gitdata, state, store

_USER_URLS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
    "hooks_url": "/hooks",
}
_FEATURES: state.Json = {
    "has_issues": True,
    "has_projects": True,
    "has_wiki": True,
    "has_pages": False,
    "has_downloads": True,
    "has_discussions": False,
    "archived": False,
    "disabled": False,
    "mirror_url": None,
    "homepage": None,
    "language": "Python",
    "license": None,
    "size": 1,
    "is_template": False,
    "topics": [],
    "allow_forking": True,
    "web_commit_signoff_required": False,
}
_REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def account(world: store.Store, who: state.Account) -> state.Json:
    """Return a `simple-user`."""
    url = f"{world.api_url}/users/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": f"U_{who.id}",
        "avatar_url": f"{world.base_url}/avatars/u/{who.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{world.base_url}/{who.login}",
        **{name: f"{url}{suffix}" for name, suffix in _USER_URLS.items()},
        "type": who.kind,
        "site_admin": False,
    }


def app(world: store.Store, one: state.App) -> state.Json:
    """Return an `integration`."""
    return {
        "id": one.id,
        "slug": one.slug,
        "client_id": one.client_id,
        "node_id": f"A_{one.id}",
        "owner": account(world, one.owner),
        "name": one.name,
        "description": "",
        "external_url": "https://example.invalid",
        "html_url": f"{world.base_url}/apps/{one.slug}",
        "created_at": clock.stamp(one.created),
        "updated_at": clock.stamp(one.created),
        "permissions": dict(one.permissions),
        "events": list(one.events),
    }


def installation(world: store.Store, one: state.Installation) -> state.Json:
    """Return an `installation`."""
    return {
        "id": one.id,
        "client_id": one.app.client_id,
        "account": account(world, one.account),
        "repository_selection": "all" if one.repositories is None else "selected",
        "access_tokens_url": f"{world.api_url}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{world.api_url}/installation/repositories",
        "html_url": f"{world.base_url}/settings/installations/{one.id}",
        "app_id": one.app.id,
        "app_slug": one.app.slug,
        "target_id": one.account.id,
        "target_type": one.account.kind,
        "permissions": dict(one.permissions),
        "events": list(one.events),
        "created_at": clock.stamp(one.created),
        "updated_at": clock.stamp(one.created),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None if one.suspended is None else account(world, one.account),
        "suspended_at": None if one.suspended is None else clock.stamp(one.suspended),
    }


def repository_url(world: store.Store, one: state.Repository) -> str:
    """Return the repository's address in the API."""
    return f"{world.api_url}/repos/{one.full_name}"


def web_url(world: store.Store, one: state.Repository) -> str:
    """Return the repository's address for people."""
    return f"{world.base_url}/{one.full_name}"


def brief_repository(world: store.Store, one: state.Repository) -> state.Json:
    """Return the fields that every form of a repository has: a `minimal-repository`."""
    url = repository_url(world, one)
    return {
        "id": one.id,
        "node_id": f"R_{one.id}",
        "name": one.name,
        "full_name": one.full_name,
        "private": one.private,
        "owner": account(world, one.owner),
        "html_url": web_url(world, one),
        "description": None,
        "fork": one.parent is not None,
        "url": url,
        **{name: f"{url}{suffix}" for name, suffix in _REPOSITORY_URLS.items()},
    }


def repository(world: store.Store, one: state.Repository) -> state.Json:
    """Return a `repository`."""
    forks = sum(other.parent is one for other in world.repositories.values())
    issues = sum(pull.open for pull in one.pulls.values())
    made = clock.stamp(one.created)
    counts = {"forks_count": forks, "forks": forks, "open_issues_count": issues, "open_issues": issues}
    web = web_url(world, one)
    return {
        **brief_repository(world, one),
        **_FEATURES,
        **counts,
        **dict.fromkeys(("stargazers_count", "watchers_count", "watchers"), 0),
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), made),
        "default_branch": one.default_branch,
        "visibility": "private" if one.private else "public",
        "clone_url": f"{web}.git",
        "git_url": f"git:{web.partition(':')[2]}.git",
        "ssh_url": f"git@github.invalid:{one.full_name}.git",
        "svn_url": web,
    }


def full_repository(world: store.Store, one: state.Repository) -> state.Json:
    """Return a `full-repository`."""
    full: state.Json = {**repository(world, one), "subscribers_count": 0, "network_count": 0}
    if one.parent is not None:
        full |= dict.fromkeys(("parent", "source"), repository(world, one.parent))
    if one.owner.kind == "Organization":
        full["organization"] = account(world, one.owner)
    return full


def reactions(url: str, given: list[tuple[int, state.Account, str]]) -> state.Json:
    """Return a `reaction-rollup`."""
    counts = {name: sum(content == name for _, _, content in given) for name in _REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(given), **counts}


def reaction(world: store.Store, given: tuple[int, state.Account, str]) -> state.Json:
    """Return a `reaction`."""
    number, who, content = given
    return {
        "id": number,
        "node_id": f"REA_{number}",
        "user": account(world, who),
        "content": content,
        "created_at": clock.stamp(world.now()),
    }


def git_user(commit: gitdata.Commit) -> state.Json:
    """Return who made the commit, and when."""
    return {
        "name": commit.author.name,
        "email": commit.author.email,
        "date": clock.stamp(gitdata.when(commit)),
    }


def git_commit(world: store.Store, one: state.Repository, commit: gitdata.Commit) -> state.Json:
    """Return a `git-commit`."""
    url, sha = repository_url(world, one), str(commit.id)
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{url}/git/commits/{sha}",
        "html_url": f"{web_url(world, one)}/commit/{sha}",
        "author": git_user(commit),
        "committer": git_user(commit),
        "message": commit.message,
        "tree": {"sha": str(commit.tree_id), "url": f"{url}/git/trees/{commit.tree_id}"},
        "parents": [
            {
                "sha": str(parent),
                "url": f"{url}/git/commits/{parent}",
                "html_url": f"{web_url(world, one)}/commit/{parent}",
            }
            for parent in commit.parent_ids
        ],
        "verification": verification(),
    }


def verification() -> state.Json:
    """Return what is said of a commit without a signature."""
    return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def commit(world: store.Store, one: state.Repository, sha: str) -> state.Json:
    """Return a `commit`."""
    found = one.git.commit(sha)
    url, web = repository_url(world, one), web_url(world, one)
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{url}/commits/{sha}",
        "html_url": f"{web}/commit/{sha}",
        "comments_url": f"{url}/commits/{sha}/comments",
        "commit": {
            "url": f"{url}/git/commits/{sha}",
            "author": git_user(found),
            "committer": git_user(found),
            "message": found.message,
            "comment_count": 0,
            "tree": {"sha": str(found.tree_id), "url": f"{url}/git/trees/{found.tree_id}"},
            "verification": verification(),
        },
        "author": None,
        "committer": None,
        "parents": [
            {"sha": str(parent), "url": f"{url}/commits/{parent}", "html_url": f"{web}/commit/{parent}"}
            for parent in found.parent_ids
        ],
    }


def simple_commit(one: state.Repository, sha: str) -> state.Json:
    """Return a `simple-commit`."""
    found = one.git.commit(sha)
    who = {"name": found.author.name, "email": found.author.email}
    return {
        "id": sha,
        "tree_id": str(found.tree_id),
        "message": found.message,
        "timestamp": clock.stamp(gitdata.when(found)),
        "author": who,
        "committer": dict(who),
    }
