"""`gatekeeper serve --open`: everything, to this machine's own browsers alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import testing

from gatekeeper import errors, settings
from gatekeeper.store import database, records
from gatekeeper.wiring import app, serve
from tests.integration import report_samples

_HTML = {"Accept": "text/html"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[testing.FlaskClient]:
    running = os.pipe()
    chosen = settings.read({"GATEKEEPER_DATA": str(tmp_path), "GATEKEEPER_PROXIES": "1"})
    engine = database.open_database(chosen.database)
    records.record(engine, report_samples.realistic())
    yield app.show(chosen, running[0]).test_client()
    engine.dispose()
    for end in running:
        os.close(end)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.1", "LOCALHOST", "[::1]"])
def test_everything_is_shown_to_this_machine(client: testing.FlaskClient, host: str) -> None:
    review = report_samples.realistic().id
    for path in ("/", f"/reviews/{review}", "/work", "/api/repositories", "/reviews.json"):
        assert client.get(path, headers=_HTML | {"Host": host}).status_code == 200, path


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8000",
        "evil.example#127.0.0.1",
        "192.168.1.2:8000",
        "0.0.0.0:8000",
        "[::ffff:10.0.0.1]:8000",
        "2130706433",
        "",
    ],
)
def test_a_name_that_was_led_here_sees_nothing(client: testing.FlaskClient, host: str) -> None:
    for path in ("/", "/reviews", "/api/repositories", "/healthz", "/static/x/pages.css", "/nothing"):
        answer = client.get(path, headers=_HTML | {"Host": host})
        assert answer.status_code in {400, 403}, path
        assert "acme" not in answer.text


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"])
def test_a_proxy_sees_nothing_though_it_says_that_it_is_near(client: testing.FlaskClient, header: str) -> None:
    assert client.get("/", headers=_HTML | {"Host": "127.0.0.1", header: "127.0.0.1"}).status_code == 403


def test_there_is_nothing_to_sign_in_to_or_to_send(client: testing.FlaskClient) -> None:
    for path in ("/sign-in", "/sign-out", "/tokens", "/webhooks", "/api/outcomes", "/setup", "/metrics"):
        assert client.get(path, headers=_HTML).status_code == 404
        assert client.post(path, headers=_HTML).status_code in {404, 405}


@pytest.mark.parametrize(
    ("environ", "wanted", "said"),
    [
        ({"GATEKEEPER_APP_ID": "1"}, serve.Wanted(open=True), "an App is set up"),
        ({"GATEKEEPER_LISTEN": "0.0.0.0:8000"}, serve.Wanted(open=True), "not this machine alone"),
        ({"GATEKEEPER_LISTEN": "gate.example:8000"}, serve.Wanted(open=True), "not this machine alone"),
        ({"GATEKEEPER_LISTEN": "[::]:8000"}, serve.Wanted(open=True), "not this machine alone"),
        ({}, serve.Wanted(open=True, polling=True), "for looking alone"),
        ({}, serve.Wanted(open=True, work=False), "for looking alone"),
    ],
)
def test_it_is_refused_where_it_would_show_more_than_it_is_for(
    tmp_path: Path, environ: dict[str, str], wanted: serve.Wanted, said: str
) -> None:
    given = {"GATEKEEPER_DATA": str(tmp_path), **environ}
    service = serve.Service(settings.read(given), wanted, given)

    with pytest.raises(errors.UsageError, match=said):
        service.check()


@pytest.mark.parametrize("listen", ["127.0.0.1:8000", "[::1]:8000", "localhost:8000"])
def test_it_runs_the_web_server_alone(tmp_path: Path, listen: str) -> None:
    given = {"GATEKEEPER_DATA": str(tmp_path), "GATEKEEPER_LISTEN": listen}
    service = serve.Service(settings.read(given), serve.Wanted(open=True), given)
    service.check()

    (program,) = service.programs()

    assert program.name == "web"
    assert "--open" in program.command
    assert "GATEKEEPER_SETUP_TOKEN" not in program.environment
    (tmp_path / "app").mkdir()
    (tmp_path / "app/app.json").write_text("{}")
    assert service.reconsidered() is None
    assert "everything that is recorded" in "\n".join(service.described())
