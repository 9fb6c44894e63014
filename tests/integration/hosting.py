"""A repository that the real `git http-backend` serves, and the mirrors of one who reviews it."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper import errors, review
from gatekeeper.diffs import tree
from gatekeeper.git import comparison, difftext, mirrors, repository
from tests.fakes import git_http
from tests.git_project import Project

TOKEN = "ghs_" + "Zq7" * 12
MAIN, PULL = "refs/heads/main", "refs/pull/7/head"
MIB = 1024 * 1024


class Hosted:
    """A project with a pull request, hosted, and the mirrors of one who reviews it."""

    def __init__(self, project: Project, served: git_http.GitServer, folder: Path) -> None:
        self.project = project
        self.served = served
        self.folder = folder
        self.url = f"{served.url}/project/.git"
        served.token = TOKEN
        project.git("config", "uploadpack.allowFilter", "true")

    def mirrors(self, size_limit: int = 100 * MIB, timeout: float = 60) -> mirrors.Mirrors:
        return mirrors.Mirrors(self.folder, size_limit=size_limit, timeout=timeout)

    def fetch(
        self, *refs: str, token: str | None = TOKEN, cancelled: Callable[[], bool] = lambda: False, **limits: int
    ) -> Path:
        asked = refs or (MAIN, PULL)
        with self.mirrors(**limits).fetched(1, self.url, token, asked, cancelled=cancelled) as found:
            return found.folder

    def failure(
        self, *refs: str, token: str | None = TOKEN, cancelled: Callable[[], bool] = lambda: False, **limits: int
    ) -> errors.FetchError:
        with pytest.raises(errors.FetchError) as caught:
            self.fetch(*refs, token=token, cancelled=cancelled, **limits)
        return caught.value

    def open_pull(self, at: str = "HEAD", number: int = 7) -> None:
        self.project.git("update-ref", f"refs/pull/{number}/head", at)

    def blobs_left_out(self) -> int:
        """Return how many objects of the project's whole history the mirror lacks."""
        here = set(git(self.folder / "1.git", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())
        return len(set(self.project.git("rev-list", "--objects", "--no-object-names", "--all").split()) - here)


def git(folder: Path, *words: str) -> str:
    environment = {"PATH": os.environ["PATH"], "GIT_ALLOW_PROTOCOL": "none", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "--git-dir", folder, *words], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def compared(
    folder: Path, judged: review.Judged = review.Judged.MERGE, base: str = MAIN, head: str = PULL
) -> tuple[object, ...]:
    """Return all that a review reads of the two revisions in the repository."""
    opened = repository.open_repository(folder)
    found = comparison.compare(opened, repository.resolve(opened, base), repository.resolve(opened, head), judged)
    contents = [
        {path: side.read(path) for path, entry in side.entries.items() if entry.mode is not tree.Mode.SUBMODULE}
        for side in (found.before, found.after, found.base)
    ]
    return found.before.id, found.after.id, difftext.unified(opened.objects, found.before, found.after), contents


def descendants() -> dict[int, bytes]:
    """Return the words and the environment of each process below this one, by its number."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found: dict[int, bytes] = {}
    for number in parents:
        above = number
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid() and number != above:
            with contextlib.suppress(OSError):
                place = Path(f"/proc/{number}")
                found[number] = (place / "cmdline").read_bytes() + b"\n" + (place / "environ").read_bytes()
    return found


def fetching_processes() -> dict[int, bytes]:
    """Return those of the descendants that fetch; the server's are others."""
    return {number: text for number, text in descendants().items() if b"--git-dir" in text or b"remote-http" in text}


def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
