"""What tests of every kind share."""

import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from tests.git_project import Project

_ROOT = Path(__file__).resolve().parent.parent

# the first example imports what the others find loaded, and other tests run beside it
hypothesis.settings.register_profile("gatekeeper", deadline=None)
hypothesis.settings.load_profile("gatekeeper")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return an empty git repository."""
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def source_archive() -> Callable[[str], Path]:
    """Return the file with a published project's sources, by `name-version` as in infra/locks/samples.txt."""

    def find(name: str) -> Path:
        archive = _ROOT / ".cache/samples" / f"{name}.tar.gz"
        if not archive.is_file():
            absent = f"{archive} is absent: run infra/test where packages can be fetched"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(absent)
        return archive

    return find
