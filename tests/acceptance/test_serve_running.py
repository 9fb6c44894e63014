import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance import serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]

_PING = {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {"type": "App", "id": 1, "events": []}}


def test_a_service_becomes_ready_takes_deliveries_and_ends_when_it_is_asked_to(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with serving.serving(tmp_path, {**environment, "GATEKEEPER_DRAIN": "3"}) as service:
        service.until_ready()
        assert service.ask("/healthz").json == {"status": "alive"}
        assert service.deliver("ping", _PING, serving.SECRET).status in {200, 202}
        assert service.deliver("ping", _PING, "another secret").status == 401
        counted = service.ask("/metrics").text
        assert 'gatekeeper_deliveries_total{answer="401",event="ping"} 1.0' in counted
        assert "gatekeeper_workers 1.0" in counted
        below = service.processes()

        service.process.send_signal(signal.SIGTERM)

        service.until(lambda: service.ask("/readyz").status == 503, "not ready")
        assert service.ask("/readyz").json["parts"]["process"] == "it is stopping"
        assert service.ended() == 0
        assert not any(map(serving.lives, below))
        logged = [event for event in service.events() if event["event"] == "delivery"]
        assert [event["status"] for event in logged][-1] == 401
        assert {event["delivery"] for event in logged} == {"72d3162e-cc78"}
        assert "Traceback" not in service.log.read_text()


def test_a_killed_process_is_started_again(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, environment) as service:
        service.until_ready()
        for role in ("web", "worker", "broker"):
            before = service.child(role)
            os.kill(before, signal.SIGKILL)
            service.until(lambda before=before: not serving.lives(before), f"end of the {role}")  # type: ignore[misc]

            assert service.child(role) != before
        service.until_ready()


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, environment) as service:
        service.until_ready()
        below = service.processes()
        assert len(below) >= 4

        service.process.kill()

        until = time.monotonic() + 2
        while any(map(serving.lives, below)) and time.monotonic() < until:
            time.sleep(0.02)
        assert [command for number, command in below.items() if serving.lives(number)] == []


def test_each_process_is_told_its_own_secrets_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, {**environment, "UNRELATED_SECRET": "hidden"}) as service:
        service.until_ready()
        web, worker = (serving.environment_of(service.child(role)) for role in ("web", "worker"))

        assert web["GATEKEEPER_WEBHOOK_SECRET"] == serving.SECRET
        assert serving.SECRET not in worker.values()
        key = environment["GATEKEEPER_APP_KEY_FILE"]
        assert key not in web.values()
        assert key not in worker.values()
        assert "UNRELATED_SECRET" not in {*web, *worker}


def test_a_service_that_polls_needs_no_webhook(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, {**environment, "GATEKEEPER_WEBHOOK_SECRET": ""}, "--poll") as service:
        service.until_ready()

        assert service.deliver("ping", _PING, serving.SECRET).status == 404
        assert "looked for every 60 s" in "".join(service.said)


def test_without_a_webhook_secret_it_does_not_start(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, {**environment, "GATEKEEPER_WEBHOOK_SECRET": ""}) as service:
        assert service.ended() == 2
        assert "GATEKEEPER_WEBHOOK_SECRET is not set" in service.log.read_text()


def test_a_key_that_github_does_not_take_ends_it_and_is_told(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, {**environment, "GATEKEEPER_APP_ID": "999999"}) as service:
        assert service.ended() == 1
        said = [event.get("reason", "") for event in service.events()]
        assert any("GitHub does not take the private key for the App 999999" in reason for reason in said)
        assert "the broker process cannot run" in said[-1]
