"""GitHub's webhook payloads as others recorded them, from tests/assets/webhooks/."""

import functools
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webhooks import delivery

_FILE = Path(__file__).resolve().parent / "assets/webhooks/examples.json.gz"
# what GitHub sends beside a body
ID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    event: str
    payload: dict[str, Any]

    @property
    def action(self) -> str | None:
        return self.payload.get("action")


@functools.cache
def _read() -> str:
    return gzip.decompress(_FILE.read_bytes()).decode()


def every() -> Iterator[Example]:
    """Yield every example anew: a test may change what it gets."""
    for example in json.loads(_read())["examples"]:
        yield Example(event=example["event"], payload=example["payload"])


def first(event: str, action: str | None = None) -> dict[str, Any]:
    """Return the first payload of a kind, to be changed as a test likes."""
    return next(example.payload for example in every() if (example.event, example.action) == (event, action))


def merge_group_destroyed() -> dict[str, Any]:
    """Return what the examples lack, by "Webhook events and payloads" in GitHub's documentation."""
    requested = first("merge_group", "checks_requested")
    return {**requested, "action": "destroyed", "reason": "invalidated"}


def comment_on_pull_request() -> dict[str, Any]:
    """Return what the examples lack: all comments there are on issues."""
    payload = first("issue_comment", "created")
    payload["issue"]["pull_request"] = {"url": "https://api.github.com/repos/Codertocat/Hello-World/pulls/1"}
    return payload


def edited(changes: dict[str, Any]) -> dict[str, Any]:
    """Return what the examples lack."""
    return {**first("pull_request", "opened"), "action": "edited", "changes": changes}


def received(event: str, payload: dict[str, Any]) -> delivery.Delivery:
    """Return what arrives when GitHub sends `payload`."""
    return delivery.parse({"X-GitHub-Delivery": ID, "X-GitHub-Event": event}, json.dumps(payload).encode())
