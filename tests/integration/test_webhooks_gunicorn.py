"""The receiver behind the server that it runs on, over a socket."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest

from tests import webhook_examples
from webhooks import delivery, events, receiver, signature

_ROOT = Path(__file__).resolve().parent.parent.parent
_SECRET = b"It's a Secret to Everybody"
_LARGEST = 100_000
_PING = b'{"zen": "Anything added dilutes everything else.", "hook_id": 1}'
# the server writes here what it accepted
_TAKEN = "TAKEN"


def application() -> flask.Flask:
    """Return what gunicorn serves, in its own process."""

    def accept(received: delivery.Delivery, _event: events.Event) -> receiver.Accepted:
        with Path(os.environ[_TAKEN]).open("ab") as taken:
            taken.write(received.body + b"\n")
        return receiver.Accepted.NEW

    app = flask.Flask("receiving")
    app.register_blueprint(receiver.blueprint([_SECRET], accept, largest=_LARGEST))
    return app


class _Server:
    def __init__(self, folder: Path) -> None:
        self.taken = folder / "taken"
        self._socket = folder / "socket"
        words = ["gunicorn", "--bind", f"unix:{self._socket}", "--worker-class", "gthread", "--threads", "2"]
        quiet = ["--no-control-socket", "--log-level", "error", "--worker-tmp-dir", str(folder)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", *words, *quiet, f"{__name__}:application()"],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT), _TAKEN: str(self.taken)},
        )
        while not self._socket.exists():
            assert self._process.poll() is None, "gunicorn did not start"
            time.sleep(0.02)

    def send(self, *parts: bytes) -> bytes:
        """Return the whole answer to `parts`, as far as the server takes them."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(self._socket))
            for part in parts:
                try:
                    connection.sendall(part)
                except BrokenPipeError:
                    break
            answer = b""
            while more := _more(connection):
                answer += more
            return answer

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def _more(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionResetError:
        # what was sent after the answer is thrown away by the server
        return b""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Server]:
    started = _Server(tmp_path_factory.mktemp("gunicorn"))
    yield started
    started.close()


def _head(signed: bytes, size: str) -> bytes:
    lines = [
        "POST /webhooks HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/json",
        "X-GitHub-Event: ping",
        f"X-GitHub-Delivery: {webhook_examples.ID}",
        f"X-Hub-Signature-256: {signature.sign(_SECRET, signed)}",
        size,
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def _chunks(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        part = body[start : start + size]
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def _taken(server: _Server) -> bytes:
    return server.taken.read_bytes() if server.taken.exists() else b""


def test_a_delivery_with_its_length_is_accepted(server: _Server) -> None:
    answer = server.send(_head(_PING, f"Content-Length: {len(_PING)}"), _PING)

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert _taken(server).endswith(_PING + b"\n")


@pytest.mark.parametrize("size", [7, 65_536])
def test_a_delivery_in_chunks_is_accepted_whole(server: _Server, size: int) -> None:
    body = _PING.ljust(_LARGEST)

    answer = server.send(_head(body, "Transfer-Encoding: chunked"), *_chunks(body, size))

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert _taken(server).endswith(body + b"\n")


def test_one_byte_too_many_in_chunks_is_refused(server: _Server) -> None:
    before, body = _taken(server), _PING.ljust(_LARGEST + 1)

    answer = server.send(_head(body, "Transfer-Encoding: chunked"), *_chunks(body, 9_999))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert _taken(server) == before


def test_chunks_without_end_are_refused_before_they_end(server: _Server) -> None:
    before, chunk = _taken(server), b"2000\r\n%s\r\n" % (b"x" * 0x2000)

    answer = server.send(_head(_PING, "Transfer-Encoding: chunked"), *[chunk] * (_LARGEST // 0x2000 + 1))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert _taken(server) == before


def test_a_body_that_is_declared_too_large_is_refused_unsent(server: _Server) -> None:
    before = _taken(server)

    answer = server.send(_head(_PING, f"Content-Length: {_LARGEST + 1}"))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert _taken(server) == before


def test_a_chunk_that_is_none_is_refused(server: _Server) -> None:
    before = _taken(server)

    answer = server.send(_head(_PING, "Transfer-Encoding: chunked"), b"zz\r\nno chunk\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert _taken(server) == before
