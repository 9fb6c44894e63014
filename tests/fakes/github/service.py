"""The double as a web service: GitHub Enterprise's addresses on loopback."""

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import flask
from werkzeug import exceptions

from tests.fakes.github import (
    access,
    description,
    gitbackend,
    limits,
    problems,
    routes_app,
    routes_checks,
    routes_ci,
    routes_comments,
    routes_contents,
    routes_graphql,
    routes_repository,
    signin,
    state,
    templates,
    wire,
    world,
)

_BLUEPRINTS = (routes_app, routes_repository, routes_checks, routes_ci, routes_comments, routes_contents, signin)


def create_app(here: world.World) -> flask.Flask:
    """Return the service over a world."""
    app = flask.Flask(__name__, static_folder=None)
    app.extensions["world"] = here
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint, url_prefix=templates.API)
    app.register_blueprint(routes_graphql.blueprint)
    app.register_blueprint(routes_ci.storage)
    app.register_blueprint(gitbackend.blueprint)
    app.register_blueprint(signin.pages)
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_end)
    app.register_error_handler(problems.Refusal, _refused)
    app.register_error_handler(Exception, _broken)
    app.register_error_handler(exceptions.NotFound, lambda _: _refused(problems.not_found()))
    app.register_error_handler(exceptions.MethodNotAllowed, lambda _: _refused(problems.not_found()))
    app.register_error_handler(
        exceptions.BadRequest, lambda _: _refused(problems.Refusal(400, "Problems parsing JSON"))
    )
    return app


@contextmanager
def serve(here: world.World) -> Iterator[str]:
    """Serve the world on a port of its own; yield the base address, to which GitHub Enterprise's paths are added.

    At the end an AssertionError tells of each answer or event that GitHub's description does not know.
    """
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
    assert not here.drift, "\n".join(here.drift)


def _begin() -> None:
    flask.g.caller = None
    if not flask.request.path.startswith("/api/"):
        return
    here = access.world()
    here.lock.acquire()
    flask.g.locked = True
    caller = flask.g.caller = access.identify(here, flask.request.headers.get("Authorization"))
    if caller is not None:
        entry = flask.request.environ.get("github.entry")
        if entry is not None:
            entry.caller = limits.key(caller)
            entry.token = caller.value if isinstance(caller, state.Token) else ""
        here.limits.count(caller, flask.request.method, _route(), here.now())
    flask.g.wrong = ""
    if _described():
        request = flask.request
        query = request.args.to_dict()
        flask.g.wrong = description.wrong_request(request.method, _route(), _body(), query)


def _finish(response: flask.Response) -> flask.Response:
    """Hold the answer against the description, and add what every answer of GitHub has."""
    here = access.world()
    entry = flask.request.environ.get("github.entry")
    if entry is not None:
        entry.status = response.status_code
    if not flask.request.path.startswith("/api/"):
        return response
    if _described():
        body = response.get_json(silent=True)
        why = description.wrong_answer(flask.request.method, _route(), response.status_code, body)
        if response.status_code < 300:
            why = why or flask.g.get("wrong", "")
        if why:
            here.drift.append(why)
            return flask.Response(f"{why}\n", status=500, content_type="text/plain")
    response.headers.update(here.limits.headers(flask.g.caller, here.now()))
    if flask.request.method == "GET" and response.status_code == 200:
        response.add_etag(weak=True)
        response.make_conditional(flask.request)
    return response


def _end(_error: BaseException | None) -> None:
    if flask.g.pop("locked", False):
        access.world().lock.release()


def _route() -> str:
    rule = flask.request.url_rule
    return "" if rule is None else templates.described(templates.of(rule))


def _described() -> bool:
    route = _route()
    return bool(route) and not route.startswith(templates.UNDESCRIBED) and not route.startswith("/api/graphql")


def _body() -> object:
    return flask.request.get_json(silent=True) if flask.request.data else None


def _broken(error: Exception) -> tuple[flask.Response, int]:
    """Answer 500, and let the test fail that met the double's own fault."""
    request = flask.request
    access.world().drift.append(f"{request.method} {request.path}\n{''.join(traceback.format_exception(error))}")
    return _refused(problems.Refusal(500, "The double failed"))


def _refused(refusal: problems.Refusal) -> tuple[flask.Response, int]:
    response = flask.jsonify(refusal.body)
    response.headers.update(refusal.headers)
    return response, refusal.status
