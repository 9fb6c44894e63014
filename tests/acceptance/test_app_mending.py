"""What is offered beyond a verdict: looked for once the verdict is published, and shown where it still holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from gatekeeper.repair import fate
from gatekeeper.store import database, fates, hostedmodels
from tests.acceptance.crashing import lives, scenes, stage
from tests.fakes.github import state

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Iterator[stage.Stage]:
    with stage.stand(tmp_path) as here, lives.Worker(tmp_path) as worker:
        here.alive = lambda: not worker.dead
        worker.live(here.life())
        yield here


def test_the_verdict_is_published_while_fixes_are_looked_for(here: stage.Stage) -> None:
    assert scenes.MENDED.begin is not None
    pull = scenes.MENDED.begin(here)

    (run,) = here.world.runs_at(pull.repository, pull.head_sha, here.setting.app)
    assert (run.status, run.conclusion, _offers(run)) == ("completed", "failure", False)
    assert len(pull.review_comments) == 3
    assert not _mended(pull)


def test_a_push_ends_the_search_and_nothing_of_it_is_shown(here: stage.Stage) -> None:
    assert scenes.MENDED.begin is not None
    pull = scenes.MENDED.begin(here)
    first = pull.head_sha

    here.push(pull)
    here.settle()

    (run,) = here.world.runs_at(pull.repository, first, here.setting.app)
    assert not _offers(run)
    assert _fates(here, pull, first) == ()
    (newer,) = here.world.runs_at(pull.repository, pull.head_sha, here.setting.app)
    assert _offers(newer)


def test_a_review_that_waits_for_ci_is_commented_with_its_fixes(here: stage.Stage) -> None:
    assert scenes.SETTLED.begin is not None
    pull = scenes.SETTLED.begin(here)
    assert _fates(here, pull, pull.head_sha) == (fate.Fate(),)
    (run,) = here.world.runs_at(pull.repository, pull.head_sha, here.setting.app)
    assert (run.status, len(pull.review_comments)) == ("in_progress", 0)

    scenes.SETTLED.act(here, pull)
    here.settle()

    (run,) = here.world.runs_at(pull.repository, pull.head_sha, here.setting.app)
    assert (run.status, _offers(run)) == ("completed", True)
    assert (len(pull.review_comments), _mended(pull)) == (3, 1)


def test_a_fix_that_the_button_applied_is_known_with_its_commit(here: stage.Stage) -> None:
    pull = here.open_pull()
    here.settle()
    first = pull.head_sha
    assert _mended(pull) == 1

    scenes.FIXED.act(here, pull)
    here.settle()

    (became,) = _fates(here, pull, first)
    assert (became.became, became.commit, became.by) == (fate.Became.APPLIED, pull.head_sha, "grace")
    assert pull.head_repository is not None
    assert pull.head_repository.git.commit(pull.head_sha).message.strip() == (
        "Mend test_nobody by undoing lines of calc.py\n\nIt mends:\n- tests/test_split.py::test_nobody\n\n"
        "Tried by sandbox with 12 other affected tests, none of which it breaks."
    )


def test_a_fix_is_ignored_where_the_pull_request_is_closed_without_it(here: stage.Stage) -> None:
    pull = here.open_pull()
    here.settle()

    here.world.close(pull)
    here.settle()

    assert [one.became for one in _fates(here, pull, pull.head_sha)] == [fate.Became.IGNORED]


def _offers(run: state.Run) -> bool:
    return any(action["identifier"] == "apply-fix" for action in run.actions)


def _mended(pull: state.Pull) -> int:
    """Return how many comments tell of a fix."""
    return sum("A fix was tried." in one.body for one in pull.review_comments.values())


def _fates(here: stage.Stage, pull: state.Pull, head: str) -> tuple[fate.Fate, ...]:
    row = hostedmodels.Evaluation
    with database.session(here.engine) as session:
        same = (row.repository == pull.repository.id, row.head == head)
        review = session.scalar(sqlalchemy.select(row.review_id).where(*same))
        return () if review is None else fates.read(session, review)
