"""Repositories served by the real `git http-backend` over HTTP on loopback, with basic authentication and faults.

The interface is gitprotocol-http(5); the program's is CGI (RFC 3875).
"""

import base64
import contextlib
import io
import os
import subprocess
import threading
from collections.abc import Iterator
from http import server
from pathlib import Path
from typing import IO

_CHUNK = 64 * 1024


class GitServer(server.ThreadingHTTPServer):
    """Serves the bare repositories below `root`; `seen` has (path, authorization) of each request, in order."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        # None: anybody may read
        self.token: str | None = None
        # answered instead of everything, as 503
        self.status: int | None = None
        # paths that start so are answered with a redirect there
        self.redirects: dict[str, str] = {}
        # bytes of a pack after which nothing more comes, until `released`
        self.stalled_after: int | None = None
        self.released = threading.Event()
        # bytes of a pack after which the connection is cut
        self.cut_after: int | None = None
        self.seen: list[tuple[str, str]] = []
        self.bytes_sent = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave: that is what is tested."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def serve(root: Path) -> Iterator[GitServer]:
    """Serve for as long as the context lasts."""
    with GitServer(root) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            served.released.set()
            served.shutdown()
            thread.join()


class _Handler(server.BaseHTTPRequestHandler):
    server: GitServer
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *words: object) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        given = self.headers.get("Authorization", "")
        self.server.seen.append((self.path, given))
        expected = base64.b64encode(f"x-access-token:{self.server.token}".encode()).decode()
        for start, target in self.server.redirects.items():
            if self.path.startswith(start):
                return self._short(301, "Location", target + self.path.removeprefix(start))
        if self.server.status is not None:
            return self._short(self.server.status, "Retry-After", "1")
        if self.server.token is not None and given != f"Basic {expected}":
            return self._short(401, "WWW-Authenticate", 'Basic realm="git"')
        return self._backend(body)

    def _short(self, status: int, header: str, value: str) -> None:
        self.send_response(status)
        self.send_header(header, value)
        self.end_headers()

    def _backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        with subprocess.Popen(
            ["git", "http-backend"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as backend:
            assert backend.stdin is not None
            assert backend.stdout is not None
            try:
                with contextlib.suppress(BrokenPipeError), backend.stdin:
                    backend.stdin.write(body)
                self._head(backend.stdout)
                self._body(backend.stdout)
            finally:
                backend.kill()

    def _head(self, printed: IO[bytes]) -> None:
        headers = dict(line.decode().strip().split(": ", 1) for line in iter(printed.readline, b"\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _body(self, printed: IO[bytes]) -> None:
        sent = 0
        assert isinstance(printed, io.BufferedReader)
        while chunk := printed.read1(self._room(sent)):
            self.wfile.write(chunk)
            sent += len(chunk)
            self.server.bytes_sent += len(chunk)
            if self.server.cut_after is not None and sent >= self.server.cut_after:
                return
            if self.server.stalled_after is not None and sent >= self.server.stalled_after:
                self.server.released.wait(60)
                return

    def _room(self, sent: int) -> int:
        limits = [limit - sent for limit in (self.server.cut_after, self.server.stalled_after) if limit is not None]
        return max(1, min([_CHUNK, *limits]))
