"""The token broker: a process that alone reads the App's private key and hands out narrow, short-lived tokens.

It answers on a Unix socket to its own user, and never with the key or with a credential of the App itself.
"""

import contextlib
import ctypes
import os
import re
import socket
import socketserver
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from gatekeeper import errors
from gatekeeper.forge import exchange, issuing, permissions, wire

# seconds in which a client must have sent its request, and taken its answer
_PATIENCE = 30.0
_MOST_CONNECTIONS = 128
_MOST_REPOSITORIES = 500
_DIGEST = re.compile(r"[0-9a-f]{64}|")
_DUMPABLE = 4

# returns the user id at the other end, None where the system does not tell
Whose = Callable[[socket.socket], int | None]


def serve(
    socket_path: Path,
    *,
    key: str,
    issuer: str,
    api_url: str,
    allowed: frozenset[int] = frozenset(),
    warn: Callable[[str], None] = print,
    now: Callable[[], float] = time.time,
    observe: wire.Observe = wire.unobserved,
) -> None:
    """Answer on `socket_path` until the process is told to end.

    `key` is the PEM of the App's private key, `issuer` its id or client id; `allowed` are users besides this one.
    Raises UsageError for a key that is none, a socket that cannot be had, and where GitHub does not know the App.
    """
    _undumpable()
    line = wire.Wire(api_url, now=now, observe=observe)
    issues = issuing.Issuer(line, issuing.Key(key, issuer, now))
    _introduced(issues, issuer, warn)
    with listening(socket_path, issues, allowed=allowed) as server:
        server.serve_forever()


@contextlib.contextmanager
def listening(
    socket_path: Path, issues: issuing.Issuer, *, allowed: frozenset[int] = frozenset(), whose: Whose | None = None
) -> Iterator[socketserver.BaseServer]:
    """Give a server that listens on `socket_path` and answers once its `serve_forever` runs."""
    if allowed and whose is None and not hasattr(socket, "SO_PEERCRED"):
        raise errors.UsageError("This system does not tell who calls the token broker: run its clients as its own user")
    _prepared(socket_path, shared=bool(allowed))
    try:
        server = _Server(socket_path, issues, allowed | {os.getuid()}, whose or peer)
    except OSError as exc:
        raise errors.UsageError(f"The broker's socket {socket_path} cannot be made: {exc.strerror or exc}") from exc
    try:
        # with other users the folder can be passed and the socket reached: who calls is then asked of the system
        socket_path.chmod(0o666 if allowed else 0o600)
        yield server
    finally:
        server.server_close()
        socket_path.unlink(missing_ok=True)


def peer(connection: socket.socket) -> int | None:
    """Return the user id of the process at the other end; None where the system does not tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(user)


def answer(issues: issuing.Issuer, request: bytes) -> dict[str, object]:
    """Return the answer to a request's line."""
    try:
        return {"answer": _asked(issues, exchange.parsed(request))}
    except errors.ForgeError as exc:
        return exchange.failure_to_json(exc)


def _asked(issues: issuing.Issuer, request: object) -> object:
    match request:
        case {"ask": "token", **rest}:
            wanted, at_least, refused = _wanted(rest)
            return exchange.token_to_json(issues.token(wanted, at_least, refused))
        case {"ask": "app", **rest} if not rest:
            return exchange.itself_to_json(issues.app())
        case {"ask": "hook", **rest} if not rest:
            return exchange.hook_to_json(issues.hook())
        case {"ask": "installations", **rest} if not rest:
            return [exchange.installed_to_json(installed) for installed in issues.installations()]
        case {"ask": "failed_deliveries", "since": float() | int() as since}:
            found = issues.failed_deliveries(_moment(since))
            return [exchange.failed_to_json(failed) for failed in found]
        case {"ask": "redeliver", "id": int() as delivery} if delivery > 0 and delivery is not True:
            issues.redeliver(delivery)
            return None
        case _:
            raise errors.RefusedError("The token broker does not do what it was asked for")


def _moment(since: float) -> datetime:
    try:
        return datetime.fromtimestamp(since, UTC)
    except (ValueError, OverflowError, OSError) as exc:
        raise errors.RefusedError("The token broker was asked for deliveries since no possible time") from exc


