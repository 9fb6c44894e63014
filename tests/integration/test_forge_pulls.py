from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import errors
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path) as setting:
        yield setting


def test_a_pull_request_is_read_as_it_is_now(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.label(pull, "urgent")
    here.world.set_draft(pull, draft=True)

    found = here.forge.pulls.get(here.place, pull.number)

    assert (found.number, found.open, found.draft, found.labels) == (pull.number, True, True, ("urgent",))
    assert (found.head, found.head_ref, found.head_repository) == (pull.head_sha, "topic", here.hello.id)
    assert (found.base, found.base_ref, found.maintainer_can_modify) == (pull.base_sha, "main", False)
    here.world.close(pull)
    assert not here.forge.pulls.get(here.place, pull.number).open


def test_a_pull_request_of_a_fork_names_the_fork(here: forge_setting.Setting) -> None:
    fork = here.world.fork(here.hello, "ada")
    here.world.push(fork, "topic", {"calc.py": "x = 3\n"})
    pull = here.world.open_pull(here.hello, "topic", head_repository=fork, maintainer_can_modify=True)

    found = here.forge.pulls.get(here.place, pull.number)

    assert (found.head_repository, found.maintainer_can_modify) == (fork.id, True)


def test_open_pull_requests_are_all_listed(here: forge_setting.Setting) -> None:
    pulls = [here.pull(f"topic{number}") for number in range(4)]
    here.world.close(pulls[1])

    assert [found.number for found in here.forge.pulls.open(here.place)] == [1, 3, 4]
    assert {found.head for found in here.forge.pulls.open(here.place)} == {
        pulls[0].head_sha,
        pulls[2].head_sha,
        pulls[3].head_sha,
    }


def test_a_pull_request_that_is_not_there_is_missing(here: forge_setting.Setting) -> None:
    with pytest.raises(errors.MissingError):
        here.forge.pulls.get(here.place, 99)


def test_a_renamed_repository_is_found_by_its_old_name(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.rename(here.hello, "hallo")

    assert here.forge.pulls.get(here.place, pull.number).head == pull.head_sha


def test_a_name_that_another_repository_took_is_not_believed(here: forge_setting.Setting) -> None:
    here.pull()
    here.world.rename(here.hello, "hallo")
    impostor = here.world.create_repository("octo/hello", forge_setting.FILES)
    here.world.push(impostor, "topic", {"calc.py": "x = 6\n"})
    here.world.open_pull(impostor, "topic")

    with pytest.raises(errors.MissingError):
        here.forge.pulls.get(here.place, 1)
    with pytest.raises(errors.MissingError):
        list(here.forge.pulls.open(here.place))


@pytest.mark.parametrize("role", ["read", "triage", "write", "maintain", "admin"])
def test_a_users_permission_is_their_role(here: forge_setting.Setting, role: str) -> None:
    here.world.grant(here.hello, "eve", role)  # type: ignore[arg-type]

    assert here.forge.pulls.permission(here.place, "eve") == role


@pytest.mark.parametrize("login", ["nobody", "", ".", "..", "../../../app", "a b", "x?y=1", "ünïcode", "bot[bot]"])
def test_whoever_is_not_known_has_no_permission(here: forge_setting.Setting, login: str) -> None:
    assert here.forge.pulls.permission(here.place, login) == "none"


def test_an_installation_that_is_gone_is_missing(here: forge_setting.Setting) -> None:
    with pytest.raises(errors.MissingError):
        here.forge.pulls.get(replace(here.place, installation=999), 1)
