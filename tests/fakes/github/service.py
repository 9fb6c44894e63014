"""The double as a web service: GitHub Enterprise's addresses on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import flask
from werkzeug import exceptions

from tests.fakes.github import (
    access,
    gitbackend,
    problems,
    routes_app,
    routes_checks,
    routes_repository,
    wire,
    world,
)

_API = "/api/v3"
_BLUEPRINTS = (routes_app, routes_repository, routes_checks)


def create_app(here: world.World) -> flask.Flask:
    """Return the service over a world."""
    app = flask.Flask(__name__, static_folder=None)
    app.extensions["world"] = here
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint, url_prefix=_API)
    app.register_blueprint(gitbackend.blueprint)
    app.before_request(_begin)
    app.teardown_request(_end)
    app.register_error_handler(problems.Refusal, _refused)
    app.register_error_handler(exceptions.NotFound, lambda _: _refused(problems.not_found()))
    app.register_error_handler(exceptions.MethodNotAllowed, lambda _: _refused(problems.not_found()))
    app.register_error_handler(
        exceptions.BadRequest, lambda _: _refused(problems.Refusal(400, "Problems parsing JSON"))
    )
    return app


@contextmanager
def serve(here: world.World) -> Iterator[str]:
    """Serve the world on a port of its own; yield the base address, to which GitHub Enterprise's paths are added."""
    server = wire.Server(here, create_app(here))
    here.base_url = server.address
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="github")
    thread.start()
    try:
        yield here.base_url
    finally:
        here.office.stop()
        server.close()
        thread.join()


def _begin() -> None:
    flask.g.caller = None
    if not flask.request.path.startswith("/api/"):
        return
    here = access.world()
    here.lock.acquire()
    flask.g.locked = True
    flask.g.caller = access.identify(here, flask.request.headers.get("Authorization"))


def _end(_error: BaseException | None) -> None:
    if flask.g.pop("locked", False):
        access.world().lock.release()


def _refused(refusal: problems.Refusal) -> tuple[flask.Response, int]:
    response = flask.jsonify(refusal.body)
    response.headers.update(refusal.headers)
    return response, refusal.status
