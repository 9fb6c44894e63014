"""Every call of GitHub fails once, in every way that calls fail: what is left is what it would have been."""

import functools
from pathlib import Path

import pytest

from gatekeeper.forge import wire
from tests.acceptance import final_state
from tests.acceptance.crashing import lives, scenes, stage, stumbling
from tests.fakes.github import faults

# seconds until an answer is given up, and until a slow one comes
_TIMEOUT, _SLOW = 0.4, 0.8
_WIRE = wire.Wire


@pytest.fixture(scope="module", name="undisturbed")
def _undisturbed(tmp_path_factory: pytest.TempPathFactory) -> final_state.State:
    with pytest.MonkeyPatch.context() as patch:
        return _played(tmp_path_factory.mktemp("undisturbed"), faults.none, patch)


@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.server_error(500), id="500"),
        pytest.param(faults.server_error(502, handled=True), id="502 after it was done", marks=pytest.mark.slow),
        pytest.param(faults.secondary_limit(1), id="403 with retry-after", marks=pytest.mark.slow),
        pytest.param(faults.slow(_SLOW), id="no answer in time", marks=pytest.mark.slow),
        pytest.param(
            faults.slow(_SLOW, handled=True), id="no answer in time after it was done", marks=pytest.mark.slow
        ),
        pytest.param(faults.reset(), id="connection reset", marks=pytest.mark.slow),
        pytest.param(faults.reset(handled=True), id="connection reset after it was done", marks=pytest.mark.slow),
    ],
)
def test_the_same_is_left_where_every_call_fails_once(
    fault: faults.Fault, undisturbed: final_state.State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = stumbling.EachOnce(fault=fault)

    final = _played(tmp_path, plan, monkeypatch)

    assert final_state.differences(undisturbed, final) == []
    assert plan.failed == plan.routes
    assert len(plan.failed) > 15


def _played(folder: Path, plan: faults.Plan, monkeypatch: pytest.MonkeyPatch) -> final_state.State:
    """Let a pull request be opened, overridden, pushed to, mended by the button, reviewed again and closed."""
    # the broker is in this process
    monkeypatch.setattr(wire, "Wire", functools.partial(_WIRE, timeout=_TIMEOUT))
    with stage.stand(folder) as here, lives.Worker(folder) as worker:
        here.alive = lambda: not worker.dead
        here.world.faults = plan
        worker.live(here.life(timeout=_TIMEOUT))
        pull = here.open_pull()
        here.settle()
        for act in scenes.MANY:
            act(here, pull)
            here.settle()
        here.world.faults = faults.none
        return final_state.of(here.world, here.setting.app, here.engine, pull)
