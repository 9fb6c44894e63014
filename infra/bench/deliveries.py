"""Deliveries for flood.py: GitHub's own examples with other ids, signed, as the bytes that a connection carries."""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.workflows import names
from tests import webhook_examples
from webhooks import signature

SECRET = "the secret of the flood"  # noqa: S105 - known to both ends of a benchmark
# of all deliveries that are no duplicates, those that ask for a review that was asked for before
AGAIN = 0.05
# characters of a description that make a payload as large as GitHub's: about 28 kB
_DESCRIPTION = 3_000
_REPOSITORIES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request that deliveries tell of."""

    installation: int
    repository: int
    # owner/name
    name: str
    number: int
    head: str
    base: str
    base_ref: str = "main"

    @property
    def review(self) -> str:
        """Return the id of the one review that it must lead to."""
        return names.review(self.repository, self.number, self.head, self.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery to be sent; duplicates are equal."""

    id: str
    pull: Pull


def pulls_needed(total: int, duplicates: float) -> int:
    """Return how many pull requests `planned` tells of, with as many deliveries."""
    distinct = total - round(total * duplicates)
    return distinct - round(distinct * AGAIN)


def invented(count: int) -> list[Pull]:
    """Return pull requests of several repositories, of an installation that nobody asks GitHub about."""
    return [
        Pull(
            installation=1,
            repository=1_000 + number % _REPOSITORIES,
            name=f"octo/hello-{number % _REPOSITORIES}",
            number=1 + number // _REPOSITORIES,
            head=_sha(f"head {number}"),
            base=_sha(f"base {number % _REPOSITORIES}"),
        )
        for number in range(count)
    ]


def planned(pulls: Sequence[Pull], total: int, duplicates: float, chance: random.Random) -> list[Delivery]:
    """Return `total` deliveries in the order in which they are sent, that share of them duplicates.

    Half of the duplicates follow their original at once, so that both are under way together; the others come
    anywhere after it. Each pull request is told of, some by two deliveries that are no duplicates.
    """
    distinct = total - round(total * duplicates)
    told = [*pulls, *chance.choices(pulls, k=distinct - len(pulls))]
    order = [Delivery(id=_guid(chance), pull=pull) for pull in told]
    for turn, original in enumerate(chance.sample(order, total - distinct)):
        behind = order.index(original) + 1
        order.insert(behind if turn % 2 else chance.randint(behind, len(order)), original)
    return order


def write(deliveries: Sequence[Delivery], file: Path) -> None:
    """Write the requests one after the other, behind a line with their sizes, which is a list in JSON."""
    requests = list(_requests(deliveries))
    head = json.dumps([len(request) for request in requests]).encode()
    file.write_bytes(b"\n".join((head, b"".join(requests))))


def _requests(deliveries: Sequence[Delivery]) -> Iterator[bytes]:
    payload = webhook_examples.first("pull_request", "synchronize")
    payload["pull_request"]["body"] = "What this changes, and why. " * (_DESCRIPTION // 28)
    return (_request(delivery, _body(payload, delivery.pull)) for delivery in deliveries)


def _body(payload: dict[str, Any], pull: Pull) -> bytes:
    owner, _, name = pull.name.partition("/")
    named = {"id": pull.repository, "name": name, "full_name": pull.name}
    payload["number"] = pull.number
    payload["after"] = pull.head
    payload["installation"]["id"] = pull.installation
    payload["repository"] |= named
    payload["repository"]["owner"]["login"] = owner
    shown = payload["pull_request"]
    shown |= {"id": int(pull.head[:12], 16), "number": pull.number}
    shown["head"] |= {"sha": pull.head, "ref": f"topic-{pull.number}"}
    shown["base"] |= {"sha": pull.base, "ref": pull.base_ref}
    shown["head"]["repo"] |= named
    shown["base"]["repo"] |= named
    return json.dumps(payload, separators=(",", ":")).encode()


def _request(delivery: Delivery, body: bytes) -> bytes:
    # as in "Webhook events and payloads" of GitHub's documentation, under "Delivery headers"
    lines = (
        "POST /webhooks HTTP/1.1",
        "Host: gatekeeper.example",
        "User-Agent: GitHub-Hookshot/044aadd",
        "Accept: */*",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"X-GitHub-Delivery: {delivery.id}",
        "X-GitHub-Event: pull_request",
        "X-GitHub-Hook-ID: 292430182",
        "X-GitHub-Hook-Installation-Target-ID: 79929171",
        "X-GitHub-Hook-Installation-Target-Type: integration",
        f"X-Hub-Signature-256: {signature.sign(SECRET.encode(), body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


def _guid(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
