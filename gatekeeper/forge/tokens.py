"""The token broker as its clients see it."""

import socket
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gatekeeper import errors, hosted
from gatekeeper.forge import exchange, reading

# seconds: the broker may have to ask GitHub, twice
_PATIENCE = 60.0


class Tokens:
    """Asks the broker for tokens, and for what only the App itself may ask GitHub. Safe for threads.

    Every method raises ForgeError; UnavailableError where no broker answers.
    """

    def __init__(self, socket_path: Path, *, patience: float = _PATIENCE) -> None:
        """Ask the broker at `socket_path`, and wait for it `patience` seconds."""
        self._socket_path = socket_path
        self._patience = patience
        self._lock = threading.Lock()
        self._app: exchange.Itself | None = None

    def token(
        self,
        installation: int,
        repository: int | None,
        permissions: Mapping[str, str],
        *,
        at_least: float = exchange.LEAST_LIFE,
        refused: str = "",
    ) -> str:
        """Return a token for these `permissions` on the repository, or on all of the installation's (None).

        It is good for `at_least` seconds; `refused` is one that GitHub no longer takes.
        """
        asked = {
            "ask": "token",
            "installation": installation,
            "repositories": None if repository is None else [repository],
            "permissions": dict(permissions),
            "at_least": at_least,
            "refused": exchange.digest(refused) if refused else "",
        }
        return exchange.token_from_json(self._ask(asked)).value

    def app(self) -> exchange.Itself:
        """Return the App; asked for once."""
        with self._lock:
            if self._app is None:
                self._app = exchange.itself_from_json(self._ask({"ask": "app"}))
            return self._app

    def hook(self) -> exchange.Hook:
        """Return the App's webhook."""
        return exchange.hook_from_json(self._ask({"ask": "hook"}))

    def installations(self) -> Sequence[hosted.Installed]:
        """Return every installation."""
        found = reading.entries({"installations": self._ask({"ask": "installations"})}, "installations")
        return [exchange.installed_from_json(entry) for entry in found]

    def failed_deliveries(self, since: datetime) -> Sequence[hosted.FailedDelivery]:
        """Return deliveries after `since` none of whose attempts succeeded, oldest first."""
        found = self._ask({"ask": "failed_deliveries", "since": since.timestamp()})
        return [exchange.failed_from_json(entry) for entry in reading.entries({"found": found}, "found")]

    def redeliver(self, delivery: int) -> None:
        """Ask GitHub to deliver it again."""
        self._ask({"ask": "redeliver", "id": delivery})

    def _ask(self, request: Mapping[str, object]) -> object:
        try:
            said = exchange.parsed(self._exchanged(exchange.line(request)))
        except (FileNotFoundError, ConnectionRefusedError) as exc:
            raise errors.UnavailableError(
                f"No token broker answers on {self._socket_path}: start it with `gatekeeper serve` or "
                "`gatekeeper broker`, or name its socket in GATEKEEPER_BROKER"
            ) from exc
        except OSError as exc:
            raise errors.UnavailableError(
                f"The token broker on {self._socket_path} gave no answer ({exc.strerror or exc}); it is asked again"
            ) from exc
        failure = exchange.failure_from_json(said)
        if failure is not None:
            raise failure
        if not isinstance(said, dict) or "answer" not in said:
            raise errors.UnavailableError(
                f"The token broker on {self._socket_path} ended before it answered: is this process run by its user?"
            )
        return said["answer"]

    def _exchanged(self, request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self._patience)
            connection.connect(str(self._socket_path))
            connection.sendall(request)
            with connection.makefile("rb") as answers:
                return answers.readline(exchange.LONGEST_ANSWER)
