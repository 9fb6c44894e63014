"""Reports that CI sends: which are taken, and how the others are refused."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

import flask
import pytest
from flask import testing
from werkzeug import exceptions, test

from gatekeeper import errors
from gatekeeper.outcomes import job
from gatekeeper.web import app, uploads
from gatekeeper.workflows import uploading

SHA = "a" * 40
WORDS = {"repository": "octo/hello", "sha": SHA}


class _Taker:
    """Takes what it is given, unless it is no report."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, uploading.Upload]] = []

    def __call__(self, report: bytes, given: uploading.Upload) -> uploading.Taken:
        if not report.startswith(b"<"):
            raise errors.ReportError("it is not XML: hand in what pytest wrote")
        self.taken.append((report, given))
        return uploading.Taken(job="upload/1", known=False, tests=3, broken=1, settled=("r1",))


def _allowed(request: flask.Request) -> Collection[str]:
    if request.headers.get("Authorization") != "Bearer right":
        raise exceptions.Unauthorized("a token is needed")
    return {"octo/hello"}


@pytest.fixture(name="taker")
def _taker() -> _Taker:
    return _Taker()


@pytest.fixture(name="client")
def _client(taker: _Taker) -> testing.FlaskClient:
    return app.create_app([uploads.blueprint(taker, _allowed)]).test_client()


def _post(
    client: testing.FlaskClient,
    words: Mapping[str, str] = MappingProxyType({}),
    *,
    body: bytes = b"<testsuite/>",
    token: str = "right",
) -> test.TestResponse:
    return client.post(
        uploads.PATH,
        query_string={**WORDS, **words},
        data=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/xml"},
    )


def test_a_report_is_taken_for_the_job_that_it_names(client: testing.FlaskClient, taker: _Taker) -> None:
    answer = _post(client, {"job": "test (3.11)", "tested": "head", "attempt": "2"})

    assert (answer.status_code, answer.json) == (
        200,
        {"job": "upload/1", "known": False, "tests": 3, "broken": 1, "settled": ["r1"]},
    )
    ((report, given),) = taker.taken
    assert report == b"<testsuite/>"
    assert given == uploading.Upload(
        repository="octo/hello", sha=SHA, tested=job.Tested.HEAD, name="test (3.11)", attempt=2
    )


def test_without_a_token_nothing_is_taken(client: testing.FlaskClient, taker: _Taker) -> None:
    assert _post(client, token="wrong").status_code == 401
    assert not taker.taken


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"repository": "octo/other"}, 403),
        ({"repository": ""}, 403),
        ({"sha": "abc"}, 400),
        ({"sha": "A" * 40}, 400),
        ({"attempt": "0"}, 400),
        ({"attempt": "²"}, 400),
        ({"tested": "base"}, 400),
    ],
)
def test_what_cannot_be_meant_is_refused(
    client: testing.FlaskClient, taker: _Taker, words: dict[str, str], status: int
) -> None:
    assert _post(client, words).status_code == status
    assert not taker.taken


def test_what_is_no_report_is_refused_with_the_reason(client: testing.FlaskClient) -> None:
    answer = _post(client, body=b"hello")

    assert answer.status_code == 422
    assert "it is not XML" in answer.text


def test_a_report_that_is_too_large_is_refused(client: testing.FlaskClient, taker: _Taker) -> None:
    assert _post(client, body=b"<" * (uploads.LARGEST + 1)).status_code == 413
    assert not taker.taken


def test_a_large_report_is_taken(client: testing.FlaskClient, taker: _Taker) -> None:
    # more than other requests may hold
    assert _post(client, body=b"<" * 1_000_000).status_code == 200
    assert len(taker.taken) == 1
