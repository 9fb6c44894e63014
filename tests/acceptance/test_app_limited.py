"""A rate limit of one installation keeps nobody else waiting."""

import time
from pathlib import Path

import pytest

from tests.acceptance import service as services
from tests.acceptance.program import LIBRARY, WRONG
from tests.fakes.github import faults

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]

BLOCKING = {**LIBRARY, ".github/gatekeeper.yml": "authority: block\nearn: false\n"}
# longer than a workflow keeps its place
_WAIT = 12


def test_others_are_reviewed_while_one_installation_has_to_wait(tmp_path: Path, cache: Path) -> None:
    with services.started(tmp_path, cache, GATEKEEPER_REVIEWS="1") as service:
        limited, free = service.repository("aaa/limited", BLOCKING), service.repository("bbb/free", BLOCKING)
        service.world.faults = lambda call: (
            faults.secondary_limit(_WAIT) if "/aaa/limited/pulls/" in call.path and call.attempt == 1 else None
        )
        began = time.monotonic()
        # more than one installation has places
        heads = [service.world.push(limited, f"topic-{number}", dict(WRONG), start="main") for number in range(6)]
        pulls = [service.world.open_pull(limited, f"topic-{number}", author="ada") for number in range(6)]
        service.world.push(free, "topic", dict(WRONG))
        other = service.world.open_pull(free, "topic", author="eve")

        service.completed(free, other.head_sha, "failure")

        assert time.monotonic() - began < _WAIT
        assert not service.world.runs_at(limited, heads[0], service.app)
        assert service.completed(limited, pulls[0].head_sha, "failure")
