"""A worker that is killed and started again after an upgrade that changed the steps: the work is begun anew."""

import itertools
from pathlib import Path

import pytest

from gatekeeper.workflows import names, upkeep
from tests.acceptance.crashing import boundaries, killing, lives, scenes, stage
from tests.acceptance.crashing import worker as crashing


@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    "scene",
    [scenes.OPENED, scenes.OVERRIDE_CANCELLED, scenes.FIXED, scenes.CLOSED],
    ids=lambda one: one.name,
)
def test_the_same_is_left_where_the_next_worker_has_other_steps(
    scene: scenes.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage.stand(tmp_path) as here, lives.Worker(tmp_path) as worker:
        here.alive = lambda: not worker.dead
        worker.live(here.life())
        peace = killing.in_peace(here, scene)
        # what was done and not recorded is the hardest to find again
        moments = [one for one in peace.moments if one.boundary.moment == boundaries.DONE]
        versions = itertools.count(crashing.PROTOCOL + 1)

        def again() -> None:
            worker.wait()
            version = next(versions)
            monkeypatch.setattr(names, "PROTOCOL", str(version))
            worker.live(here.life(version))
            # the worker's own tick may have been in the minute before
            here.tick(upkeep.Task.WATCH, f"after-upgrade-{version}")

        assert list(killing.disturbed(here, scene, peace, moments, again)) == []
