"""A worker that is killed while the real sandbox runs a pull request's tests, and is started again."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance import final_state
from tests.acceptance.crashing import boundaries, lives, stage, worker
from tests.acceptance.program import LIBRARY, WRONG
from tests.fakes.github import state

_CONFIGURATION = {".github/gatekeeper.yml": "authority: block\nearn: false\n"}


@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_review_that_was_cut_off_is_carried_out_again(tmp_path: Path, cache: Path) -> None:
    with stage.stand(tmp_path) as here, lives.Worker(tmp_path) as living:
        here.alive = lambda: not living.dead
        life = _real(here, cache)
        repository = here.world.create_repository("octo/pack", {**LIBRARY, **_CONFIGURATION})
        here.world.add_to_installation(here.setting.installation, repository)
        living.live(life)
        undisturbed = _open(here, repository, "undisturbed")
        here.settle()

        disturbed = _open(here, repository, "disturbed")
        stage.await_(
            lambda: not here.deliver() and _looked(here, disturbed) and bool(_children(living.pid)),
            lambda: "no sandbox was started",
        )
        sandbox = _children(living.pid)
        living.kill()
        assert not _carried_out(here, disturbed)
        living.live(life)
        here.settle()

        peaceful = final_state.of(here.world, here.setting.app, here.engine, undisturbed)
        assert peaceful["checks"][0]["conclusion"] == "failure"
        final = final_state.of(here.world, here.setting.app, here.engine, disturbed)
        assert final_state.differences(peaceful, final) == []
        stage.await_(lambda: not any(map(_exists, sandbox)), lambda: f"processes of the dead worker live: {sandbox}")


def _real(here: stage.Stage, cache: Path) -> worker.Life:
    chosen = {
        "PATH": os.environ["PATH"],
        "GATEKEEPER_CACHE": str(cache),
        "GATEKEEPER_OFFLINE": "1",
        "GATEKEEPER_FUEL": "5",
    }
    return replace(here.life(), environ={**here.environ, **chosen}, real=True)


def _open(here: stage.Stage, repository: state.Repository, branch: str) -> state.Pull:
    here.world.push(repository, branch, WRONG, message=branch)
    return here.world.open_pull(repository, branch, author="ada")


def _looked(here: stage.Stage, pull: state.Pull) -> bool:
    return _passed(here, pull, "look", boundaries.RECORDED)


def _carried_out(here: stage.Stage, pull: state.Pull) -> bool:
    return _passed(here, pull, "carry out", boundaries.DONE)


def _passed(here: stage.Stage, pull: state.Pull, step: str, moment: str) -> bool:
    return any(
        pull.head_sha in identity and (one.workflow, one.step, one.moment) == ("perform", step, moment)
        for identity, one in boundaries.passed(here.folder, 0)
    )


def _children(process: int) -> list[int]:
    """Return the sandbox's processes of a worker."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return [child for child in found if "gatekeeper.sandbox" in _command(child)]


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _exists(process: int) -> bool:
    return "gatekeeper.sandbox" in _command(process)
