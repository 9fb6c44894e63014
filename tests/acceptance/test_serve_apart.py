import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import databases
from tests.acceptance import serving
from tests.acceptance.program import COMMAND

pytestmark = [
    pytest.mark.slow,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]

_PING = {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {"type": "App", "id": 1, "events": []}}


@pytest.fixture(name="postgresql")
def _postgresql() -> Iterator[str]:
    with databases.postgresql() as url:
        yield url


@contextmanager
def _running(command: str, environment: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    given = {**serving.settings(folder), **environment}
    with (folder / f"{command}.log").open("w") as log:
        process = subprocess.Popen([*COMMAND, command], env=given, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def test_a_broker_run_apart_spares_the_service_the_key(tmp_path: Path, environment: dict[str, str]) -> None:
    without = {**environment, "GATEKEEPER_APP_KEY_FILE": ""}
    with _running("broker", environment, tmp_path) as broker:
        while not (tmp_path / "b").exists():
            assert broker.poll() is None
            time.sleep(0.05)
        with serving.serving(tmp_path, without) as service:
            service.until_ready()
            assert not any("child broker" in command for command in service.processes().values())
        assert broker.poll() is None

        broker.send_signal(signal.SIGTERM)

        assert broker.wait(30) == 0
    assert not (tmp_path / "b").exists()


def test_web_server_and_worker_run_apart(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, environment, "--no-work") as service:
        service.until_ready()
        assert service.ask("/readyz").json["parts"] == {"process": "ok", "database": "ok"}
        assert service.deliver("ping", _PING, serving.SECRET).status in {200, 202}
        assert "gatekeeper_workers 0.0" in service.ask("/metrics").text

        with _running("work", environment, tmp_path) as worker:
            service.until(lambda: "gatekeeper_workers 1.0" in service.ask("/metrics").text, "a worker")
            # the worker's counters did not take the place of the web server's
            assert 'event="ping"} 1.0' in service.ask("/metrics").text
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0


def test_on_postgresql_it_asks_for_the_upgrade_and_then_runs(
    tmp_path: Path, environment: dict[str, str], postgresql: str
) -> None:
    environment["GATEKEEPER_DATABASE"] = postgresql
    with serving.serving(tmp_path, environment) as early:
        assert early.ended() == 2
        assert "run `gatekeeper db upgrade`" in early.log.read_text()
    subprocess.run([*COMMAND, "db", "upgrade", "--database", postgresql], check=True, stdout=subprocess.DEVNULL)

    with serving.serving(tmp_path, {**environment, "GATEKEEPER_WEB_WORKERS": "2"}) as service:
        service.until_ready()
        for number in range(20):
            assert service.deliver("ping", _PING, serving.SECRET, f"ping-{number}").status in {200, 202}

        # whichever of the two processes is asked
        shown = {line for _ in range(4) for line in service.ask("/metrics").text.splitlines() if "total{" in line}
        assert len(shown) == 1
        assert shown.pop().endswith(" 20.0")


def test_an_address_that_is_taken_is_told_at_once(tmp_path: Path, environment: dict[str, str]) -> None:
    with serving.serving(tmp_path, {}) as first:
        first.until(lambda: first.ask("/healthz").status == 200, "the setup page")
        address = first.address.removeprefix("http://")
        (tmp_path / "second").mkdir()

        with serving.serving(tmp_path / "second", {**environment, "GATEKEEPER_LISTEN": address}) as second:
            assert second.ended() == 2
            assert f"the web server cannot listen on {address}: Address already in use" in second.log.read_text()


def test_a_command_that_serves_nothing_imports_nothing_of_the_service() -> None:
    code = """
import sys
from click.testing import CliRunner
from gatekeeper import cli
for words in (["review", "--help"], ["serve", "--help"], ["--help"]):
    assert CliRunner().invoke(cli.main, words).exit_code == 0
print([name for name in ("flask", "dbos", "gunicorn", "github", "sqlalchemy", "structlog") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
