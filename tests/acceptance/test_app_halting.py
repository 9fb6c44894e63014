"""A change that may not halt, followed to what GitHub shows in the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import service as services
from tests.acceptance.program import LIBRARY, SUMS
from tests.acceptance.service import Service

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("halting")]

_CONFIGURATION = ".github/gatekeeper.yml"
_BLOCKING = "authority: block\nearn: false\n"
_HALVINGS = """

def halvings(number: int) -> int:
    steps = 0
    while number != 1:
        number = number // 2
        steps += 1
    return steps
"""
_TESTED = "from pack import sums\n\n\ndef test_halvings():\n    assert sums.halvings(8) == 3\n"
_CHANGE = {"pack/sums.py": SUMS + _HALVINGS, "tests/test_halvings.py": _TESTED}


@pytest.fixture(scope="module", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    with services.started(tmp_path_factory.mktemp("service"), cache) as one:
        yield one


def test_a_function_that_does_not_halt_fails_the_check_where_that_is_configured_and_leaves_the_verdict(
    service: Service,
) -> None:
    strict = {**LIBRARY, _CONFIGURATION: f"{_BLOCKING}halting: {{block_at: 0.9}}\n"}
    repository = service.repository("octo/halting", strict)
    service.world.push(repository, "topic", _CHANGE)
    pull = service.world.open_pull(repository, "topic", author="ada")

    run = service.completed(repository, pull.head_sha)

    assert run.conclusion == "failure"
    assert (run.title or "").startswith("1 function does not halt; would pass: ")
    assert "1 function does not halt: `halvings`. It fails for that alone" in (run.summary or "")
    assert [note["annotation_level"] for note in run.annotations if str(note["title"]).startswith("halvings ")] == [
        "failure"
    ]


def test_a_function_that_does_not_halt_fails_nothing_by_itself(service: Service) -> None:
    repository = service.repository("octo/lenient", {**LIBRARY, _CONFIGURATION: _BLOCKING})
    service.world.push(repository, "topic", _CHANGE)
    pull = service.world.open_pull(repository, "topic", author="ada")

    run = service.completed(repository, pull.head_sha)

    assert run.conclusion == "success"
    assert (run.title or "").startswith("Would pass: ")
    assert "### May not halt (1)" in (run.summary or "")
