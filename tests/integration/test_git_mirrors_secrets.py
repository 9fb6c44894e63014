"""Who is given the token, and what a fetch shows of itself and takes from its user."""

import threading
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.git import fetching
from tests.fakes import git_http
from tests.integration import hosting
from tests.integration.hosting import TOKEN, Hosted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.mark.parametrize("token", ["wrong", None])
def test_a_wrong_token_is_told_from_a_fault_of_the_network(hosted: Hosted, token: str | None) -> None:
    problem = hosted.failure(token=token)
    assert (problem.failure, problem.passes) == (errors.FetchFailure.FORBIDDEN, False)
    assert "contents: read" in str(problem)
    assert not (hosted.folder / "1.git").exists()


def test_a_public_repository_needs_no_token(hosted: Hosted) -> None:
    hosted.served.token = None
    hosted.fetch(token=None)
    hosted.fetch(token=TOKEN)
    assert {given for _, given in hosted.served.seen} == {""}


def test_a_rename_is_followed_with_the_token(hosted: Hosted) -> None:
    hosted.served.redirects["/old-name/.git"] = f"{hosted.served.url}/project/.git"
    hosted.url = f"{hosted.served.url}/old-name/.git"
    assert hosting.compared(hosted.fetch()) == hosting.compared(hosted.project.folder)


@pytest.mark.parametrize("open_elsewhere", [True, False])
def test_a_redirect_elsewhere_never_carries_the_token(hosted: Hosted, tmp_path: Path, *, open_elsewhere: bool) -> None:
    with git_http.serve(tmp_path) as elsewhere:
        elsewhere.token = None if open_elsewhere else TOKEN
        hosted.served.redirects["/project"] = f"{elsewhere.url}/project"
        if open_elsewhere:
            hosted.fetch()
        else:
            assert hosted.failure().failure is errors.FetchFailure.FORBIDDEN
        assert elsewhere.seen
        assert {given for _, given in elsewhere.seen} == {""}


def test_the_token_is_in_no_process_words_or_environment_and_in_no_file(hosted: Hosted) -> None:
    seen: dict[int, bytes] = {}
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            seen.update(hosting.descendants())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        for _ in range(3):
            hosted.fetch()
            hosted.project.commit({"more.py": str(len(seen))})
    finally:
        ended.set()
        watching.join()
    # the way of the token was walked and watched
    assert any(given for _, given in hosted.served.seen)
    assert any(b"remote-http" in text for text in seen.values())
    assert not [text for text in seen.values() if TOKEN.encode() in text]
    for file in hosted.folder.rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes()
            assert b"127.0.0.1" not in file.read_bytes()


def test_the_token_is_in_no_message(hosted: Hosted) -> None:
    problem = hosted.failure(token="wrong-but-secret")
    assert "wrong-but-secret" not in f"{problem!r} {problem.__cause__!r}"
    assert "secret" not in repr(fetching.Source(url=hosted.url, token="secret"))


def test_settings_hooks_and_credentials_of_the_user_are_not_used(
    hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    marker = tmp_path / "ran"
    (home / ".netrc").write_text(f"machine 127.0.0.1 login x-access-token password {TOKEN}\n")
    (home / ".gitconfig").write_text(
        f'[credential]\n\thelper = "!touch {marker}; echo username=x-access-token; echo password={TOKEN}"\n'
        f"[core]\n\tfsmonitor = touch {marker}\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_ASKPASS", "/bin/echo")
    monkeypatch.setenv("GIT_TRACE", str(marker))
    monkeypatch.setenv("GIT_DIR", str(hosted.project.folder))
    assert hosted.failure(token=None).failure is errors.FetchFailure.FORBIDDEN
    hosted.fetch()
    assert not marker.exists()
