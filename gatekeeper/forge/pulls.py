"""Pull requests, read."""

import urllib.parse
from collections.abc import Iterator

import github.PullRequest

from gatekeeper import errors, hosted
from gatekeeper.forge import clients, permissions, reading, translation

PERMISSIONS = ("none", "read", "triage", "write", "maintain", "admin")


class Pulls:
    """Implements the workflows' `Pulls`."""

    def __init__(self, made: clients.Clients) -> None:
        """Ask with the clients of `made`."""
        self._clients = made

    @translation.bordered
    def get(self, place: hosted.Place, number: int) -> hosted.Pull:
        """Return the pull request as it is now."""
        repository = self._clients.at(place, permissions.PULLS).repository(place.name)
        shown = repository.get_pull(number).complete()
        _is_of(place, shown)
        return _pull(shown, maintainer_can_modify=bool(shown.maintainer_can_modify))

    def open(self, place: hosted.Place) -> Iterator[hosted.Pull]:
        """Yield every open pull request, the oldest first.

        Lists do not say whether maintainers may push to head's branch: it is False in each; `get` says it.
        """
        listed = iter(self._open(place))
        while shown := _next(listed):
            yield shown

    @translation.bordered
    def permission(self, place: hosted.Place, login: str) -> str:
        """Return the user's permission: none, read, triage, write, maintain or admin.

        A role of an organisation's own counts as the permission that it is built on.
        """
        if not login or login in {".", ".."}:
            return "none"
        asked = self._clients.at(place, permissions.COLLABORATORS)
        user = urllib.parse.quote(login, safe="")
        try:
            said = asked.get(f"/repos/{place.name}/collaborators/{user}/permission")
        except errors.MissingError:
            return "none"
        for name in ("role_name", "permission"):
            if reading.has(said, name) and (role := reading.text(said, name)) in PERMISSIONS:
                return role
        return "none"

    def _open(self, place: hosted.Place) -> Iterator[hosted.Pull]:
        repository = self._clients.at(place, permissions.PULLS).repository(place.name)
        for shown in repository.get_pulls(state="open", sort="created", direction="asc"):
            _is_of(place, shown)
            yield _pull(shown, maintainer_can_modify=False)


@translation.bordered
def _next(listed: Iterator[hosted.Pull]) -> hosted.Pull | None:
    return next(listed, None)


def _is_of(place: hosted.Place, shown: github.PullRequest.PullRequest) -> None:
    """Refuse another repository's: a name that was given up can be taken by anyone."""
    if shown.base.repo.id != place.repository:
        raise errors.MissingError(
            f"{place.name} is another repository than the one that the App is installed on: it was renamed or moved"
        )


def _pull(shown: github.PullRequest.PullRequest, *, maintainer_can_modify: bool) -> hosted.Pull:
    # a fork that was deleted leaves nothing, whatever the type says
    fork: object = shown.head.repo
    return hosted.Pull(
        number=shown.number,
        open=shown.state == "open",
        draft=bool(shown.draft),
        head=shown.head.sha,
        head_ref=shown.head.ref,
        head_repository=shown.head.repo.id if fork is not None else None,
        base=shown.base.sha,
        base_ref=shown.base.ref,
        labels=tuple(label.name for label in shown.labels),
        maintainer_can_modify=maintainer_can_modify,
    )
