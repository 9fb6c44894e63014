"""The HTTP end: verify, parse, read, hand over, answer."""

from collections.abc import Callable, Sequence
from enum import StrEnum

import flask
from werkzeug import exceptions

from webhooks import delivery, events, signature

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


class Accepted(StrEnum):
    """What became of an event that was handed over."""

    NEW = "accepted"
    # the same delivery had been accepted before
    DUPLICATE = "duplicate"


class Unavailable(Exception):  # noqa: N818 - a state, named as the answer is
    """The event cannot be taken now; the message says why, and the sender is to try again."""

    def __init__(self, reason: str, *, retry_after: int = 30) -> None:
        """Say to try again in `retry_after` seconds."""
        super().__init__(reason)
        self.retry_after = retry_after


Accept = Callable[[delivery.Delivery, events.Event], Accepted]


class _Refused(Exception):  # noqa: N818 - an answer, not a fault of this program
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def blueprint(
    secrets: Sequence[bytes], accept: Accept, *, path: str = "/webhooks", largest: int = 25 * 2**20
) -> flask.Blueprint:
    """Return what answers `POST {path}`, with bodies of at most `largest` bytes, signed with one of `secrets`.

    202 once `accept` took a new event, 200 for a duplicate and for what is ignored; 400, 401, 405, 413, 415 and 503
    (`accept` raised Unavailable) with the reason. `accept` sees only what is signed, well-formed and acted on.
    Raises ValueError without a secret, or with an empty one.
    """
    kept = tuple(secrets)
    # an empty secret is refused now, not at the first delivery
    signature.verify(b"", None, kept)

    def receive() -> flask.Response:
        try:
            return _answered(_signed(kept, largest), accept)
        except _Refused as refusal:
            return _answer(refusal.code, "refused", str(refusal))

    made = flask.Blueprint("webhooks", __name__)
    made.add_url_rule(path, view_func=receive, methods=_METHODS, provide_automatic_options=False)
    return made


def _signed(secrets: Sequence[bytes], largest: int) -> bytes:
    """Return the body of the request, once it is worth parsing. Raises _Refused."""
    request = flask.request
    if request.method != "POST":
        raise _Refused(405, "Deliveries are sent with POST.")
    body = _body(largest)
    if request.mimetype != "application/json":
        raise _Refused(415, "The body is not JSON: set the webhook's content type to application/json.")
    header = request.headers.get("X-Hub-Signature-256")
    if not header:
        raise _Refused(401, "The header X-Hub-Signature-256 is missing: set the webhook's secret.")
    if not signature.verify(body, header, secrets):
        raise _Refused(401, "X-Hub-Signature-256 does not fit the body: set the webhook's secret to the one kept here.")
    return body


def _body(largest: int) -> bytes:
    """Return the body, having read at most one byte more than `largest`. Raises _Refused."""
    request = flask.request
    too_large = _Refused(413, f"The body is larger than {largest} bytes.")
    if (request.content_length or 0) > largest:
        raise too_large
    # a trap: Werkzeug cuts a chunked body at its limit without a word, so the limit has to lie beyond ours
    request.max_content_length = largest + 1
    try:
        body = request.get_data(cache=False)
    except Exception as problem:
        # whatever it is: WSGI names no error for a broken body, so each server has its own
        raise _Refused(400, "The body ends early or is wrongly encoded.") from problem
    if len(body) > largest:
        raise too_large
    return body


def _answered(body: bytes, accept: Accept) -> flask.Response:
    try:
        received = delivery.parse(dict(flask.request.headers), body)
        event = events.read(received)
    except delivery.MalformedDelivery as problem:
        raise _Refused(400, f"The delivery is malformed: {problem}.") from problem
    if isinstance(event, events.Ignored):
        return _answer(200, "ignored", event.reason)
    try:
        accepted = accept(received, event)
    except Unavailable as problem:
        response = _answer(503, "unavailable", delivery.shown(str(problem), 300))
        response.headers["Retry-After"] = str(problem.retry_after)
        return response
    match accepted:
        case Accepted.NEW:
            return _answer(202, accepted.value, "The event will be worked on.")
        case Accepted.DUPLICATE:
            return _answer(200, accepted.value, "This delivery was accepted before.")


def _answer(code: int, status: str, reason: str) -> flask.Response:
    response = flask.jsonify(status=status, reason=reason)
    response.status_code = code
    if code == exceptions.MethodNotAllowed.code:
        response.headers["Allow"] = "POST"
    return response
