"""The server under the service: counts and logs requests, and breaks answers where a test wants them broken."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import flask
from werkzeug import serving

from tests.fakes.github import world

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Server(serving.ThreadedWSGIServer):
    """A threaded server on a free port of 127.0.0.1."""

    def __init__(self, here: world.World, app: flask.Flask) -> None:
        self._world = here
        self._app = app
        super().__init__("127.0.0.1", 0, self._handle, _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Stop and close the port."""
        self.shutdown()
        self.server_close()

    def _handle(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with self._world.lock:
            self._world.requests += 1
        return self._app(environ, start_response)


class _Handler(serving.WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        """Say nothing: the world keeps a log."""
