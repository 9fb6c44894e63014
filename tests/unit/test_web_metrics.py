from typing import Any

import flask
import prometheus_client
import pytest
from flask import testing

from gatekeeper import errors, evaluation
from gatekeeper.store import census
from gatekeeper.web import app, metrics, watching

_TAKEN = census.Census(
    evaluations={state: 2 if state is evaluation.State.QUEUED else 0 for state in evaluation.State},
    oldest_queued=12.5,
    workers=3,
)


def _client(take: metrics.Take = lambda: _TAKEN, token: str | None = None) -> testing.FlaskClient:
    counted = metrics.Counted(prometheus_client.CollectorRegistry())
    receiver = flask.Blueprint("webhooks", __name__)
    receiver.add_url_rule("/webhooks", view_func=lambda: ("", 202), methods=["POST"])
    return app.create_app(
        [watching.blueprint(counted.delivery), receiver, metrics.blueprint(counted, take, token=token)]
    ).test_client()


def test_deliveries_are_counted_by_event_and_answer_and_nothing_else_is() -> None:
    client = _client()
    for event in ("pull_request", "pull_request", "check_run"):
        client.post("/webhooks", headers={"X-GitHub-Event": event})
    client.get("/nowhere")

    shown = client.get("/metrics").text

    assert 'gatekeeper_deliveries_total{answer="202",event="pull_request"} 2.0' in shown
    assert 'gatekeeper_deliveries_total{answer="202",event="check_run"} 1.0' in shown
    assert "gatekeeper_delivery_seconds_count 3.0" in shown


def test_whatever_a_sender_calls_its_event_there_are_few_labels() -> None:
    client = _client()
    for number in range(50):
        client.post("/webhooks", headers={"X-GitHub-Event": f"made-up-{number}"})
    client.post("/webhooks")

    shown = client.get("/metrics").text

    assert "made-up" not in shown
    assert 'gatekeeper_deliveries_total{answer="202",event="other"} 51.0' in shown


def test_work_is_shown_as_the_records_have_it() -> None:
    shown = _client().get("/metrics").text

    assert 'gatekeeper_reviews{state="queued"} 2.0' in shown
    assert 'gatekeeper_reviews{state="done"} 0.0' in shown
    assert "gatekeeper_oldest_queued_seconds 12.5" in shown
    assert "gatekeeper_workers 3.0" in shown


def test_without_the_records_the_counters_are_still_shown() -> None:
    def gone() -> census.Census:
        raise errors.StoreError("gone")

    answer = _client(gone).get("/metrics")

    assert answer.status_code == 200
    assert "gatekeeper_records_reachable 0.0" in answer.text
    assert "gatekeeper_reviews" not in answer.text


def test_requests_to_github_are_timed_by_operation() -> None:
    kept = prometheus_client.CollectorRegistry()

    metrics.Counted(kept).call("GET /app", 0.3, 200)

    assert kept.get_sample_value("gatekeeper_github_seconds_count", {"operation": "GET /app", "status": "200"}) == 1


@pytest.mark.parametrize(
    ("address", "headers", "code"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("::1", {}, 200),
        ("8.8.8.8", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.1"}, 403),
        ("", {}, 403),
    ],
)
def test_without_a_token_only_near_addresses_see_metrics(address: str, headers: dict[str, str], code: int) -> None:
    asked: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": address}, "headers": headers}

    assert _client().get("/metrics", **asked).status_code == code


@pytest.mark.parametrize(
    ("given", "code"), [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401), ("", 401), ("Bearer rïght", 401)]
)
def test_with_a_token_only_its_bearer_sees_metrics(given: str, code: int) -> None:
    assert _client(token="right").get("/metrics", headers={"Authorization": given}).status_code == code
