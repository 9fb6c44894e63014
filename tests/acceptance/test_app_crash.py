"""A worker that is killed at any step and started again: what is left is what an undisturbed one leaves."""

import os
import signal
from pathlib import Path

import pytest

from gatekeeper.workflows import names
from tests.acceptance import final_state
from tests.acceptance.crashing import killing, lives, scenes, stage
from tests.fakes.github import faults


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    "scene",
    [pytest.param(one, id=one.name, marks=() if one is scenes.OPENED else pytest.mark.slow) for one in scenes.ALL],
)
def test_the_same_is_left_wherever_the_worker_was_killed(scene: scenes.Scene, tmp_path: Path) -> None:
    with stage.stand(tmp_path) as here, lives.Worker(tmp_path) as worker:
        here.alive = lambda: not worker.dead
        worker.live(here.life())
        peace = killing.in_peace(here, scene)

        def again() -> None:
            worker.wait()
            worker.live(here.life())

        assert list(killing.disturbed(here, scene, peace, peace.moments, again)) == []


@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_same_is_left_where_the_answer_to_a_write_was_never_heard(tmp_path: Path) -> None:
    with stage.stand(tmp_path) as here, lives.Worker(tmp_path) as worker:
        here.alive = lambda: not worker.dead
        worker.live(here.life())
        peace = killing.in_peace(here, scenes.OPENED)
        writes = _Writes()
        here.world.faults = writes
        killing.in_peace(here, scenes.OPENED)
        assert writes.seen >= 6, "with annotations in batches, and comments"

        for number in range(1, writes.seen + 1):
            here.world.faults = _Writes(number, worker)
            pull = here.open_pull()
            stage.await_(lambda: not here.deliver() and worker.dead, lambda: "it was not killed")
            here.world.faults = faults.none
            worker.wait()
            worker.live(here.life())
            here.settle()
            final = final_state.of(here.world, here.setting.app, here.engine, pull)
            assert final_state.differences(peace.final, final) == [], f"killed at write {number}"


class _Writes:
    """Counts what is written, and kills the worker at one: it is done, and nobody hears of it."""

    def __init__(self, fatal: int = 0, worker: lives.Worker | None = None) -> None:
        self.seen, self._fatal, self._worker = 0, fatal, worker

    def __call__(self, call: faults.Call) -> faults.Fault | None:
        if call.method == "GET" or "access_tokens" in call.path:
            return None
        self.seen += 1
        if self._worker is None or self.seen != self._fatal:
            return None
        os.kill(self._worker.pid, signal.SIGKILL)
        return faults.reset(handled=True)


def test_every_workflow_is_killed_in_some_scene() -> None:
    assert frozenset[names.Workflow]().union(*(scene.workflows for scene in scenes.ALL)) == frozenset(names.Workflow)
