"""Counts, times and logs deliveries, and binds their ids to whatever else is logged meanwhile."""

import time
from collections.abc import Callable

import flask
import structlog

from gatekeeper.forge import permissions

# the blueprint that receives deliveries
_RECEIVER = "webhooks"
# labels of a metric are kept for ever, so only those are taken that GitHub has a use for
_EVENTS = frozenset({*permissions.EVENTS, "ping", "installation", "installation_repositories"})
# characters of a delivery's id
_LONGEST = 64

# event, status, seconds
Count = Callable[[str, int, float], None]

_log = structlog.get_logger(__name__)


def blueprint(count: Count, now: Callable[[], float] = time.perf_counter) -> flask.Blueprint:
    """Return what tells `count` of every delivery that the receiver answers."""
    made = flask.Blueprint("watching", __name__)

    @made.before_app_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()
        if flask.request.blueprint == _RECEIVER:
            flask.g.began = now()
            structlog.contextvars.bind_contextvars(
                delivery=flask.request.headers.get("X-GitHub-Delivery", "")[:_LONGEST]
            )

    @made.after_app_request
    def end(response: flask.Response) -> flask.Response:
        if "began" in flask.g:
            seconds = now() - flask.g.began
            said = flask.request.headers.get("X-GitHub-Event", "")
            event = said if said in _EVENTS else "other"
            count(event, response.status_code, seconds)
            _log.info("delivery", github_event=event, status=response.status_code, seconds=round(seconds, 4))
        return response

    return made
