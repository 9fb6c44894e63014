"""Headers + body -> Delivery, without I/O.

The headers are those of "Webhook events and payloads" in GitHub's documentation, under "Delivery headers".
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pydantic_core

# GitHub sends UUIDs and short words
_LONGEST_HEADER = 64
# of an id as a database keeps it
_LARGEST_ID = 2**63 - 1


class MalformedDelivery(Exception):  # noqa: N818 - named as GitHub's user reads it
    """The delivery is not what GitHub sends, and the message says in what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook as received."""

    # the same again when GitHub delivers it again
    id: str
    # such as `pull_request`
    event: str
    # such as `opened`; None where the event has none
    action: str | None
    # of the webhook that sent it
    hook_id: int | None
    # of the App, repository or organization that the webhook belongs to
    target_id: int | None
    payload: Mapping[str, object]
    # what `payload` was read from, and what is signed
    body: bytes


def parse(headers: Mapping[str, str], body: bytes) -> Delivery:
    """Return what arrived; the names of `headers` may be written in any case. Raises MalformedDelivery."""
    named = {name.lower(): value for name, value in headers.items()}
    payload = _payload(body)
    return Delivery(
        id=_word(named, "X-GitHub-Delivery"),
        event=_word(named, "X-GitHub-Event"),
        action=_action(payload),
        hook_id=_number(named, "X-GitHub-Hook-ID"),
        target_id=_number(named, "X-GitHub-Hook-Installation-Target-ID"),
        payload=payload,
        body=body,
    )


def shown(text: str, at_most: int = 100) -> str:
    """Return the beginning of what somebody else wrote, fit for one line of a message."""
    cut = text if len(text) <= at_most else f"{text[:at_most]}…"
    return "".join(character if character.isprintable() else "\ufffd" for character in cut)


def _word(named: Mapping[str, str], name: str) -> str:
    value = named.get(name.lower(), "")
    if not value:
        raise MalformedDelivery(f"the header {name} is missing")
    if len(value) > _LONGEST_HEADER:
        raise MalformedDelivery(f"the header {name} is longer than {_LONGEST_HEADER} characters")
    if not (value.isascii() and value.isprintable()):
        raise MalformedDelivery(f"the header {name} has characters that are not printable ASCII")
    return value


def _number(named: Mapping[str, str], name: str) -> int | None:
    value = named.get(name.lower())
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(_LARGEST_ID))) or int(value) > _LARGEST_ID:
        raise MalformedDelivery(f"the header {name} is not a number from 0 to {_LARGEST_ID}")
    return int(value)


def _payload(body: bytes) -> Mapping[str, object]:
    try:
        # unlike `json`, it takes UTF-8 alone, stops at 200 levels and refuses half a surrogate pair
        payload = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as problem:
        raise MalformedDelivery(f"the body is not JSON in UTF-8: {shown(str(problem))}") from problem
    if not isinstance(payload, dict):
        raise MalformedDelivery("the body is JSON, but not an object")
    return payload


def _action(payload: Mapping[str, object]) -> str | None:
    action = payload.get("action")
    if action is not None and not isinstance(action, str):
        raise MalformedDelivery("the payload's action is not text")
    return action
