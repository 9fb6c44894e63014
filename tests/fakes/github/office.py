"""Deliveries of webhooks: signed, listed, and sent over HTTP in their order, unless a test says otherwise."""

import enum
import hashlib
import hmac
import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace

import requests

from tests.fakes.github import description, problems, state, store


class Fate(enum.Enum):
    """What becomes of a delivery."""

    SEND = "sent to the App's hook URL"
    TWICE = "sent two times, with the same GUID"
    HOLD = "kept until `release`, and listed then"
    FAIL = "listed as failed and not sent"
    LOSE = "neither listed nor sent: GitHub forgot it"


class Office:
    """Makes deliveries and sends them in a thread; `fate` decides on each, and is a test's to replace."""

    def __init__(self, world: store.Store) -> None:
        self.fate: Callable[[state.Delivery], Fate] = lambda _: Fate.SEND
        self.held: list[state.Delivery] = []
        self.timeout = 10.0
        self._world = world
        self._waiting: queue.Queue[state.Delivery | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def make(
        self,
        app: state.App,
        event: str,
        payload: state.Json,
        installation: state.Installation | None = None,
        repository: state.Repository | None = None,
    ) -> state.Delivery:
        """Make a delivery of the event to the App and hand it on as `fate` says."""
        why = description.wrong_event(event, payload)
        if why:
            self._world.drift.append(why)
            raise AssertionError(why)
        action = payload.get("action")
        delivery = state.Delivery(
            id=self._world.next_id(),
            guid=str(uuid.uuid4()),
            app=app,
            event=event,
            action=action if isinstance(action, str) else None,
            installation=None if installation is None else installation.id,
            repository=None if repository is None else repository.id,
            headers={},
            body=json.dumps(payload, separators=(",", ":")).encode(),
            made=self._world.now(),
            shows=self._world.when_listed(),
        )
        delivery.headers = _headers(delivery)
        self._hand_on(delivery)
        return delivery

    def redeliver(self, delivery: state.Delivery) -> None:
        """Send it again: another attempt with the same GUID and bytes."""
        again = replace(
            delivery,
            id=self._world.next_id(),
            made=self._world.now(),
            shows=self._world.when_listed(),
            redelivery=True,
            status_code=0,
            status="pending",
        )
        self._hand_on(again)

    def release(self, order: Callable[[list[state.Delivery]], Iterable[state.Delivery]] = list) -> None:
        """Send what was held, in the order that the function puts it; what it leaves out stays unsent."""
        with self._world.lock:
            held, self.held = self.held, []
        for delivery in order(held):
            self._send(delivery)

    def wait(self) -> None:
        """Return once all that was to be sent has been answered."""
        self._waiting.join()

    def stop(self) -> None:
        """Send what waits and end the thread."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _hand_on(self, delivery: state.Delivery) -> None:
        fate = self.fate(delivery)
        if fate is Fate.LOSE:
            return
        self._world.deliveries.append(delivery)
        match fate:
            case Fate.SEND:
                self._send(delivery)
            case Fate.TWICE:
                self._send(delivery)
                self._send(delivery)
            case Fate.HOLD:
                self.held.append(delivery)
            case Fate.FAIL:
                delivery.status_code, delivery.status = 502, "failed to connect to host"

    def _send(self, delivery: state.Delivery) -> None:
        if delivery.app.hook_url is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True, name="deliveries")
            self._thread.start()
        self._waiting.put(delivery)

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (delivery := self._waiting.get()) is not None:
                self._post(session, delivery)
                self._waiting.task_done()
            self._waiting.task_done()

    def _post(self, session: requests.Session, delivery: state.Delivery) -> None:
        assert delivery.app.hook_url is not None
        began = time.monotonic()
        try:
            answer = session.post(
                delivery.app.hook_url, data=delivery.body, headers=delivery.headers, timeout=self.timeout
            )
        except requests.Timeout:
            code, status, text = 504, "timed out", ""
        except requests.RequestException:
            code, status, text = 502, "failed to connect to host", ""
        else:
            code, status, text = answer.status_code, "OK" if answer.ok else answer.reason, answer.text
        with self._world.lock:
            delivery.status_code, delivery.status, delivery.answer = code, status, text
            delivery.duration = round(time.monotonic() - began, 3)


def find(world: store.Store, app: state.App, number: int) -> state.Delivery:
    """Return the App's delivery of that id."""
    for delivery in world.deliveries:
        if delivery.id == number and delivery.app is app:
            return delivery
    raise problems.not_found()


def _headers(delivery: state.Delivery) -> dict[str, str]:
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/0000000",
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(delivery.app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(delivery.app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    if delivery.app.webhook_secret is not None:
        secret = delivery.app.webhook_secret.encode()
        for name, digest in (("X-Hub-Signature", hashlib.sha1), ("X-Hub-Signature-256", hashlib.sha256)):
            signed = hmac.new(secret, delivery.body, digest).hexdigest()
            headers[name] = f"{digest().name}={signed}"
    return headers
