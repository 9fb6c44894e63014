"""What tests of the whole program share."""

import os
from pathlib import Path

import pytest

from gatekeeper import settings
from gatekeeper.sandbox import component
from tests.acceptance.program import Program


@pytest.fixture(scope="session", name="cache")
def _cache() -> Path:
    """Return the folder with the real sandbox, built first where it is not yet."""
    cache = settings.read(os.environ).cache
    component.ensure(cache, lambda _what: None)
    return cache.absolute()


@pytest.fixture
def program(tmp_path: Path, cache: Path) -> Program:
    """Return the program with records of its own, and none yet."""
    return Program(tmp_path / "user", cache)
