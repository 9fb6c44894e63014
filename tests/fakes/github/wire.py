"""The server under the service: logs requests, and breaks answers where the world's plan of faults says so."""

import io
import json
import socket
import struct
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import flask
from werkzeug import exceptions, serving, test, wsgi

from tests.fakes.github import faults, journal, problems, templates, world

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# how an address by a repository's number begins
_BY_NUMBER = "/api/v3/repositories/"
# closing the socket now sends a reset
_RESET = struct.pack("ii", 1, 0)


class Server(serving.ThreadedWSGIServer):
    """A threaded server on a free port of 127.0.0.1."""

    def __init__(self, here: world.World, app: flask.Flask) -> None:
        self._world = here
        self._app = app
        self._stopping = threading.Event()
        super().__init__("127.0.0.1", 0, self._handle, _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Stop and close the port."""
        self._stopping.set()
        self.shutdown()
        self.server_close()

    def shutdown_request(self, request: object) -> None:
        """End a connection; at once, and without a farewell, where it is to be reset."""
        assert isinstance(request, socket.socket)
        if request.fileno() >= 0 and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == _RESET:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def _handle(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        entry = self._enter(environ)
        try:
            return self._answer(entry, environ, start_response)
        finally:
            with self._world.lock:
                self._world.limits.running -= 1

    def _answer(
        self, entry: journal.Entry, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        fault = entry.fault = self._world.faults(entry.call)
        if fault is None:
            return self._app(environ, start_response)
        if fault.handled:
            test.run_wsgi_app(self._app, environ, buffered=True)
        self._stopping.wait(fault.delay)
        if fault.status is not None:
            refusal = problems.Refusal(fault.status, fault.message, headers=fault.headers)
            return _refused(refusal)(environ, start_response)
        if fault.reset:
            environ["werkzeug.socket"].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        raise ConnectionAbortedError

    def _enter(self, environ: "WSGIEnvironment") -> journal.Entry:
        """Log the request; its body is read, and put back."""
        body = wsgi.get_input_stream(environ).read()
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        with self._world.lock:
            self._world.requests += 1
            self._world.ticks += 1
            self._world.limits.running += 1
            self._world.attempts[method, path] += 1
            call = faults.Call(
                number=self._world.requests,
                method=method,
                route=self._route(environ),
                path=path,
                attempt=self._world.attempts[method, path],
                body=body,
            )
            entry = journal.Entry(call=call, query=environ.get("QUERY_STRING", ""))
            self._world.log.append(entry)
            environ["PATH_INFO"] = self._named(path)
        environ["github.entry"] = entry
        return entry

    def _named(self, path: str) -> str:
        """Return the path with the repository's name where it has the number and something behind it."""
        number, _, rest = path.removeprefix(_BY_NUMBER).partition("/")
        if not path.startswith(_BY_NUMBER) or not rest or not number.isdecimal():
            return path
        found = self._world.repositories.get(int(number))
        return path if found is None else f"/api/v3/repos/{found.full_name}/{rest}"

    def _route(self, environ: "WSGIEnvironment") -> str:
        try:
            rule, _ = self._app.url_map.bind_to_environ(environ).match(return_rule=True)
        except exceptions.HTTPException:
            return ""
        return templates.of(rule)


class _Handler(serving.WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        """Say nothing: the world keeps a log."""

    def connection_dropped(self, _error: BaseException, _environ: "WSGIEnvironment | None" = None) -> None:
        """End the connection, on which nothing more is to be read."""
        self.close_connection = True


def _refused(refusal: problems.Refusal) -> flask.Response:
    body = json.dumps(refusal.body)
    return flask.Response(body, refusal.status, refusal.headers, content_type="application/json; charset=utf-8")
