"""Pull requests, read."""

import urllib.parse
from collections.abc import Iterator

from gatekeeper import errors, hosted
from gatekeeper.forge import clients, permissions, reading

PERMISSIONS = ("none", "read", "triage", "write", "maintain", "admin")
_MOST_PAGES = 100


class Pulls:
    """Implements the workflows' `Pulls`."""

    def __init__(self, made: clients.Clients) -> None:
        """Ask with the clients of `made`."""
        self._clients = made

    def get(self, place: hosted.Place, number: int) -> hosted.Pull:
        """Return the pull request as it is now."""
        asked = self._clients.at(place, permissions.PULLS)
        return _pull(place, asked.get(f"/repos/{place.name}/pulls/{number}"))

    def open(self, place: hosted.Place) -> Iterator[hosted.Pull]:
        """Yield every open pull request, the oldest first.

        Lists do not say whether maintainers may push to head's branch: it is False in each; `get` says it.
        """
        asked = self._clients.at(place, permissions.PULLS)
        path = f"/repos/{place.name}/pulls"
        for page in asked.pages(path, most=_MOST_PAGES, state="open", sort="created", direction="asc"):
            for data in reading.entries({"page": page}, "page"):
                yield _pull(place, data)

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


def _pull(place: hosted.Place, data: object) -> hosted.Pull:
    # a name that was given up can be taken by anyone
    if reading.number(data, "base", "repo", "id") != place.repository:
        raise errors.MissingError(
            f"{place.name} is another repository than the one that the App is installed on: it was renamed or moved"
        )
    can_modify = "maintainer_can_modify"
    return hosted.Pull(
        number=reading.number(data, "number"),
        open=reading.text(data, "state") == "open",
        draft=reading.has(data, "draft") and reading.flag(data, "draft"),
        head=reading.text(data, "head", "sha"),
        head_ref=reading.text(data, "head", "ref"),
        # a fork that was deleted leaves nothing
        head_repository=reading.number(data, "head", "repo", "id") if reading.has(data, "head", "repo") else None,
        base=reading.text(data, "base", "sha"),
        base_ref=reading.text(data, "base", "ref"),
        labels=tuple(reading.text(label, "name") for label in reading.entries(data, "labels")),
        maintainer_can_modify=reading.has(data, can_modify) and reading.flag(data, can_modify),
    )
