"""Writing into a repository's git through the API: what GitHub checks before a branch moves."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import cast

from tests.fakes.github import apps, patches, problems, pulls, state, store

_HEADS = "refs/heads/"
_WORKFLOWS = ".github/workflows/"
_MODES = ("100644", "100755", "040000", "160000", "120000")


class Contents:
    """Makes git objects and moves branches, as the App that a token belongs to."""

    def __init__(self, world: store.Store, requests: pulls.Pulls) -> None:
        self._world = world
        self._pulls = requests

    def blob(self, repository: state.Repository, content: object, encoding: object) -> str:
        """Store a blob and return its id."""
        if not isinstance(content, str):
            raise problems.invalid('Invalid request.\n\n"content" wasn\'t supplied.')
        return repository.git.write_blob(decoded(content) if encoding == "base64" else content.encode())

    def tree(self, repository: state.Repository, base: object, entries: Sequence[Mapping[str, object]]) -> str:
        """Store a tree and return its id; an entry with `sha` null takes its path away."""
        git = repository.git
        changes: dict[str, tuple[int, str] | None] = {}
        for entry in entries:
            if entry.get("mode") not in _MODES:
                raise problems.invalid("tree.mode must be one of " + ", ".join(_MODES))
            path, mode = str(entry["path"]), int(str(entry["mode"]), 8)
            sha = self.blob(repository, entry["content"], "utf-8") if "content" in entry else entry.get("sha")
            if sha is not None and git.kind(str(sha)) is None:
                raise problems.invalid("tree.sha " + str(sha) + " is not a valid object")
            changes[path] = None if sha is None else (mode, str(sha))
        if base is None:
            return git.write_tree(None, changes)
        start = str(git.commit(str(base)).tree_id) if git.has_commit(str(base)) else str(base)
        if git.kind(start) != "tree":
            raise problems.invalid("base_tree is not a valid tree oid")
        return git.write_tree(start, changes)

    def commit(
        self, repository: state.Repository, by: state.Account, message: object, tree: object, parents: Sequence[str]
    ) -> str:
        """Store a commit of the App and return its id."""
        git = repository.git
        if git.kind(str(tree)) != "tree":
            raise problems.invalid("Tree SHA does not exist")
        if not all(git.has_commit(parent) for parent in parents):
            raise problems.invalid("Parent SHA does not exist or is not a commit object")
        who = (by.login, f"{by.id}+{by.login}@users.noreply.github.invalid")
        return git.write_commit(str(tree), list(parents), str(message), who, self._world.now())

    def create_reference(self, token: state.Token, repository: state.Repository, name: str, sha: str) -> None:
        """Make a reference that is not there."""
        if not name.startswith("refs/") or name.count("/") < 2:
            raise problems.invalid("Reference name must start with 'refs' and contain at least two slashes")
        if repository.git.resolve(name) is not None:
            raise problems.invalid("Reference already exists")
        self._move(token, repository, name, None, sha)

    def update_reference(
        self, token: state.Token, repository: state.Repository, name: str, sha: str, *, force: bool
    ) -> None:
        """Move a reference; backwards or aside by force alone."""
        before = repository.git.resolve(name)
        if before is None:
            raise problems.invalid("Reference does not exist")
        if not repository.git.has_commit(sha):
            raise problems.invalid("Object does not exist")
        if not force and not repository.git.descends(sha, before):
            raise problems.invalid("Update is not a fast forward")
        self._move(token, repository, name, before, sha)

    def put_file(
        self, token: state.Token, repository: state.Repository, path: str, given: Mapping[str, object]
    ) -> tuple[str, bool]:
        """Write one file; return the commit, and whether the file is a new one."""
        branch = str(given.get("branch") or repository.default_branch)
        self.check_push(token, repository, branch)
        before = repository.git.resolve(f"{_HEADS}{branch}")
        if before is None:
            raise problems.Refusal(404, f"Branch {branch} not found")
        known = repository.git.find(before, path)
        if known is not None and given.get("sha") is None:
            raise problems.invalid('Invalid request.\n\n"sha" wasn\'t supplied.')
        if known is not None and str(known.id) != given["sha"]:
            raise problems.Refusal(409, f"{path} does not match {given['sha']}")
        content = decoded(str(given["content"]))
        sha = self.commit_files(token, repository, branch, before, {path: content}, str(given["message"]))
        return sha, known is None

    def commit_files(
        self,
        token: state.Token,
        repository: state.Repository,
        branch: str,
        parent: str,
        files: Mapping[str, bytes | None],
        message: str,
    ) -> str:
        """Commit the files on top of the branch."""
        git = repository.git
        tree = git.write_files(str(git.commit(parent).tree_id), files)
        sha = self.commit(repository, token.installation.app.bot, message, tree, [parent])
        self._move(token, repository, f"{_HEADS}{branch}", parent, sha)
        return sha

    def check_push(self, token: state.Token, repository: state.Repository, branch: str | None) -> None:
        """Refuse a token that may not write here; into a fork it may where the pull request lets maintainers in."""
        if token.covers(repository):
            allowed = apps.allows(token.permissions, "contents", "write")
        else:
            allowed = any(
                pull.open
                and pull.head_repository is repository
                and pull.maintainer_can_modify
                and branch in (None, pull.head_ref)
                and token.covers(pull.repository)
                and apps.allows(token.permissions, "contents", "write")
                for one in self._world.repositories.values()
                for pull in one.pulls.values()
            )
        if not allowed:
            hidden = repository.private and not token.covers(repository)
            raise problems.not_found() if hidden else problems.not_accessible()

    def _move(
        self, token: state.Token, repository: state.Repository, name: str, before: str | None, after: str
    ) -> None:
        git = repository.git
        if not git.has_commit(after):
            raise problems.invalid("Object does not exist")
        branch = name.removeprefix(_HEADS)
        self.check_push(token, repository, branch)
        start = before or git.resolve(f"{_HEADS}{repository.default_branch}")
        for file in patches.between(git, start, after):
            if file.path.startswith(_WORKFLOWS) and not apps.allows(token.permissions, "workflows", "write"):
                raise problems.Refusal(
                    403,
                    f"refusing to allow a GitHub App to create or update workflow `{file.path}` without "
                    "`workflows` permission",
                )
        git.point(name, after)
        if name.startswith(_HEADS):
            self._pulls.moved(repository, branch, before, token.installation.app.bot)


def decoded(content: str) -> bytes:
    """Return what the base64 stands for."""
    try:
        return base64.b64decode(content.replace("\n", ""), validate=True)
    except binascii.Error:
        raise problems.invalid("content is not valid Base64") from None


def listed(entries: object) -> list[Mapping[str, object]]:
    """Return the entries of a tree as given."""
    if not isinstance(entries, list) or not entries:
        raise problems.invalid("Invalid tree info")
    return cast("list[Mapping[str, object]]", entries)
