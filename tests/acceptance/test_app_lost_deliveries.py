"""Deliveries get lost, and the service may be down: nothing is, in the end."""

from pathlib import Path

import pytest

from tests.acceptance import service as services
from tests.acceptance.program import LIBRARY, WRONG
from tests.fakes import github
from tests.fakes.github import faults, state

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]

BLOCKING = {**LIBRARY, ".github/gatekeeper.yml": "authority: block\nearn: false\n"}


class _Before:
    """A pull request that was opened before the service ran."""

    def __init__(self, fate: github.Fate) -> None:
        self._fate = fate

    def __call__(self, world: github.World, app: state.App) -> None:
        world.office.fate = lambda _: self._fate
        self.repository = world.create_repository("octo/early", dict(BLOCKING))
        world.install(app, "octo", [self.repository])
        world.push(self.repository, "topic", dict(WRONG))
        self.pull = world.open_pull(self.repository, "topic", author="ada")
        world.office.wait()
        world.office.fate = lambda _: github.Fate.SEND


def test_deliveries_that_failed_while_the_service_was_down_are_asked_for_again(tmp_path: Path, cache: Path) -> None:
    early = _Before(github.Fate.FAIL)
    with services.started(tmp_path, cache, before=early) as service:
        assert service.completed(early.repository, early.pull.head_sha).conclusion == "failure"
        assert [entry for entry in service.world.log if "attempts" in entry.call.route]


def test_a_service_that_github_cannot_reach_finds_pull_requests_by_polling(tmp_path: Path, cache: Path) -> None:
    early = _Before(github.Fate.LOSE)
    with services.started(tmp_path, cache, "--poll", before=early, GATEKEEPER_POLL_SECONDS="2") as service:
        assert service.completed(early.repository, early.pull.head_sha).conclusion == "failure"
        service.world.office.fate = lambda _: github.Fate.LOSE

        mended = service.world.push(early.repository, "topic", {"pack/sums.py": LIBRARY["pack/sums.py"]})

        assert service.completed(early.repository, mended).conclusion == "success"
        assert len(service.world.runs_at(early.repository, mended, service.app)) == 1


def test_a_draft_that_became_ready_without_a_delivery_is_found_by_polling(tmp_path: Path, cache: Path) -> None:
    early = _Before(github.Fate.LOSE)
    with services.started(tmp_path, cache, "--poll", before=early, GATEKEEPER_POLL_SECONDS="2") as service:
        service.completed(early.repository, early.pull.head_sha, "failure")
        service.world.office.fate = lambda _: github.Fate.LOSE
        service.world.push(early.repository, "draft", dict(WRONG))
        draft = service.world.open_pull(early.repository, "draft", author="ada", draft=True)
        service.completed(early.repository, draft.head_sha, "cancelled")

        service.world.set_draft(draft, draft=False)

        assert service.completed(early.repository, draft.head_sha, "failure")


def test_one_repository_that_github_refuses_keeps_no_other_from_being_found(tmp_path: Path, cache: Path) -> None:
    class Before(_Before):
        def __call__(self, world: github.World, app: state.App) -> None:
            # listed first
            refused = world.create_repository("aaa/refused", dict(BLOCKING))
            world.install(app, "aaa", [refused])
            world.faults = lambda call: faults.server_error(451) if "/aaa/refused/pulls" in call.path else None
            super().__call__(world, app)

    early = Before(github.Fate.LOSE)
    with services.started(tmp_path, cache, "--poll", before=early, GATEKEEPER_POLL_SECONDS="2") as service:
        assert service.completed(early.repository, early.pull.head_sha).conclusion == "failure"
