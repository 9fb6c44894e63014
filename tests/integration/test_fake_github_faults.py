import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fakes.github import faults, scene, state

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_RUNS = "/repos/octo/hello/check-runs"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        yield stood


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.server_error(), 500),
        (faults.server_error(502), 502),
        (faults.server_error(502, handled=True), 502),
        (faults.secondary_limit(7), 403),
    ],
    ids=["500", "502", "502 after the work", "secondary limit"],
)
def test_a_call_fails_once_and_then_goes_through(here: scene.Scene, fault: faults.Fault, status: int) -> None:
    pull = here.pull()
    here.world.faults = faults.each_once(fault)

    answers = [_create(here, pull) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, 201]
    assert answers[0].headers.get("Retry-After") == ("7" if status == 403 else None)
    assert len(here.world.runs_at(here.hello, pull.head_sha)) == 1 + fault.handled


@pytest.mark.parametrize("handled", [False, True])
def test_a_connection_is_reset_before_or_after_the_work(here: scene.Scene, *, handled: bool) -> None:
    pull = here.pull()
    here.world.faults = faults.each_once(faults.reset(handled=handled))

    with pytest.raises(requests.ConnectionError) as caught:
        _create(here, pull)

    assert "Connection reset by peer" in str(caught.value)
    assert len(here.world.runs_at(here.hello, pull.head_sha)) == handled
    assert _create(here, pull).status_code == 201


@pytest.mark.parametrize("handled", [False, True])
def test_an_answer_takes_longer_than_the_client_waits(here: scene.Scene, *, handled: bool) -> None:
    pull = here.pull()
    here.world.faults = faults.each_once(faults.slow(30, handled=handled))
    began = time.monotonic()

    with pytest.raises(requests.Timeout):
        requests.post(
            f"{here.api_url}{_RUNS}",
            json={"name": "a", "head_sha": pull.head_sha},
            headers={"Authorization": f"token {here.caller.token}"},
            timeout=0.2,
        )

    assert time.monotonic() - began < 5
    assert len(here.world.runs_at(here.hello, pull.head_sha)) == handled


def test_a_plan_sees_the_route_and_counts_attempts(here: scene.Scene) -> None:
    seen: list[tuple[str, str, int]] = []

    def plan(call: faults.Call) -> faults.Fault | None:
        seen.append((call.method, call.route, call.attempt))
        return None

    here.world.faults = plan
    for _ in range(2):
        here.caller.get("/repos/octo/hello/commits/main")
    here.caller.ask("GET", "/nonsense")

    assert seen == [
        ("GET", "/repos/{owner}/{repo}/commits/{ref}", 1),
        ("GET", "/repos/{owner}/{repo}/commits/{ref}", 2),
        ("GET", "", 1),
    ]


def test_one_request_of_many_can_be_broken(here: scene.Scene) -> None:
    here.world.faults = faults.at(here.world.requests + 2, faults.server_error())

    assert [here.caller.ask("GET", "/meta").status_code for _ in range(3)] == [200, 500, 200]


def test_the_log_tells_what_was_asked_even_where_the_answer_was_lost(here: scene.Scene) -> None:
    pull = here.pull()
    here.world.faults = faults.each_once(faults.reset(handled=True))
    with pytest.raises(requests.ConnectionError):
        _create(here, pull)

    entry = here.world.log[-1]

    assert (entry.call.method, entry.call.path, entry.status) == ("POST", f"/api/v3{_RUNS}", 201)
    assert entry.caller == f"installation ID {here.installation.id}"
    assert entry.token == here.caller.token
    assert entry.json == {"name": "Gatekeeper", "head_sha": pull.head_sha}


def test_every_answer_says_what_is_left_of_the_hour(here: scene.Scene) -> None:
    first, second = (here.caller.ask("GET", "/meta").headers for _ in range(2))

    assert first["x-ratelimit-limit"] == "5000"
    assert int(first["x-ratelimit-remaining"]) - int(second["x-ratelimit-remaining"]) == 1
    assert int(second["x-ratelimit-reset"]) > here.world.now().timestamp()
    assert here.caller.get("/rate_limit")["rate"]


def test_the_hours_requests_run_out_and_come_back(here: scene.Scene) -> None:
    here.world.limits.exhaust(here.installation, here.world.now())
    answer = here.caller.ask("GET", "/repos/octo/hello")

    assert answer.status_code == 403
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert "API rate limit exceeded" in answer.json()["message"]

    here.world.clock.advance(seconds=int(answer.headers["x-ratelimit-reset"]) - here.world.now().timestamp())
    token = here.token()
    assert requests.get(f"{here.api_url}/repos/octo/hello", headers={"Authorization": f"token {token}"}, timeout=10).ok


def test_a_minute_has_so_many_points_and_a_write_costs_five(here: scene.Scene) -> None:
    pull = here.pull()
    here.world.limits.points_a_minute = 12

    answers = [_create(here, pull) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 403]
    assert "secondary rate limit" in answers[2].json()["message"]
    here.world.clock.advance(seconds=int(answers[2].headers["Retry-After"]))
    assert _create(here, pull).status_code == 201


def test_a_minute_has_so_many_new_comments(here: scene.Scene) -> None:
    here.pull()
    here.world.limits.creations_a_minute = 2
    path = "/repos/octo/hello/issues/1/comments"

    answers = [here.caller.ask("POST", path, {"body": "word"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 403]
    assert int(answers[2].headers["Retry-After"]) <= 61
    assert here.world.limits.refused == {"secondary": 1}


def test_what_did_not_change_is_not_sent_again(here: scene.Scene) -> None:
    answer = here.caller.ask("GET", "/repos/octo/hello")
    again = here.caller.ask("GET", "/repos/octo/hello", headers={"If-None-Match": answer.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def _create(here: scene.Scene, pull: state.Pull) -> requests.Response:
    return here.caller.ask("POST", _RUNS, {"name": "Gatekeeper", "head_sha": pull.head_sha})
