"""A worker that is killed at any step and started again: what is left is what an undisturbed one leaves."""

from pathlib import Path

import pytest

from gatekeeper.workflows import names
from tests.acceptance.crashing import killing, lives, scenes, stage


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize("scene", scenes.ALL, ids=lambda one: one.name)
def test_the_same_is_left_wherever_the_worker_was_killed(scene: scenes.Scene, tmp_path: Path) -> None:
    with stage.stand(tmp_path) as here, lives.Worker(tmp_path) as worker:
        here.alive = lambda: not worker.dead
        worker.live(here.life())
        peace = killing.in_peace(here, scene)

        def again() -> None:
            worker.wait()
            worker.live(here.life())

        assert list(killing.disturbed(here, scene, peace, peace.moments, again)) == []


def test_every_workflow_is_killed_in_some_scene() -> None:
    assert frozenset[names.Workflow]().union(*(scene.workflows for scene in scenes.ALL)) == frozenset(names.Workflow)
