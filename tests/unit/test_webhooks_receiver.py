import io
import json
from typing import Any

import flask
import pytest
from flask import testing
from werkzeug import test

from tests import webhook_examples
from webhooks import delivery, events, receiver, signature

_SECRET = b"It's a Secret to Everybody"
_LARGEST = 40_000
_CHUNKED = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
_BODY = json.dumps(webhook_examples.first("pull_request", "opened")).encode()


class _Intake:
    """Takes what is handed over, each delivery once."""

    def __init__(self) -> None:
        self.taken: list[tuple[delivery.Delivery, events.Event]] = []
        self.problem: Exception | None = None

    def accept(self, received: delivery.Delivery, event: events.Event) -> receiver.Accepted:
        if self.problem is not None:
            raise self.problem
        known = any(received.id == earlier.id for earlier, _ in self.taken)
        self.taken.append((received, event))
        return receiver.Accepted.DUPLICATE if known else receiver.Accepted.NEW


class _Endless(io.RawIOBase):
    """A body that does not end, and counts what is read of it."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        view[:] = b"x" * len(view)
        self.given += len(view)
        return len(view)


class _Broken(io.RawIOBase):
    """A body in which the server finds a fault, and says so in its own way."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any, /) -> int:
        raise _BrokenChunkError


class _BrokenChunkError(Exception):
    pass


@pytest.fixture
def intake() -> _Intake:
    return _Intake()


@pytest.fixture
def client(intake: _Intake) -> testing.FlaskClient:
    return _client(intake)


def _client(intake: _Intake, path: str = "/webhooks", **config: object) -> testing.FlaskClient:
    app = flask.Flask("receiving")
    app.config.update(config)
    app.register_blueprint(receiver.blueprint([b"former", _SECRET], intake.accept, path=path, largest=_LARGEST))
    return app.test_client()


def _headers(body: bytes, **others: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": webhook_examples.ID,
        "X-GitHub-Event": "pull_request",
        "X-Hub-Signature-256": signature.sign(_SECRET, body),
    } | {name.replace("_", "-"): value for name, value in others.items()}


def _post(client: testing.FlaskClient, body: bytes = _BODY, **headers: str) -> test.TestResponse:
    return client.post("/webhooks", data=body, headers=_headers(body, **headers))


def _stream(client: testing.FlaskClient, body: io.IOBase, **environment: object) -> test.TestResponse:
    """Post as a WSGI server does: with a stream that is read as it arrives."""
    return client.post("/webhooks", headers=_headers(_BODY), environ_overrides={"wsgi.input": body, **environment})


def _said(response: test.TestResponse) -> tuple[int, str, str]:
    content: dict[str, Any] = response.get_json()
    assert set(content) == {"status", "reason"}
    return response.status_code, content["status"], content["reason"]


def test_a_signed_event_is_accepted(client: testing.FlaskClient, intake: _Intake) -> None:
    assert _said(_post(client)) == (202, "accepted", "The event will be worked on.")

    ((received, event),) = intake.taken
    assert (received.id, received.body) == (webhook_examples.ID, _BODY)
    assert isinstance(event, events.PullRequestPushed)


def test_a_replayed_delivery_is_a_duplicate(client: testing.FlaskClient) -> None:
    _post(client)

    assert _said(_post(client)) == (200, "duplicate", "This delivery was accepted before.")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_content_type_may_have_a_charset_and_any_case(client: testing.FlaskClient, content_type: str) -> None:
    assert _post(client, Content_Type=content_type).status_code == 202


def test_any_of_the_secrets_signs(client: testing.FlaskClient) -> None:
    former = signature.sign(b"former", _BODY)

    assert _post(client, X_Hub_Signature_256=former).status_code == 202


def test_an_ignored_event_changes_nothing(client: testing.FlaskClient, intake: _Intake) -> None:
    assert _said(_post(client, X_GitHub_Event="push")) == (200, "ignored", "Nothing is done for push.")
    assert intake.taken == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_another_method_is_refused(client: testing.FlaskClient, intake: _Intake, method: str) -> None:
    response = client.open("/webhooks", method=method, data=_BODY, headers=_headers(_BODY))

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert method == "HEAD" or _said(response) == (405, "refused", "Deliveries are sent with POST.")
    assert intake.taken == []


def test_a_body_of_the_largest_size_is_taken(client: testing.FlaskClient) -> None:
    assert _post(client, _BODY.ljust(_LARGEST)).status_code == 202


def test_a_larger_body_is_refused(client: testing.FlaskClient, intake: _Intake) -> None:
    said = _said(_post(client, _BODY.ljust(_LARGEST + 1)))

    assert said == (413, "refused", "The body is larger than 40000 bytes.")
    assert intake.taken == []


def test_of_a_body_declared_too_large_nothing_is_read(client: testing.FlaskClient) -> None:
    body = _Endless()

    response = _stream(client, body, CONTENT_LENGTH=str(10**12))

    assert (response.status_code, body.given) == (413, 0)


def test_of_a_body_without_end_no_more_than_the_limit_is_read(client: testing.FlaskClient, intake: _Intake) -> None:
    body = _Endless()

    response = _stream(client, body, **_CHUNKED)

    assert _said(response)[:2] == (413, "refused")
    assert body.given <= _LARGEST + 1
    assert intake.taken == []


