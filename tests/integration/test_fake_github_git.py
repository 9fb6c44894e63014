import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import scene

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path / "github") as stood:
        yield stood


def test_a_token_fetches_a_forks_pull_request_from_the_base(here: scene.Scene, tmp_path: Path) -> None:
    fork = here.world.fork(here.hello, "ada")
    head = here.world.push(fork, "topic", {"a.py": "x = 2\n"})
    here.world.open_pull(here.hello, "topic", head_repository=fork)
    address = _address(here, here.caller.token)

    _git("init", "--quiet", "--bare", str(tmp_path / "mirror"))
    done = _git("-C", str(tmp_path / "mirror"), "fetch", "--quiet", address, "refs/pull/1/head:refs/heads/got")

    assert done.returncode == 0, done.stderr
    assert _git("-C", str(tmp_path / "mirror"), "rev-parse", "got").stdout.strip() == head


def test_a_fetch_may_leave_blobs_out_and_ask_for_a_commit_by_its_id(here: scene.Scene, tmp_path: Path) -> None:
    pull = here.pull()
    address, mirror = _address(here, here.caller.token), str(tmp_path / "mirror")
    _git("init", "--quiet", "--bare", mirror)

    done = _git("-C", mirror, "fetch", "--quiet", "--filter=blob:none", "--depth=1", address, pull.head_sha)

    objects = _git("-C", mirror, "cat-file", "--batch-check", "--batch-all-objects").stdout
    assert done.returncode == 0, done.stderr
    assert {line.split()[1] for line in objects.splitlines()} == {"commit", "tree"}


def test_the_protocol_is_the_second(here: scene.Scene) -> None:
    listed = _git("ls-remote", _address(here, here.caller.token), trace=True)

    assert "version 2" in listed.stderr
    assert "refs/heads/main" in listed.stdout


@pytest.mark.parametrize(
    ("permissions", "reason"),
    [({"checks": "write"}, "403"), ({"contents": "read"}, "")],
)
def test_reading_needs_the_permission(here: scene.Scene, permissions: dict[str, str], reason: str) -> None:
    done = _git("ls-remote", _address(here, here.token(permissions)))

    assert (done.returncode == 0) == (not reason)
    assert reason in done.stderr


def test_an_unknown_or_old_token_is_refused(here: scene.Scene) -> None:
    here.world.clock.advance(hours=1)

    for token in ("ghs_none", here.caller.token):
        done = _git("ls-remote", _address(here, token))
        assert done.returncode != 0
        assert "Authentication failed" in done.stderr


def test_what_is_private_shows_to_nobody_and_what_is_public_to_all(here: scene.Scene) -> None:
    here.world.create_repository("octo/secret", private=True)
    here.world.create_repository("octo/open")

    assert _git("ls-remote", f"{here.url}/octo/hello.git").returncode != 0
    assert _git("ls-remote", _address(here, here.caller.token, "octo/secret")).returncode != 0
    assert _git("ls-remote", f"{here.url}/octo/open.git").returncode == 0


def test_nothing_can_be_pushed(here: scene.Scene, tmp_path: Path) -> None:
    address = _address(here, here.caller.token)
    _git("clone", "--quiet", address, str(tmp_path / "clone"))

    done = _git("-C", str(tmp_path / "clone"), "push", address, "HEAD:refs/heads/pushed")

    assert done.returncode != 0
    assert here.hello.git.resolve("refs/heads/pushed") is None


def _address(here: scene.Scene, token: str, name: str = "octo/hello") -> str:
    return f"{here.url.replace('://', f'://x-access-token:{token}@')}/{name}.git"


def _git(*words: str, trace: bool = False) -> subprocess.CompletedProcess[str]:
    environment = {**_ENVIRONMENT, **({"GIT_TRACE_PACKET": "1"} if trace else {})}
    return subprocess.run(["git", *words], env=environment, capture_output=True, text=True, check=False, timeout=60)
