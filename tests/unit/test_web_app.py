import flask
import pytest
import structlog
from flask import testing

from gatekeeper import errors
from gatekeeper.web import app


def _failing(error: Exception) -> flask.Blueprint:
    part = flask.Blueprint("failing", __name__)

    @part.route("/fails", methods=["GET", "POST"])
    def fails() -> str:
        if flask.request.method == "POST":
            return str(len(flask.request.get_data()))
        raise error

    return part


_FAULT = ValueError("a secret detail")


def _client(error: Exception = _FAULT, proxies: int = 0) -> testing.FlaskClient:
    return app.create_app([_failing(error)], proxies=proxies).test_client()


def test_a_fault_is_told_to_the_log_and_not_to_the_visitor() -> None:
    with structlog.testing.capture_logs() as logged:
        answer = _client().get("/fails")

    assert [event["exc_info"] for event in logged] == [_FAULT]
    assert answer.status_code == 500
    assert answer.json == {"status": "error", "reason": "A fault of this program; its log says more."}
    assert "a secret detail" not in answer.text


def test_records_that_cannot_be_reached_are_a_matter_of_time() -> None:
    answer = _client(errors.StoreError("postgresql://host/name: gone")).get("/fails")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "postgresql" not in answer.text


def test_what_is_not_there_is_answered_as_json() -> None:
    answer = _client().get("/nowhere")

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["status"] == "error"


def test_a_refused_method_says_which_are_taken() -> None:
    answer = _client().put("/fails")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_body_that_is_too_large_is_refused() -> None:
    assert _client().post("/fails", data=b"x" * 64 * 1024).status_code == 200
    assert _client().post("/fails", data=b"x" * (64 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize("path", ["/fails", "/nowhere"])
def test_every_answer_forbids_browsers_to_do_more(path: str) -> None:
    headers = _client().get(path).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_a_proxy_is_believed_only_where_there_is_said_to_be_one() -> None:
    secure = [
        "Strict-Transport-Security"
        in _client(proxies=proxies).get("/nowhere", headers={"X-Forwarded-Proto": "https"}).headers
        for proxies in (0, 1)
    ]

    assert secure == [False, True]