def test_a_connection_that_ends_early_is_refused(client: testing.FlaskClient, intake: _Intake) -> None:
    response = _stream(client, io.BytesIO(_BODY[:100]), CONTENT_LENGTH=str(len(_BODY)))

    assert _said(response) == (400, "refused", "The body ends early or is wrongly encoded.")
    assert intake.taken == []


def test_a_body_that_the_server_cannot_read_is_refused(client: testing.FlaskClient, intake: _Intake) -> None:
    response = _stream(client, _Broken(), **_CHUNKED)

    assert _said(response) == (400, "refused", "The body ends early or is wrongly encoded.")
    assert intake.taken == []


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_another_content_type_is_refused(client: testing.FlaskClient, intake: _Intake, content_type: str) -> None:
    code, status, reason = _said(_post(client, Content_Type=content_type))

    assert (code, status) == (415, "refused")
    assert "set the webhook's content type to application/json" in reason
    assert intake.taken == []


def test_an_unsigned_delivery_is_refused(client: testing.FlaskClient, intake: _Intake) -> None:
    headers = _headers(_BODY)
    del headers["X-Hub-Signature-256"]

    said = _said(client.post("/webhooks", data=_BODY, headers=headers))

    assert said == (401, "refused", "The header X-Hub-Signature-256 is missing: set the webhook's secret.")
    assert intake.taken == []


@pytest.mark.parametrize(
    "header", [signature.sign(b"another", _BODY), signature.sign(_SECRET, _BODY + b" "), "sha256=", "x" * 5_000]
)
def test_a_wrongly_signed_delivery_is_refused(client: testing.FlaskClient, intake: _Intake, header: str) -> None:
    code, status, reason = _said(_post(client, X_Hub_Signature_256=header))

    assert (code, status) == (401, "refused")
    assert reason.startswith("X-Hub-Signature-256 does not fit the body")
    assert intake.taken == []


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"[]", {}, "The delivery is malformed: the body is JSON, but not an object."),
        (_BODY, {"X_GitHub_Delivery": ""}, "The delivery is malformed: the header X-GitHub-Delivery is missing."),
        (b'{"action": "opened"}', {}, "The delivery is malformed: pull_request opened: repository: Field required."),
    ],
)
def test_a_malformed_delivery_is_refused(
    client: testing.FlaskClient, intake: _Intake, body: bytes, headers: dict[str, str], reason: str
) -> None:
    assert _said(_post(client, body, **headers)) == (400, "refused", reason)
    assert intake.taken == []


def test_a_refusal_says_little_of_what_was_sent(client: testing.FlaskClient) -> None:
    body = json.dumps({"action": "<script>\x1b[2J\n" * 1_000}).encode()

    _, status, reason = _said(_post(client, body))

    assert status == "ignored"
    assert reason.isprintable()
    assert len(reason) < 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        # each is wrong in what is named and in all that is looked at later
        ({"method": "PUT", "body": b"[" * (_LARGEST + 1), "type": "text/plain", "signed": False}, 405),
        ({"method": "POST", "body": b"[" * (_LARGEST + 1), "type": "text/plain", "signed": False}, 413),
        ({"method": "POST", "body": b"[", "type": "text/plain", "signed": False}, 415),
        ({"method": "POST", "body": b"[", "type": "application/json", "signed": False}, 401),
        ({"method": "POST", "body": b"[", "type": "application/json", "signed": True}, 400),
    ],
)
def test_what_is_cheap_to_see_is_looked_at_first(
    client: testing.FlaskClient, intake: _Intake, changes: dict[str, Any], code: int
) -> None:
    headers = _headers(changes["body"], Content_Type=changes["type"])
    if not changes["signed"]:
        headers["X-Hub-Signature-256"] = "sha256=0"

    response = client.open("/webhooks", method=changes["method"], data=changes["body"], headers=headers)

    assert response.status_code == code
    assert intake.taken == []


def test_an_intake_that_cannot_take_is_tried_again_later(client: testing.FlaskClient, intake: _Intake) -> None:
    intake.problem = receiver.Unavailable("The database is locked.", retry_after=7)

    response = _post(client)

    assert _said(response) == (503, "unavailable", "The database is locked.")
    assert response.headers["Retry-After"] == "7"


def test_a_fault_of_the_intake_is_not_taken_for_an_answer(client: testing.FlaskClient, intake: _Intake) -> None:
    intake.problem = ZeroDivisionError()

    assert _post(client).status_code == 500


def test_the_limits_of_the_application_do_not_cut_a_delivery(intake: _Intake) -> None:
    client = _client(intake, MAX_CONTENT_LENGTH=10, MAX_FORM_MEMORY_SIZE=10)

    assert _post(client).status_code == 202


def test_deliveries_may_come_to_another_path(intake: _Intake) -> None:
    client = _client(intake, path="/hooks/github")

    assert client.post("/hooks/github", data=_BODY, headers=_headers(_BODY)).status_code == 202
    assert client.post("/webhooks", data=_BODY, headers=_headers(_BODY)).status_code == 404


@pytest.mark.parametrize("secrets", [[], [b""], [_SECRET, b""]])
def test_without_a_secret_nothing_is_received(intake: _Intake, secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="missing or empty"):
        receiver.blueprint(secrets, intake.accept)


def test_secrets_that_are_taken_from_the_list_later_stay(intake: _Intake) -> None:
    secrets = [_SECRET]
    app = flask.Flask("receiving")
    app.register_blueprint(receiver.blueprint(secrets, intake.accept))
    secrets.clear()

    assert _post(app.test_client()).status_code == 202
