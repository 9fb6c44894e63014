"""Whether the service is alive, and whether it can do what it is for."""

from collections.abc import Callable, Mapping

import flask

# returns None where a part is well, else what is wrong with it, in a sentence
Check = Callable[[], str | None]


def blueprint(checks: Mapping[str, Check]) -> flask.Blueprint:
    """Return what answers `GET /healthz`, without any I/O, and `GET /readyz`, having asked each of `checks`.

    `/readyz` answers 200, or 503 where any of them has something to say; its JSON names each part with `ok` or that.
    """
    made = flask.Blueprint("health", __name__)

    @made.get("/healthz")
    def alive() -> flask.Response:
        return flask.jsonify(status="alive")

    @made.get("/readyz")
    def ready() -> flask.Response:
        said = {name: check() for name, check in checks.items()}
        wrong = any(what is not None for what in said.values())
        response = flask.jsonify(
            status="not ready" if wrong else "ready", parts={name: what or "ok" for name, what in said.items()}
        )
        response.status_code = 503 if wrong else 200
        return response

    return made
