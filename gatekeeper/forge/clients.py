"""One client for each use: its installation, its repository, its permissions, and no more."""

import threading
from collections import OrderedDict

from gatekeeper import hosted
from gatekeeper.forge import permissions, session, tokens, wire

_MOST = 1000


class Narrowed:
    """Bears the installation's token for one repository (None: all) and these permissions."""

    kind = "token"

    def __init__(
        self, broker: tokens.Tokens, installation: int, repository: int | None, granted: permissions.Permissions
    ) -> None:
        self.installation = installation
        self._broker = broker
        self._repository = repository
        self._granted = granted

    def token(self) -> str:
        """Return a token; the broker keeps them."""
        return self._broker.token(self.installation, self._repository, self._granted)

    def renewed(self, refused: str) -> str:
        """Return another token."""
        return self._broker.token(self.installation, self._repository, self._granted, refused=refused)


class Clients:
    """Makes clients and keeps them. Safe for threads."""

    def __init__(self, broker: tokens.Tokens, line: wire.Wire) -> None:
        """Speak over `line` with tokens of `broker`."""
        self.line = line
        self._broker = broker
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], session.Session] = OrderedDict()

    def at(self, place: hosted.Place, granted: permissions.Permissions) -> session.Session:
        """Return the client for the repository with these permissions."""
        return self._client(place.installation, place.repository, granted)

    def installation(self, installation: int, granted: permissions.Permissions) -> session.Session:
        """Return the client for all repositories of the installation with these permissions."""
        return self._client(installation, None, granted)

    def app(self) -> tuple[int, str]:
        """Return the App's number and the login of its bot."""
        itself = self._broker.app()
        return itself.id, f"{itself.slug}[bot]"

    def _client(self, installation: int, repository: int | None, granted: permissions.Permissions) -> session.Session:
        key = (installation, repository, tuple(sorted(granted.items())))
        with self._lock:
            if key not in self._kept:
                bearer = Narrowed(self._broker, installation, repository, granted)
                self._kept[key] = session.Session(self.line, bearer)
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            return self._kept[key]
