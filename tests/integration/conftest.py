"""What tests of the real adapters share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from gatekeeper import settings
from gatekeeper.sandbox import component, process
from tests import databases
from tests.fakes import git_http
from tests.git_project import Project
from tests.integration import hosting, sandbox_runs


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


@pytest.fixture(params=databases.KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sqlalchemy.Engine]:
    """Give empty records, once in each kind of database."""
    with databases.opened(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def hosted(project: Project, tmp_path: Path) -> Iterator[hosting.Hosted]:
    """Return a project with some history, and a pull request of a fork that left it before its last commit."""
    for number in range(5):
        project.commit({"a.py": f"x = {number}\n" * 40, f"lib/m{number}.py": f"y = {number}\n", "d/e/f.txt": "deep\n"})
    project.git("tag", "-a", "v1.2", "-m", "tagged")
    project.branch("fork")
    project.commit({"lib/new.py": "z = 1\n", "d/e/f.txt": None, "d/moved.txt": "deep\n"})
    project.git("update-ref", hosting.PULL, "HEAD")
    project.switch("main")
    project.git("branch", "-D", "fork")
    project.commit({"lib/m0.py": "y = 'moved on'\n"})
    with git_http.serve(tmp_path) as served:
        yield hosting.Hosted(project, served, tmp_path / "mirrors")