def _wanted(request: Mapping[object, object]) -> tuple[issuing.Wanted, float, str]:
    match request:
        case {
            "installation": int() as installation,
            "repositories": None | list() as repositories,
            "permissions": dict() as named,
            "at_least": int() | float() as at_least,
            "refused": str() as refused,
        } if _DIGEST.fullmatch(refused):
            _check(installation, repositories, named)
            numbers = None if repositories is None else tuple(sorted(set(repositories)))
            granted = tuple(sorted((str(name), str(level)) for name, level in named.items()))
            wanted = issuing.Wanted(installation=installation, repositories=numbers, permissions=granted)
            return wanted, float(at_least), refused
        case _:
            raise errors.RefusedError("The token broker was asked for a token in words that it does not know")


def _check(installation: int, repositories: list[object] | None, named: dict[object, object]) -> None:
    numbers = [installation, *(repositories or [])]
    if len(numbers) > _MOST_REPOSITORIES or not all(type(number) is int and number > 0 for number in numbers):
        raise errors.RefusedError("The token broker was asked for a token of no installation or repository")
    # GitHub takes an empty list for all of them
    if repositories == [] or not named:
        raise errors.RefusedError("The token broker gives no token that is not narrowed: name what it is for")
    for name, level in named.items():
        if not isinstance(level, str) or level not in _levels(name):
            raise errors.RefusedError(f"The token broker gives no token for {str(name)[:50]!r}: {str(level)[:50]!r}")


def _levels(name: object) -> frozenset[str]:
    """Return the levels at which the App may ever have the permission."""
    tables = (permissions.MANIFEST_PERMISSIONS, permissions.OPTIONAL_PERMISSIONS)
    levels = {table[name][0] for table in tables if isinstance(name, str) and name in table}
    return frozenset({*levels, "read"} if levels else ())


def _introduced(issues: issuing.Issuer, issuer: str, warn: Callable[[str], None]) -> None:
    """Ask GitHub whether it knows the App: a wrong key is told at once, an outage only warned of."""
    try:
        issues.app()
    except (errors.ForbiddenError, errors.MissingError) as exc:
        raise errors.UsageError(
            f"GitHub does not take the private key for the App {issuer}: {exc}. "
            "Give the App's id and a key from its settings page"
        ) from exc
    except errors.ForgeError as exc:
        warn(f"GitHub could not be asked for the App yet: {exc}")


def _undumpable() -> None:
    """Keep other processes of the same user from reading the key in this one's memory (Linux)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_DUMPABLE, 0, 0, 0, 0)


def _prepared(socket_path: Path, *, shared: bool) -> None:
    """Make the socket's folder, and clear away the socket of a broker that is gone."""
    folder = socket_path.parent
    try:
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o711 if shared else 0o700)
        mode = folder.stat().st_mode
    except OSError as exc:
        raise errors.UsageError(f"The broker's folder {folder} cannot be made: {exc.strerror}") from exc
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise errors.UsageError(f"Others may write to {folder}: put the broker's socket in a folder of its own")
    if not socket_path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(str(socket_path)) == 0:
            raise errors.UsageError(f"A token broker answers on {socket_path} already: stop it first")
    socket_path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, socket_path: Path, issues: issuing.Issuer, users: frozenset[int], whose: Whose) -> None:
        self.issues = issues
        self._users = users
        self._whose = whose
        self._free = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        before = os.umask(0o177)
        try:
            super().__init__(str(socket_path), _Conversation)
        finally:
            os.umask(before)

    def verify_request(self, request: object, client_address: object) -> bool:  # noqa: ARG002 - socketserver's
        user = self._whose(cast("socket.socket", request))
        return user is None or user in self._users

    def process_request(self, request: object, client_address: object) -> None:
        # more than that many wait in the queue of the socket
        self._free.acquire()
        super().process_request(cast("socket.socket", request), client_address)

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(cast("socket.socket", request), client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that went away is no fault, and a traceback could show a token."""


class _Conversation(socketserver.StreamRequestHandler):
    timeout = _PATIENCE
    server: _Server

    def handle(self) -> None:
        while request := self.rfile.readline(exchange.LONGEST_REQUEST + 1):
            if len(request) > exchange.LONGEST_REQUEST:
                self._say(exchange.failure_to_json(errors.RefusedError("The request is too long")))
                return
            self._say(answer(self.server.issues, request))

    def _say(self, said: dict[str, object]) -> None:
        self.wfile.write(exchange.line(said))
