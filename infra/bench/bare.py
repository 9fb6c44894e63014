"""What flood.py compares with: a Flask view that verifies the signature and answers, on the service's own server."""

import os

import deliveries
import flask

from gatekeeper import settings
from gatekeeper.wiring import app
from webhooks import signature


def create() -> flask.Flask:
    """Return the application; `/readyz` answers as the service's does."""
    made = flask.Flask("bare")

    @made.post("/webhooks")
    def receive() -> tuple[flask.Response, int]:
        request = flask.request
        header = request.headers.get("X-Hub-Signature-256")
        if not signature.verify(request.get_data(cache=False), header, (deliveries.SECRET.encode(),)):
            flask.abort(401)
        return flask.jsonify(status="accepted", reason="The event will be worked on."), 202

    @made.get("/readyz")
    def ready() -> flask.Response:
        return flask.jsonify(status="ok")

    return made


if __name__ == "__main__":
    app.host(settings.read(os.environ), create)
