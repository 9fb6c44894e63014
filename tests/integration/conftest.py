"""What tests of the real adapters share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper import settings
from gatekeeper.sandbox import component, process
from tests.integration import sandbox_runs


@pytest.fixture(scope="session")
def compiled() -> Path:
    """Return the real sandbox, built first where it is not yet."""
    return component.ensure(settings.read(os.environ).cache, lambda _what: None)


@pytest.fixture(scope="session")
def workers(compiled: Path) -> Iterator[list[process.Process]]:
    """Give two real worker processes."""
    started = [process.Process(compiled, disk=sandbox_runs.LIMITS.disk) for _ in range(2)]
    yield started
    for worker in started:
        worker.close()


@pytest.fixture
def run(workers: list[process.Process]) -> sandbox_runs.Run:
    """Return what runs tests of two trees in the real sandbox."""
    return sandbox_runs.Run(workers)
