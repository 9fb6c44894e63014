"""The flood of `infra/bench/flood.py`, small and without its figures: they are the machine's, what is kept is not."""

import importlib
import os
import random
import subprocess
import sys
import threading
import time
from concurrent import futures
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import orm

from gatekeeper.store import database, deliveries
from gatekeeper.web import intake
from gatekeeper.workflows import durable
from tests import webhook_examples
from webhooks import events, receiver

pytestmark = pytest.mark.slow

_BENCH = Path(__file__).resolve().parents[2] / "infra/bench"
_SIZE = {"deliveries": 200, "duplicates": 0.2, "connections": 32}


@pytest.fixture(name="flood")
def _flood(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(_BENCH)
    return importlib.import_module("flood")


@pytest.fixture(name="postgres")
def _postgres() -> str:
    server = os.environ.get("GATEKEEPER_TEST_POSTGRES")
    if not server:
        pytest.skip("GATEKEEPER_TEST_POSTGRES names no PostgreSQL")
    return server


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_none_of_a_flood_is_lost_or_done_twice_on_sqlite(flood: ModuleType, tmp_path: Path) -> None:
    assert flood.flood("paused", tmp_path, None, flood.Size(**_SIZE)).faults == ()


@pytest.mark.enable_socket
def test_none_of_a_flood_is_lost_or_done_twice_on_postgresql(flood: ModuleType, tmp_path: Path, postgres: str) -> None:
    assert flood.flood("paused", tmp_path, postgres, flood.Size(**_SIZE)).faults == ()


def test_a_flood_has_duplicates_at_once_and_later_and_reviews_asked_for_again(flood: ModuleType) -> None:
    made = flood.deliveries
    count = made.pulls_needed(_SIZE["deliveries"], _SIZE["duplicates"])

    sent = made.planned(made.invented(count), _SIZE["deliveries"], _SIZE["duplicates"], random.Random(1))

    assert len(sent) == 200
    assert len({one.id for one in sent}) == 160
    assert len({one.pull.review for one in sent}) == count == 152
    distances = [index - sent.index(one) for index, one in enumerate(sent) if sent.index(one) != index]
    assert len(distances) == 40
    assert distances.count(1) >= 15
    assert max(distances) > 20


def test_what_was_lost_or_done_twice_or_refused_is_said(flood: ModuleType) -> None:
    first, second = (flood.deliveries.Delivery(id=str(n), pull=pull) for n, pull in _numbered(flood, 2))
    kept = flood.Kept(deliveries=["0", "0"], evaluations=[first.pull.review, "else"], requests=[])

    answers = [(0.1, 202, "accepted"), (0.1, 202, "accepted"), (11.0, 503, "unavailable")]
    said = [*flood._late_or_refused(answers), *flood._lost_or_twice([first, first, second], answers, kept)]

    assert said == [
        "1 were answered after more than 10 s",
        "1 were answered with 503 unavailable",
        "1 were accepted more than once",
        "1 lost: no delivery such as 1",
        "1 twice: delivery",
        f"1 lost: no evaluation such as {second.pull.review}",
        "1 too many: evaluation such as else",
        f"2 lost: no request for a review such as {min(first.pull.review, second.pull.review)}",
    ]


class _Slow:
    """Enqueues like a client of DBOS; holds the first delivery's transaction until it is let go, and fails for one."""

    def __init__(self, client: DBOSClient, failing: str) -> None:
        self._enqueue, self._failing = client.enqueue_in_transaction, failing
        self.held, self.go = threading.Event(), threading.Event()

    def enqueue(self, session: orm.Session, options: EnqueueOptions, *args: Any) -> object:
        self.held.set()
        assert self.go.wait(20)
        if self._failing in str(options["workflow_id"]):
            raise ValueError("this one is at fault")
        return self._enqueue(session, options, *args)


def test_a_delivery_that_fails_leaves_those_kept_with_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = database.open_database(f"sqlite:///{tmp_path / 'records.sqlite'}")
    durable.migrate(engine)
    kept = database.kept_open(engine)
    payloads = [_payload(number) for number in range(1, 5)]
    client = durable.client(kept)
    slow = _Slow(client, failing=payloads[1]["pull_request"]["head"]["sha"])
    monkeypatch.setattr(client, "enqueue_in_transaction", slow.enqueue)
    taken = intake.Intake(kept, client, lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def accept(number: int) -> receiver.Accepted:
        given = replace(webhook_examples.received("pull_request", payloads[number]), id=f"delivery-{number}")
        event = events.read(given)
        assert isinstance(event, events.PullRequestPushed)
        return taken.accept(given, event)

    with futures.ThreadPoolExecutor(5) as threads:
        first = threads.submit(accept, 0)
        assert slow.held.wait(20)
        others = [threads.submit(accept, number) for number in (1, 2, 3, 3)]
        while len(taken._line) < 4:
            time.sleep(0.01)
        slow.go.set()
        answers = [one.exception(20) or one.result() for one in (first, *others)]

    assert answers[0] == answers[2] == "accepted"
    assert isinstance(answers[1], ValueError)
    assert set(answers[3:]) == {"accepted", "duplicate"}
    assert deliveries.known(engine, [f"delivery-{n}" for n in range(4)]) == {"delivery-0", "delivery-2", "delivery-3"}
    kept.dispose()


def _payload(number: int) -> dict[str, Any]:
    payload = webhook_examples.first("pull_request", "opened")
    payload["installation"] = {"id": 1}
    payload["pull_request"]["number"] = number
    payload["pull_request"]["head"]["sha"] = f"{number:040x}"
    return payload


def test_it_says_how_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, str(_BENCH / "flood.py"), "--help"], capture_output=True, text=True, check=True
    )

    assert "a flood of deliveries" in done.stdout


def _numbered(flood: ModuleType, count: int) -> list[tuple[int, object]]:
    return list(enumerate(flood.deliveries.invented(count)))
