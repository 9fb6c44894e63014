"""A service that reviews while a flood comes: real sandbox runs of pull requests at a GitHub of the tests' own."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import deliveries
import serving
import sqlalchemy

from gatekeeper.store import hostedmodels
from tests.fakes import github
from tests.fakes.github import state

_LOWEST = 19
# limits of GitHub are counted for each account
_ACCOUNTS = 40
# reviews that are asked for before the flood begins
_BEFORE = 8
# seconds until the first of them has to run
_PATIENCE = 60.0
# tests that keep the sandbox busy for a few seconds
_SUMS = "def squares(n):\n    return sum(i * i for i in range(n))\n"
_LIBRARY = {
    "pack/__init__.py": "",
    "pack/sums.py": _SUMS,
    "tests/test_sums.py": """\
import pytest
from pack import sums


@pytest.mark.parametrize("n", range(20))
def test_squares(n):
    assert sums.squares(200_000 + n) > 0
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """The service and what it may be told of."""

    address: str
    pulls: Sequence[deliveries.Pull]
    records: sqlalchemy.Engine

    def finished(self) -> int:
        """Return how many reviews are finished."""
        return count(self.records, "done")

    def is_busy(self) -> bool:
        """Whether there are reviews to be carried out."""
        return count(self.records, "queued", "running") > 0


@contextlib.contextmanager
def reviewing(folder: Path, records: str, pulls: int) -> Iterator[Busy]:
    """Run the service with so many pull requests to tell it of, and give it once reviews of others run.

    The service finds those others by itself when it starts. The App is installed for the rest only then.
    """
    world = github.World(folder / "world")
    app = world.create_app(webhook_secret=None)
    key = folder / "key.pem"
    key.touch(mode=0o600)
    key.write_text(app.pem)
    _installed(world, app, _opened(world, "early", _BEFORE, _BEFORE))
    others = _opened(world, "octo", _ACCOUNTS, pulls)
    with contextlib.ExitStack() as stack:
        told = serving.environment(
            folder,
            records,
            APP_ID=str(app.id),
            APP_KEY_FILE=str(key),
            GITHUB_API=f"{_elsewhere(stack.enter_context(github.serve(world)))}/api/v3",
            DEBOUNCE="0",
            POLL_SECONDS="1000000",
        )
        address = stack.enter_context(serving.service(told))
        engine = sqlalchemy.create_engine(records, poolclass=sqlalchemy.pool.NullPool)
        _wait(engine, told)
        yield Busy(address=address, pulls=_installed(world, app, others), records=engine)


def _elsewhere(url: str) -> str:
    """Return `url`, whose server stands for machines elsewhere: it takes what the service leaves of the cores."""
    tasks = Path("/proc/self/task")
    for task in tasks.iterdir() if tasks.is_dir() else ():
        # the threads that serve, and those that they start; not this one, of which the service is a child
        if int(task.name) != os.getpid():
            os.setpriority(os.PRIO_PROCESS, int(task.name), _LOWEST)
    return url


def _opened(world: github.World, account: str, accounts: int, count: int) -> list[state.Pull]:
    made = [world.create_repository(f"{account}-{number}/sums", _LIBRARY) for number in range(accounts)]
    return [_pull(world, made[number % accounts], number) for number in range(count)]


def _pull(world: github.World, repository: state.Repository, number: int) -> state.Pull:
    changed = f"{_SUMS}\n\ndef number():\n    return {number}\n".replace("i * i", "i**2")
    world.push(repository, f"topic-{number}", {"pack/sums.py": changed})
    return world.open_pull(repository, f"topic-{number}", author="ada")


def _installed(world: github.World, app: state.App, pulls: Sequence[state.Pull]) -> list[deliveries.Pull]:
    accounts = {pull.repository.owner.login for pull in pulls}
    installations = {account: world.install(app, account).id for account in sorted(accounts)}
    return [
        deliveries.Pull(
            installation=installations[pull.repository.owner.login],
            repository=pull.repository.id,
            name=pull.repository.full_name,
            number=pull.number,
            head=pull.head_sha,
            base=pull.base_sha,
            base_ref=pull.base_ref,
        )
        for pull in pulls
    ]


def _wait(records: sqlalchemy.Engine, told: Mapping[str, str]) -> None:
    until = time.monotonic() + _PATIENCE
    while count(records, "running") == 0 or count(records, "queued", "running") < _BEFORE:
        if time.monotonic() > until:
            log = (Path(told["GATEKEEPER_DATA"]) / "log").read_text()
            raise SystemExit(f"flood: no review runs; the service says:\n{log[-2_000:]}")
        time.sleep(0.2)


def count(records: sqlalchemy.Engine, *states: str) -> int:
    """Return how many reviews are in one of the states."""
    those = sqlalchemy.select(sqlalchemy.func.count()).select_from(hostedmodels.Evaluation)
    with records.connect() as connection:
        return connection.scalar(those.where(hostedmodels.Evaluation.state.in_(states))) or 0
