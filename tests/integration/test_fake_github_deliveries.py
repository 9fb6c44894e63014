import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import github
from tests.fakes.github import scene, state

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class _Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers as its server is told to."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, _Hooked)
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Hooked(http.server.HTTPServer):
    received: list[tuple[dict[str, str], bytes]]
    status = 202

    @property
    def guids(self) -> list[str]:
        return [headers["X-GitHub-Delivery"] for headers, _ in self.received]


@pytest.fixture
def hook() -> Iterator[_Hooked]:
    server = _Hooked(("127.0.0.1", 0), _Hook)
    server.received = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def here(tmp_path: Path, hook: _Hooked) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path, hook_url=f"http://127.0.0.1:{hook.server_port}/") as stood:
        stood.world.office.wait()
        hook.received.clear()
        yield stood


def test_deliveries_are_signed_and_come_in_order(here: scene.Scene, hook: _Hooked) -> None:
    here.pull()
    here.world.office.wait()

    assert [headers["X-GitHub-Event"] for headers, _ in hook.received] == ["check_suite", "pull_request"]
    for headers, body in hook.received:
        assert here.app.webhook_secret is not None
        digest = hmac.new(here.app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
        assert json.loads(body)["installation"]["id"] == here.installation.id


def test_a_redelivery_has_the_same_guid_and_bytes(here: scene.Scene, hook: _Hooked) -> None:
    hook.status = 500
    here.pull()
    here.world.office.wait()
    failed = [one for one in _listed(here) if one["status_code"] == 500]
    hook.status = 202

    answer = here.keyed.ask("POST", f"/app/hook/deliveries/{failed[0]['id']}/attempts")
    here.world.office.wait()

    again = _listed(here)[0]
    assert answer.status_code == 202
    assert (again["guid"], again["redelivery"], again["status_code"]) == (failed[0]["guid"], True, 202)
    assert hook.received[-1][1] == hook.received[-2][1]
    assert here.keyed.get(f"/app/hook/deliveries/{again['id']}")["request"] == {
        "headers": here.world.deliveries[-1].headers,
        "payload": json.loads(hook.received[-1][1]),
    }


def test_deliveries_are_held_and_released_in_any_order(here: scene.Scene, hook: _Hooked) -> None:
    here.world.office.fate = lambda _: github.Fate.HOLD
    here.pull()
    here.world.office.wait()
    assert hook.received == []
    assert "pull_request" not in [one["event"] for one in _listed(here)]

    held = [delivery.guid for delivery in here.world.office.held]
    here.world.office.release(reversed)
    here.world.office.wait()

    assert hook.guids == held[::-1]


@pytest.mark.parametrize(
    ("fate", "received", "codes"),
    [
        (github.Fate.SEND, 1, [202]),
        (github.Fate.TWICE, 2, [202]),
        (github.Fate.FAIL, 0, [502]),
        (github.Fate.LOSE, 0, []),
    ],
)
def test_a_delivery_meets_its_fate(
    here: scene.Scene, hook: _Hooked, fate: github.Fate, received: int, codes: list[int]
) -> None:
    pull = here.pull()
    here.world.office.wait()
    hook.received.clear()
    known = {delivery.id for delivery in here.world.deliveries}

    here.world.office.fate = lambda _: fate
    here.world.label(pull, "bug")
    here.world.office.wait()

    assert len(hook.received) == received
    assert len(set(hook.guids)) <= 1
    assert [one["status_code"] for one in _listed(here) if one["id"] not in known] == codes


def test_the_list_goes_by_cursor_newest_first(here: scene.Scene) -> None:
    pull = here.pull()
    for number in range(5):
        here.world.label(pull, f"label {number}")
    path, found = "/app/hook/deliveries?per_page=3", list[int]()
    while path:
        answer = here.keyed.ask("GET", path)
        found += [one["id"] for one in answer.json()]
        path = answer.links.get("next", {}).get("url", "").removeprefix(here.api_url)

    assert found == [delivery.id for delivery in reversed(here.world.deliveries)]


def test_the_list_lags_until_it_settles(here: scene.Scene) -> None:
    before = len(_listed(here))
    here.world.lag.lists = 3
    here.pull()
    assert len(_listed(here)) == before

    here.world.settle()

    assert len(_listed(here)) == before + 2


def test_an_app_hears_only_what_it_subscribed_to_and_may_read(tmp_path: Path) -> None:
    world = github.World(tmp_path)
    app = world.create_app(events=["pull_request", "issue_comment"], permissions={"pull_requests": "read"})
    hello = world.create_repository("octo/hello")
    world.install(app, "octo")
    world.push(hello, "topic", {"a": "b"})
    pull = world.open_pull(hello, "topic")
    world.review(pull, "ada", "a", 1, "a remark")
    world.comment(pull, "ada", "a word")

    assert [delivery.event for delivery in world.deliveries] == ["installation", "pull_request", "issue_comment"]


def _listed(here: scene.Scene) -> list[state.Json]:
    answer = here.keyed.ask("GET", "/app/hook/deliveries?per_page=100")
    found: list[state.Json] = answer.json()
    return found
