"""Routes about a repository and its pull requests that only read."""

import flask
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, paging, patches, payloads, problems, pull_payloads, state

blueprint = flask.Blueprint("repository", __name__)
_LEGACY = {"maintain": "write", "triage": "read"}


@blueprint.get("/repos/<owner>/<repo>")
def show(owner: str, repo: str) -> ResponseReturnValue:
    return payloads.full_repository(access.world(), access.repository(owner, repo, metadata="read"))


@blueprint.get("/repositories/<int:repository_id>")
def show_by_number(repository_id: int) -> ResponseReturnValue:
    found = access.world().repositories.get(repository_id)
    if found is None:
        raise problems.not_found()
    access.check(found, metadata="read")
    return payloads.full_repository(access.world(), found)


@blueprint.get("/repos/<owner>/<repo>/collaborators/<username>/permission")
def show_permission(owner: str, repo: str, username: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, metadata="read")
    who = access.world().account(username)
    if who is None:
        raise problems.not_found()
    role = found.roles.get(who.login, "none" if found.private else "read")
    permission = _LEGACY.get(role, role)
    rights = {
        "pull": role != "none",
        "triage": role in ("triage", "write", "maintain", "admin"),
        "push": role in ("write", "maintain", "admin"),
        "maintain": role in ("maintain", "admin"),
        "admin": role == "admin",
    }
    user = payloads.account(access.world(), who) | {"role_name": role, "permissions": rights}
    return {"permission": permission, "role_name": role, "user": user}


@blueprint.get("/repos/<owner>/<repo>/pulls")
def list_pulls(owner: str, repo: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, pull_requests="read")
    arguments = flask.request.args
    wanted = arguments.get("state", "open")
    pulls = [one for one in found.pulls.values() if wanted == "all" or one.open == (wanted == "open")]
    if "base" in arguments:
        pulls = [one for one in pulls if one.base_ref == arguments["base"]]
    if "head" in arguments:
        pulls = [one for one in pulls if f"{one.head_repository.owner.login}:{one.head_ref}" == arguments["head"]]
    sort = arguments.get("sort", "created")
    down = arguments.get("direction", "desc" if sort == "created" else "asc") == "desc"
    pulls.sort(key=lambda one: (one.updated if sort == "updated" else one.created, one.number), reverse=down)
    return paging.answer(pulls, lambda one: pull_payloads.simple(access.world(), one))


@blueprint.get("/repos/<owner>/<repo>/pulls/<int:pull_number>")
def show_pull(owner: str, repo: str, pull_number: int) -> ResponseReturnValue:
    found = access.repository(owner, repo, pull_requests="read")
    return pull_payloads.full(access.world(), access.pull(found, pull_number))


@blueprint.get("/repos/<owner>/<repo>/pulls/<int:pull_number>/files")
def list_files(owner: str, repo: str, pull_number: int) -> ResponseReturnValue:
    pull = access.pull(access.repository(owner, repo, pull_requests="read"), pull_number)
    files = patches.of_pull(pull)[:3000]
    return paging.answer(files, lambda one: pull_payloads.file(access.world(), pull.repository, pull.head_sha, one))


@blueprint.get("/repos/<owner>/<repo>/commits/<path:ref>")
def show_commit(owner: str, repo: str, ref: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, contents="read")
    sha = commit(found, ref)
    parents = found.git.commit(sha).parent_ids
    files = patches.between(found.git, str(parents[0]) if parents else None, sha)
    counts = {name: sum(getattr(one, name) for one in files) for name in ("additions", "deletions")}
    return payloads.commit(access.world(), found, sha) | {
        "files": [pull_payloads.file(access.world(), found, sha, one) for one in files[:300]],
        "stats": {**counts, "total": sum(counts.values())},
    }


@blueprint.get("/repos/<owner>/<repo>/commits/<commit_sha>/pulls")
def list_pulls_of_commit(owner: str, repo: str, commit_sha: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, pull_requests="read")
    sha = commit(found, commit_sha)
    pulls = [
        one
        for one in found.pulls.values()
        if found.git.descends(one.head_sha, sha) and not found.git.descends(one.base_sha, sha)
    ]
    return paging.answer(pulls, lambda one: pull_payloads.simple(access.world(), one))


@blueprint.get("/repos/<owner>/<repo>/branches/<path:branch>")
def show_branch(owner: str, repo: str, branch: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, contents="read")
    sha = found.git.resolve(f"refs/heads/{branch}")
    if sha is None:
        raise problems.Refusal(404, "Branch not found")
    url = f"{payloads.repository_url(access.world(), found)}/branches/{branch}"
    web = f"{payloads.web_url(access.world(), found)}/tree/{branch}"
    names = [name for name, _ in found.required.get(branch, [])]
    checks = {"enforcement_level": "non_admins" if names else "off", "contexts": names, "checks": []}
    return {
        "name": branch,
        "commit": payloads.commit(access.world(), found, sha),
        "_links": {"self": url, "html": web},
        "protected": bool(names),
        "protection": {"enabled": bool(names), "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }


@blueprint.get("/repos/<owner>/<repo>/branches/<path:branch>/protection")
def show_protection(owner: str, repo: str, branch: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, administration="read")
    if found.git.resolve(f"refs/heads/{branch}") is None:
        raise problems.Refusal(404, "Branch not found")
    # what is required here is required by rulesets
    raise problems.Refusal(404, "Branch not protected")


@blueprint.get("/repos/<owner>/<repo>/rules/branches/<path:branch>")
def list_rules(owner: str, repo: str, branch: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, metadata="read")
    required = found.required.get(branch, [])
    rules = [_rule(found, required)] if required else []
    return paging.answer(rules, lambda rule: rule)


def commit(found: state.Repository, ref: str) -> str:
    """Return the commit that the reference names."""
    sha = found.git.commit_of(ref)
    if sha is None:
        raise problems.invalid(f"No commit found for SHA: {ref}")
    return sha


def _rule(found: state.Repository, required: list[tuple[str, int | None]]) -> state.Json:
    checks = [{"context": name} if app is None else {"context": name, "integration_id": app} for name, app in required]
    return {
        "type": "required_status_checks",
        "parameters": {"strict_required_status_checks_policy": False, "required_status_checks": checks},
        "ruleset_source_type": "Repository",
        "ruleset_source": found.full_name,
        "ruleset_id": found.id,
    }
