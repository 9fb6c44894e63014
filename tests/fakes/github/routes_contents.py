"""Routes of files and of git's own objects and references."""

import base64

import flask
import pygit2
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, contents, paging, payloads, problems, routes_repository, state

blueprint = flask.Blueprint("contents", __name__)
_REPO = "/repos/<owner>/<repo>"


@blueprint.get(f"{_REPO}/contents/", defaults={"path": ""})
@blueprint.get(f"{_REPO}/contents/<path:path>")
def show_contents(owner: str, repo: str, path: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, contents="read")
    sha = found.git.commit_of(flask.request.args.get("ref", found.default_branch))
    item = None if sha is None else found.git.find(sha, path.rstrip("/"))
    if item is None or sha is None:
        raise problems.not_found()
    if isinstance(item, pygit2.Blob):
        content = base64.encodebytes(item.data).decode()
        return _entry(found, path, item, sha) | {"encoding": "base64", "content": content}
    prefix = f"{path.rstrip('/')}/" if path else ""
    return flask.jsonify(
        [_entry(found, name, one, sha) for name, one in found.git.entries(str(item.id), prefix=prefix)]
    )


@blueprint.put(f"{_REPO}/contents/<path:path>")
def put_contents(owner: str, repo: str, path: str) -> ResponseReturnValue:
    found = _writable(owner, repo)
    sha, new = access.world().contents.put_file(access.token(), found, path, flask.request.get_json())
    item = found.git.find(sha, path)
    assert item is not None
    commit = payloads.git_commit(access.world(), found, found.git.commit(sha))
    return {"content": _entry(found, path, item, sha), "commit": commit}, 201 if new else 200


@blueprint.post(f"{_REPO}/git/blobs")
def create_blob(owner: str, repo: str) -> ResponseReturnValue:
    found, given = _writable(owner, repo), flask.request.get_json()
    sha = access.world().contents.blob(found, given.get("content"), given.get("encoding", "utf-8"))
    return {"sha": sha, "url": _url(found, f"git/blobs/{sha}")}, 201


@blueprint.post(f"{_REPO}/git/trees")
def create_tree(owner: str, repo: str) -> ResponseReturnValue:
    found, given = _writable(owner, repo), flask.request.get_json()
    sha = access.world().contents.tree(found, given.get("base_tree"), contents.listed(given.get("tree")))
    return _tree(found, sha, recursive=False), 201


@blueprint.get(f"{_REPO}/git/trees/<tree_sha>")
def show_tree(owner: str, repo: str, tree_sha: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, contents="read")
    commit = found.git.commit_of(tree_sha)
    sha = tree_sha if commit is None else str(found.git.commit(commit).tree_id)
    if found.git.kind(sha) != "tree":
        raise problems.not_found()
    return _tree(found, sha, recursive="recursive" in flask.request.args)


@blueprint.post(f"{_REPO}/git/commits")
def create_commit(owner: str, repo: str) -> ResponseReturnValue:
    found, given = _writable(owner, repo), flask.request.get_json()
    parents = given.get("parents", [])
    sha = access.world().contents.commit(found, access.bot(), given.get("message"), given.get("tree"), parents)
    return payloads.git_commit(access.world(), found, found.git.commit(sha)), 201


@blueprint.get(f"{_REPO}/git/commits/<commit_sha>")
def show_commit(owner: str, repo: str, commit_sha: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, contents="read")
    if not found.git.has_commit(commit_sha):
        raise problems.not_found()
    return payloads.git_commit(access.world(), found, found.git.commit(commit_sha))


@blueprint.get(f"{_REPO}/git/ref/<path:ref>")
def show_reference(owner: str, repo: str, ref: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, contents="read")
    if found.git.resolve(f"refs/{ref}") is None:
        raise problems.not_found()
    return _reference(found, f"refs/{ref}")


@blueprint.get(f"{_REPO}/git/matching-refs/<path:ref>")
def list_references(owner: str, repo: str, ref: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, contents="read")
    return paging.answer(list(found.git.references(f"refs/{ref}")), lambda name: _reference(found, name))


@blueprint.post(f"{_REPO}/git/refs")
def create_reference(owner: str, repo: str) -> ResponseReturnValue:
    found, given = _writable(owner, repo), flask.request.get_json()
    access.world().contents.create_reference(access.token(), found, given["ref"], given["sha"])
    return _reference(found, given["ref"]), 201


@blueprint.patch(f"{_REPO}/git/refs/<path:ref>")
def update_reference(owner: str, repo: str, ref: str) -> ResponseReturnValue:
    found, given = _writable(owner, repo), flask.request.get_json()
    force = bool(given.get("force", False))
    access.world().contents.update_reference(access.token(), found, f"refs/{ref}", given["sha"], force=force)
    return _reference(found, f"refs/{ref}")


def _writable(owner: str, repo: str) -> state.Repository:
    """Return the repository, if the token may write into any of its branches."""
    found = access.named(access.world(), f"{owner}/{repo}")
    access.world().contents.check_push(access.token(), found, None)
    access.well_formed()
    return found


def _url(found: state.Repository, rest: str) -> str:
    return f"{payloads.repository_url(access.world(), found)}/{rest}"


def _entry(found: state.Repository, path: str, item: pygit2.Object, sha: str) -> state.Json:
    url = _url(found, f"contents/{path}?ref={sha}")
    kind, size, raw = ("dir", 0, None)
    if isinstance(item, pygit2.Blob):
        kind, size, raw = "file", item.size, f"{payloads.web_url(access.world(), found)}/raw/{sha}/{path}"
    git = _url(found, f"git/{item.type_str}s/{item.id}")
    web = f"{payloads.web_url(access.world(), found)}/{item.type_str}/{sha}/{path}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": str(item.id),
        "size": size,
        "type": kind,
        "url": url,
        "html_url": web,
        "git_url": git,
        "download_url": raw,
        "_links": {"self": url, "git": git, "html": web},
    }


def _tree(found: state.Repository, sha: str, *, recursive: bool) -> state.Json:
    entries = [
        {
            "path": path,
            "mode": f"{item.filemode:06o}",
            "type": item.type_str,
            "sha": str(item.id),
            "url": _url(found, f"git/{item.type_str}s/{item.id}"),
            **({"size": item.size} if isinstance(item, pygit2.Blob) else {}),
        }
        for path, item in found.git.entries(sha, recursive=recursive)
    ]
    return {"sha": sha, "url": _url(found, f"git/trees/{sha}"), "tree": entries, "truncated": False}


def _reference(found: state.Repository, name: str) -> state.Json:
    sha = routes_repository.commit(found, name)
    return {
        "ref": name,
        "node_id": f"REF_{name}",
        "url": _url(found, f"git/{name}"),
        "object": {"type": "commit", "sha": sha, "url": _url(found, f"git/commits/{sha}")},
    }
