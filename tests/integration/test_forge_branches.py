from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.repair import candidate
from tests.fakes.github import faults, state
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_WRITING = {**forge_setting.PERMISSIONS, "contents": "write"}
_FIX = candidate.Replacement(path="calc.py", start=2, end=2, text="line2 = 2\n")
_MESSAGE = "Mend calc.py\n\nFound by Gatekeeper."


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path, _WRITING) as setting:
        yield setting


def _apply(
    here: forge_setting.Setting, pull: state.Pull, change: candidate.Replacement = _FIX, message: str = _MESSAGE
) -> str:
    return here.forge.branches.apply(here.place, here.forge.pulls.get(here.place, pull.number), change, message)


def _content(repository: state.Repository, sha: str, path: str = "calc.py") -> bytes:
    found = repository.git.find(sha, path)
    assert found is not None
    return repository.git.read(str(found.id))


def test_a_fix_is_committed_on_top_of_head(here: forge_setting.Setting) -> None:
    pull = here.pull()
    head = pull.head_sha

    made = _apply(here, pull)

    commit = here.hello.git.commit(made)
    assert pull.head_sha == made
    assert [str(parent) for parent in commit.parent_ids] == [head]
    assert commit.message.strip() == _MESSAGE
    assert _content(here.hello, made) == _content(here.hello, head).replace(b"line2 = 200\n", b"line2 = 2\n")


def test_the_same_fix_is_committed_once(here: forge_setting.Setting) -> None:
    pull = here.pull()
    before = here.forge.pulls.get(here.place, pull.number)
    first = here.forge.branches.apply(here.place, before, _FIX, _MESSAGE)

    assert here.again().branches.apply(here.place, before, _FIX, _MESSAGE) == first
    assert pull.head_sha == first


@pytest.mark.parametrize("fault", [faults.server_error(), faults.reset(handled=True), faults.secondary_limit(3)])
def test_a_fix_is_committed_once_whatever_fails_on_the_way(here: forge_setting.Setting, fault: faults.Fault) -> None:
    pull = here.pull()
    before = here.forge.pulls.get(here.place, pull.number)
    here.world.faults = faults.each_once(fault)

    made = here.insist(lambda: here.forge.branches.apply(here.place, before, _FIX, _MESSAGE))

    assert pull.head_sha == made
    assert [str(parent) for parent in here.hello.git.commit(made).parent_ids] == [before.head]


def test_a_branch_that_moved_is_left_alone(here: forge_setting.Setting) -> None:
    pull = here.pull()
    before = here.forge.pulls.get(here.place, pull.number)
    moved = here.world.push(here.hello, "topic", {"other.py": "y = 2\n"})

    with pytest.raises(errors.RefusedError, match="has moved"):
        here.forge.branches.apply(here.place, before, _FIX, _MESSAGE)
    assert pull.head_sha == moved


def test_a_fork_is_changed_where_its_author_lets_maintainers(here: forge_setting.Setting) -> None:
    fork = here.world.fork(here.hello, "ada")
    here.world.push(fork, "topic", {"calc.py": "line1 = 1\nline2 = 200\n"})
    pull = here.world.open_pull(here.hello, "topic", head_repository=fork, maintainer_can_modify=True)
    before = here.forge.pulls.get(here.place, pull.number)

    made = here.forge.branches.apply(here.place, before, _FIX, _MESSAGE)

    assert fork.git.resolve("refs/heads/topic") == made
    assert _content(fork, made) == b"line1 = 1\nline2 = 2\n"
    assert here.forge.branches.apply(here.place, before, _FIX, _MESSAGE) == made


def test_a_fork_whose_author_does_not_let_maintainers_is_left_alone(here: forge_setting.Setting) -> None:
    fork = here.world.fork(here.hello, "ada")
    here.world.push(fork, "topic", {"calc.py": "line1 = 1\nline2 = 200\n"})
    pull = here.world.open_pull(here.hello, "topic", head_repository=fork)

    with pytest.raises(errors.RefusedError, match="Allow edits by maintainers"):
        _apply(here, pull)
    found = here.forge.pulls.get(here.place, pull.number)
    with pytest.raises(errors.RefusedError, match="by hand"):
        here.forge.branches.apply(here.place, replace(found, maintainer_can_modify=True), _FIX, _MESSAGE)
    assert fork.git.resolve("refs/heads/topic") == found.head


def test_a_repository_that_was_deleted_is_told(here: forge_setting.Setting) -> None:
    found = here.forge.pulls.get(here.place, here.pull().number)

    with pytest.raises(errors.RefusedError, match="was deleted"):
        here.forge.branches.apply(here.place, replace(found, head_repository=None), _FIX, _MESSAGE)


def test_a_file_that_is_not_there_is_told(here: forge_setting.Setting) -> None:
    pull = here.pull()

    with pytest.raises(errors.MissingError):
        _apply(here, pull, replace(_FIX, path="gone.py"))
    with pytest.raises(errors.RefusedError, match="no longer there"):
        _apply(here, pull, replace(_FIX, start=99, end=99))


def test_without_the_permission_it_is_named(tmp_path: Path) -> None:
    with forge_setting.stand(tmp_path) as here, pytest.raises(errors.ForbiddenError, match="contents: write"):
        _apply(here, here.pull())
