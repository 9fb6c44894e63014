"""Parts of mirrors that need no server: what git says, what it runs with, locks."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.git import failures, fetching, locks, mirrors, program

URL = "https://github.com/octo/ssl-proxy.git"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("fatal: couldn't find remote ref refs/pull/9/head", errors.FetchFailure.MISSING),
        ("fatal: remote error: upload-pack: not our ref 1111", errors.FetchFailure.MISSING),
        ("error: Server does not allow request for unadvertised object 1111", errors.FetchFailure.MISSING),
        ("remote: Invalid username\nfatal: Authentication failed for 'https://x/'", errors.FetchFailure.FORBIDDEN),
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", errors.FetchFailure.FORBIDDEN),
        ("remote: Repository not found.\nfatal: repository 'https://x/' not found", errors.FetchFailure.FORBIDDEN),
        (
            "fatal: unable to access 'https://x/': The requested URL returned error: 403",
            errors.FetchFailure.FORBIDDEN,
        ),
        (
            "fatal: unable to access 'https://x/': The requested URL returned error: 429",
            errors.FetchFailure.UNAVAILABLE,
        ),
        (
            "fatal: unable to access 'https://x/': Could not resolve host: x",
            errors.FetchFailure.UNAVAILABLE,
        ),
        (
            "error: RPC failed; curl 56 GnuTLS recv error\nfatal: early EOF\nfatal: invalid index-pack output",
            errors.FetchFailure.UNAVAILABLE,
        ),
        ("error: RPC failed; HTTP 502 curl 22\nfatal: expected 'packfile'", errors.FetchFailure.UNAVAILABLE),
        ("fatal: write error: No space left on device\nfatal: early EOF", errors.FetchFailure.BROKEN),
        ("error: cannot lock ref 'refs/heads/connection': 'refs/heads' exists", errors.FetchFailure.BROKEN),
        ("fatal: bad object refs/heads/main", errors.FetchFailure.BROKEN),
        (f"fatal: something of {URL} went wrong", errors.FetchFailure.BROKEN),
        ("", errors.FetchFailure.BROKEN),
    ],
)
def test_what_git_says_tells_whether_to_wait_to_ask_or_to_begin_anew(said: str, why: errors.FetchFailure) -> None:
    found = failures.error(URL, said, None)
    assert found.failure is why
    assert str(found).startswith(f"the repository {URL} ")


def test_a_message_is_short_harmless_and_without_the_token() -> None:
    said = "hint: do this\n" + "remote: \x1b[2J" * 1000 + "\nfatal: for x-access-token:ghs_abc@host\u202e\n"
    shown = str(failures.error(URL, said, "ghs_abc"))
    assert len(shown) < 600
    assert shown.isprintable()
    assert "ghs_abc" not in shown
    assert "hint" not in shown


@pytest.mark.parametrize(
    "url",
    [
        "git@github.com:o/r.git",
        "ssh://github.com/o/r",
        "file:///etc",
        "ext::sh -c id",
        "/etc",
        "--upload-pack=id",
        "https://user:pass@github.com/o/r",
        "https:///o/r",
        "https://github.com/o/r\nx",
    ],
)
def test_addresses_other_than_plain_http_are_refused(url: str, tmp_path: Path) -> None:
    kept = mirrors.Mirrors(tmp_path / "mirrors", size_limit=10**6, timeout=5)
    with (
        pytest.raises(errors.UsageError, match="is not an http or https address"),
        kept.fetched(1, url, None, ["refs/heads/main"], cancelled=lambda: False),
    ):
        pass
    assert not (tmp_path / "mirrors").exists()


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "é"])
def test_a_token_that_is_none_is_refused_without_showing_it(token: str, tmp_path: Path) -> None:
    kept = mirrors.Mirrors(tmp_path, size_limit=10**6, timeout=5)
    with (
        pytest.raises(errors.UsageError, match="has characters that no token has") as caught,
        kept.fetched(1, URL, token, ["refs/heads/main"], cancelled=lambda: False),
    ):
        pass
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    ("ref", "taken"),
    [
        ("refs/heads/main", True),
        ("refs/pull/7/head", True),
        ("refs/heads/gh-readonly-queue/main/pr-7-" + "a" * 40, True),
        ("refs/heads/é-\U0001d4b3", True),
        ("a" * 40, True),
        ("main", False),
        ("HEAD", False),
        ("a" * 39, False),
        ("A" * 40, False),
        ("refs/heads/a b", False),
        ("refs/heads/a:b", False),
        ("refs/heads/*", False),
        ("refs/heads/a\nrefs/heads/b", False),
        ("refs/heads/../x", False),
        ("refs/heads/x.lock", False),
        ("+refs/heads/a", False),
        ("--upload-pack=x", False),
        ("", False),
    ],
)
def test_only_full_names_of_refs_and_full_commit_ids_are_fetched(ref: str, taken: bool, tmp_path: Path) -> None:  # noqa: FBT001
    assert fetching.is_ref(ref) is taken
    if not taken:
        kept = mirrors.Mirrors(tmp_path, size_limit=10**6, timeout=5)
        with (
            pytest.raises(errors.FetchError, match="is not a full name of a ref"),
            kept.fetched(1, URL, None, [ref], cancelled=lambda: False),
        ):
            pass


def test_git_gets_nothing_of_the_environment_but_the_way_out() -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "HTTPS_PROXY": "http://proxy:1",
        "GIT_SSL_CAINFO": "/ca",
        "GIT_DIR": "/x",
        "GIT_SSH_COMMAND": "id",
        "GIT_CONFIG_COUNT": "9",
        "HOME": "/root",
        "GATEKEEPER_SECRET": "s",
        "LD_PRELOAD": "/x.so",
    }
    with program.outward(environ, URL, "ghs_token") as (passed, descriptors):
        assert {name for name in environ if passed.get(name) == environ[name]} == {
            "PATH",
            "HTTPS_PROXY",
            "GIT_SSL_CAINFO",
        }
        assert not {"GIT_DIR", "GIT_SSH_COMMAND", "GATEKEEPER_SECRET", "LD_PRELOAD"} & set(passed)
        assert "ghs_token" not in str(passed)
        assert len(descriptors) == 1
    assert program.alone(environ)["GIT_ALLOW_PROTOCOL"] == "none"


def test_a_missing_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.FetchError, match=r"install git 2\.31 or newer") as caught:
        program.run(["version"], {"PATH": str(tmp_path)}, check=lambda: None)
    assert caught.value.failure is errors.FetchFailure.BROKEN


def test_what_git_started_ends_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    started = tmp_path / "started"
    (folder / "git").write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {started}.new; mv {started}.new {started}; wait\n")
    (folder / "git").chmod(0o700)

    def check() -> None:
        if started.exists():
            raise TimeoutError

    with pytest.raises(TimeoutError):
        program.run(["fetch"], {"PATH": f"{folder}:{os.environ['PATH']}"}, check=check)
    # its files are closed; the kernel takes a moment to forget it, or whoever adopted it to ask how it ended
    state = Path(f"/proc/{started.read_text().strip()}/stat")
    end = time.monotonic() + 5
    while _is_running(state) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _is_running(state)


def _is_running(state: Path) -> bool:
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_of_much_that_git_says_and_prints_only_a_part_is_kept(tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nhead -c 3000000 /dev/zero | tee /dev/stderr; echo the end >&2; exit 3\n")
    (tmp_path / "git").chmod(0o700)
    ended = program.run(["x"], {"PATH": f"{tmp_path}:{os.environ['PATH']}"}, check=lambda: None)
    assert ended.code == 3
    assert ended.said.endswith("the end\n")
    assert len(ended.said) <= 8 * 1024
    assert len(ended.printed) <= 256 * 1024


def test_a_lock_is_shared_by_readers_and_held_alone_by_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    shared = locks.held(path, alone=False, wait=None)
    with shared, locks.held(path, alone=False, wait=None), pytest.raises(locks.TakenError):
        locks.held(path, alone=True, wait=None).__enter__()
    with locks.held(path, alone=True, wait=None):
        for alone in (True, False):
            with pytest.raises(locks.TakenError), locks.held(path, alone=alone, wait=None):
                pass
    with locks.held(path, alone=True, wait=None):
        pass


def test_who_waits_for_a_lock_gets_it_or_gives_up(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    waited = threading.Event()
    got = threading.Event()

    def take() -> None:
        with locks.held(path, alone=True, wait=waited.set):
            got.set()

    def give_up() -> None:
        raise TimeoutError

    taking = threading.Thread(target=take)
    with locks.held(path, alone=True, wait=None):
        with pytest.raises(TimeoutError), locks.held(path, alone=True, wait=give_up):
            pass
        taking.start()
        assert waited.wait(10)
        assert not got.is_set()
    taking.join(10)
    assert got.is_set()


def test_a_lock_whose_file_was_deleted_by_its_holder_is_taken_anew(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    waited, got = threading.Event(), threading.Event()

    def take() -> None:
        with locks.held(path, alone=True, wait=waited.set):
            assert path.exists()
            got.set()

    taking = threading.Thread(target=take)
    with locks.held(path, alone=True, wait=None):
        taking.start()
        assert waited.wait(10)
        path.unlink()
    taking.join(10)
    assert got.is_set()


def test_a_process_that_is_killed_lets_go_of_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import sys, time; from pathlib import Path; from gatekeeper.git import locks\n"
        "with locks.held(Path(sys.argv[1]), alone=True, wait=None): print('held', flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(locks.TakenError), locks.held(path, alone=True, wait=None):
            pass
        process.kill()
    start = time.monotonic()
    with locks.held(path, alone=True, wait=None):
        assert time.monotonic() - start < 1
