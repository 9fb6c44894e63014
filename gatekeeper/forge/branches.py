"""Commits made in the App's name, signed by GitHub."""

import base64
import binascii
import urllib.parse

from gatekeeper import errors, hosted
from gatekeeper.forge import clients, graphql, permissions, reading, session
from gatekeeper.repair import candidate

_COMMIT = """
mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }
"""


class Branches:
    """Implements the workflows' `Branches`; needs the optional permission to write contents."""

    def __init__(self, made: clients.Clients) -> None:
        """Ask with the clients of `made`."""
        self._clients = made

    def apply(self, place: hosted.Place, pull: hosted.Pull, change: candidate.Replacement, message: str) -> str:
        """Commit the change on top of `pull.head` to the pull request's branch and return the new SHA.

        Raises RefusedError where the branch has moved, or lies in a fork that maintainers or the App may
        not change. A commit with the same message already on top of `pull.head` is returned as it is.
        """
        _check(place, pull)
        name, tip = self._branch(place, pull)
        asked = self._clients.at(place, permissions.BRANCHES)
        if tip != pull.head:
            return _already(asked, place, pull, tip, message)
        # a fork's commits are reached through the repository that they are to be merged into
        whole = replaced(_content(asked, place.name, change.path, pull.head), change)
        try:
            return _commit(asked, name, pull, change.path, whole, message)
        except errors.RefusedError:
            # it may be there already: what was asked before may have been done without an answer
            _, tip = self._branch(place, pull)
            if tip == pull.head:
                raise
            return _already(asked, place, pull, tip, message)
        except (errors.ForbiddenError, errors.MissingError) as exc:
            if pull.head_repository == place.repository:
                raise
            raise errors.RefusedError(
                "GitHub does not let the App change the fork's branch: apply the fix by hand"
            ) from exc

    def _branch(self, place: hosted.Place, pull: hosted.Pull) -> tuple[str, str]:
        """Return the name of the repository that the branch is in, and the branch's tip."""
        if pull.head_repository == place.repository:
            asked = self._clients.at(place, permissions.BRANCHES)
            return place.name, _tip(asked, place.name, pull.head_ref)
        # a fork may be hidden from the App; its pull request is not
        shown = self._clients.at(place, permissions.PULLS).get(f"/repos/{place.name}/pulls/{pull.number}")
        return reading.text(shown, "head", "repo", "full_name"), reading.text(shown, "head", "sha")


def _commit(asked: session.Session, name: str, pull: hosted.Pull, path: str, whole: bytes, message: str) -> str:
    headline, _, rest = message.strip().partition("\n")
    said = {"headline": headline, "body": rest.strip()} if rest.strip() else {"headline": headline}
    given = {
        "branch": {"repositoryNameWithOwner": name, "branchName": pull.head_ref},
        "expectedHeadOid": pull.head,
        "message": said,
        "fileChanges": {"additions": [{"path": path, "contents": base64.b64encode(whole).decode()}]},
    }
    made = graphql.ask(asked, _COMMIT, {"input": given})
    return reading.text(made, "createCommitOnBranch", "commit", "oid")


def replaced(content: bytes, change: candidate.Replacement) -> bytes:
    """Return the content with the lines of the change replaced. Raises RefusedError where it has no such lines."""
    lines = _lines(content)
    if not (1 <= change.start <= change.end + 1 and change.end <= len(lines)):
        raise errors.RefusedError(f"The fix is for lines {change.start} to {change.end}, which are no longer there")
    before, after = lines[: change.start - 1], lines[change.end :]
    text = change.text.encode()
    if text and before and not before[-1].endswith(b"\n"):
        before[-1] += b"\n"
    return b"".join([*before, text, *after])


def _lines(content: bytes) -> list[bytes]:
    """Return the lines as git counts them."""
    parts = content.split(b"\n")
    return [*(part + b"\n" for part in parts[:-1]), *([parts[-1]] if parts[-1] else [])]


def _check(place: hosted.Place, pull: hosted.Pull) -> None:
    if pull.head_repository is None:
        raise errors.RefusedError("The repository of the pull request's branch was deleted: the fix has nowhere to go")
    if pull.head_repository != place.repository and not pull.maintainer_can_modify:
        raise errors.RefusedError(
            "The pull request comes from a fork whose author does not let maintainers change the branch: "
            'tick "Allow edits by maintainers" on the pull request, or apply the fix by hand'
        )


def _tip(asked: session.Session, name: str, branch: str) -> str:
    path = urllib.parse.quote(branch)
    try:
        return reading.text(asked.get(f"/repos/{name}/git/ref/heads/{path}"), "object", "sha")
    except errors.MissingError as exc:
        raise errors.RefusedError("The pull request's branch was deleted: the fix has nowhere to go") from exc


def _already(asked: session.Session, place: hosted.Place, pull: hosted.Pull, tip: str, message: str) -> str:
    """Return the tip where it is the fix, committed before."""
    said = asked.get(f"/repos/{place.name}/git/commits/{tip}")
    parents = [reading.text(parent, "sha") for parent in reading.entries(said, "parents")]
    if parents == [pull.head] and reading.text(said, "message").split() == message.split():
        return tip
    raise errors.RefusedError(
        "The branch has moved since the fix was found: it is looked for again with the review of the new commit"
    )


def _content(asked: session.Session, name: str, path: str, head: str) -> bytes:
    said = asked.get(f"/repos/{name}/contents/{urllib.parse.quote(path)}", ref=head)
    if isinstance(said, list) or reading.text(said, "type") != "file":
        raise errors.RefusedError(f"{path!r} is no file at the pull request's head: apply the fix by hand")
    if not reading.has(said, "encoding") or reading.text(said, "encoding") != "base64":
        raise errors.RefusedError(f"{path!r} is larger than what GitHub shows: apply the fix by hand")
    try:
        return base64.b64decode(reading.text(said, "content"))
    except binascii.Error as exc:
        raise errors.UnavailableError(f"GitHub's answer cannot be read: the content of {path!r}") from exc
