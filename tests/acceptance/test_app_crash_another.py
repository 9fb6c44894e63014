"""A worker that is killed for good while another lives: that one goes on with its work."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy

from gatekeeper.store import database, hostedmodels, workers
from gatekeeper.workflows import upkeep
from tests import databases
from tests.acceptance.crashing import boundaries, killing, lives, scenes, stage


@pytest.fixture(name="postgres")
def _postgres() -> Iterator[str]:
    with databases.postgresql() as url:
        yield url


@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    "scene",
    [scenes.OPENED, scenes.SUPERSEDED, scenes.OVERRIDDEN, scenes.FIXED, scenes.SHOWN_WRONGLY],
    ids=lambda one: one.name,
)
def test_the_same_is_left_where_another_worker_goes_on(scene: scenes.Scene, tmp_path: Path, postgres: str) -> None:
    with stage.stand(tmp_path, postgres) as here, lives.Worker(tmp_path) as one, lives.Worker(tmp_path) as other:
        pair = {"worker-0": one, "worker-1": other}
        for slot, worker in pair.items():
            _live(here, slot, worker)
        here.alive = lambda: not one.dead and not other.dead
        peace = killing.in_peace(here, scene)
        moments = [one for one in peace.moments if one.boundary.moment == boundaries.DONE]
        deaths = itertools.count()

        def again() -> None:
            (gone,) = (slot for slot, worker in pair.items() if worker.dead)
            (left,) = (worker for slot, worker in pair.items() if slot != gone)
            pair[gone].wait()
            _age(here, gone)
            here.tick(upkeep.Task.WATCH, f"after-death-{next(deaths)}")
            here.alive, both = lambda: not left.dead, here.alive
            here.settle()
            here.alive = both
            _live(here, gone, pair[gone])

        assert list(killing.disturbed(here, scene, peace, moments, again)) == []


def _live(here: stage.Stage, slot: str, worker: lives.Worker) -> None:
    began = datetime.now(UTC)
    worker.live(here.life())
    stage.await_(lambda: slot in workers.versions(here.engine, began), lambda: f"{slot} does not live: {worker.log()}")


def _age(here: stage.Stage, slot: str) -> None:
    """Let the worker have been silent for long."""
    row = hostedmodels.Worker
    with database.session(here.engine) as session, session.begin():
        long_ago = datetime.now(UTC) - timedelta(minutes=5)
        session.execute(sqlalchemy.update(row).where(row.id == slot).values(seen=long_ago))
        session.execute(sqlalchemy.update(row).values(since=long_ago))
