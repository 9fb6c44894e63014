"""Send what `deliveries.write` wrote over kept connections, each of which takes the next as soon as it is answered.

    infra/bench/sender.py HOST:PORT FILE CONNECTIONS

Prints an object in JSON: `seconds` from the first byte to the last answer, and `answers`, one for each request in the
order of the file: seconds until it was answered, HTTP status (0: the connection broke), and the body's `status`. One
thread and no HTTP library, since the server that is measured shares the cores with this.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

# seconds; GitHub gives up after 10
_PATIENCE = 60
_CHUNK = 1 << 16

Answer = tuple[float, int, str]


class _Connection:
    def __init__(self, address: tuple[str, int], selector: selectors.BaseSelector) -> None:
        self._address, self._selector = address, selector
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._address, timeout=_PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(0)
        self._selector.register(self._socket, selectors.EVENT_WRITE, self)

    def begin(self, index: int, request: memoryview) -> None:
        self.index, self._unsent, self._got = index, request, b""
        self._began = time.perf_counter()
        self._selector.modify(self._socket, selectors.EVENT_WRITE, self)

    def go_on(self, events: int) -> Answer | None:
        """Send or receive what is ready; return the answer once it is whole."""
        try:
            if not events & selectors.EVENT_WRITE:
                return self._receive()
            self._send()
        except OSError:
            return self._broken()
        return None

    def _send(self) -> None:
        self._unsent = self._unsent[self._socket.send(self._unsent) :]
        if not self._unsent:
            self._selector.modify(self._socket, selectors.EVENT_READ, self)

    def _receive(self) -> Answer | None:
        more = self._socket.recv(_CHUNK)
        if not more:
            return self._broken()
        self._got += more
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return None
        return self._seconds(), int(head.split(b" ", 2)[1]), json.loads(body)["status"]

    def _broken(self) -> Answer:
        self.close()
        self._connect()
        return self._seconds(), 0, "broken"

    def _seconds(self) -> float:
        return round(time.perf_counter() - self._began, 6)

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise SystemExit("sender: an answer does not say its length")


def _requests(file: Path) -> Iterator[memoryview]:
    sizes, _, rest = file.read_bytes().partition(b"\n")
    shown, start = memoryview(rest), 0
    for size in json.loads(sizes):
        yield shown[start : start + size]
        start += size


def _sent(address: tuple[str, int], requests: list[memoryview], connections: int) -> list[Answer]:
    answers: dict[int, Answer] = {}
    waiting = iter(enumerate(requests))
    with selectors.DefaultSelector() as selector:
        for _ in range(min(connections, len(requests))):
            _Connection(address, selector).begin(*next(waiting))
        while len(answers) < len(requests):
            ready = selector.select(_PATIENCE)
            if not ready:
                raise SystemExit(f"sender: no answer for {_PATIENCE} s, after {len(answers)} answers")
            for key, events in ready:
                answer = key.data.go_on(events)
                if answer is None:
                    continue
                answers[key.data.index] = answer
                following = next(waiting, None)
                if following is None:
                    key.data.close()
                else:
                    key.data.begin(*following)
    return [answers[index] for index in range(len(requests))]


def main() -> None:
    """Send, and print what came of it."""
    address, file, connections = sys.argv[1:]
    host, _, port = address.rpartition(":")
    requests = list(_requests(Path(file)))
    began = time.perf_counter()
    answers = _sent((host, int(port)), requests, int(connections))
    json.dump({"seconds": time.perf_counter() - began, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
