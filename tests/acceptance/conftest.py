"""What tests of the whole program share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper import settings
from gatekeeper.sandbox import component
from tests.acceptance import serving
from tests.acceptance.program import Program
from tests.fakes import github


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


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the settings of an App that a GitHub on loopback knows."""
    world = github.World(tmp_path / "world")
    with github.serve(world) as url:
        yield serving.settings_of(world.create_app(webhook_secret=serving.SECRET), url, tmp_path)
