"""Mirrors that several fetch, cancel, leave behind, use and tidy up."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from gatekeeper import errors
from gatekeeper.git import fetching
from tests.integration import hosting
from tests.integration.hosting import MAIN, MIB, PULL, TOKEN, Hosted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_cancelling_kills_git_within_a_second_and_lets_go_of_the_mirror(hosted: Hosted) -> None:
    hosted.project.commit({"big.bin": random.Random(1).randbytes(2 * MIB)})
    hosted.served.stalled_after = 100_000
    superseded = threading.Event()
    ended: list[tuple[float, errors.FetchFailure]] = []

    def fetch() -> None:
        why = hosted.failure(cancelled=superseded.is_set).failure
        ended.append((time.monotonic(), why))

    running = threading.Thread(target=fetch)
    running.start()
    hosting.until(lambda: hosted.served.bytes_sent > 100_000 and bool(hosting.fetching_processes()))
    superseded.set()
    told = time.monotonic()
    running.join()
    assert ended[0][1] is errors.FetchFailure.CANCELLED
    assert ended[0][0] - told < 1
    assert not hosting.fetching_processes()
    assert not list(hosted.folder.rglob("tmp_*"))
    hosted.served.stalled_after = None
    hosted.fetch()


def test_cancelling_ends_the_wait_for_the_lock_too(hosted: Hosted) -> None:
    hosted.served.stalled_after = 600
    first_ends, second_ends = threading.Event(), threading.Event()
    failures = []

    def fetch(ends: threading.Event) -> None:
        failures.append(hosted.failure(cancelled=ends.is_set).failure)

    first = threading.Thread(target=fetch, args=(first_ends,))
    second = threading.Thread(target=fetch, args=(second_ends,))
    first.start()
    hosting.until(lambda: bool(hosting.fetching_processes()))
    second.start()
    second_ends.set()
    second.join(2)
    assert not second.is_alive()
    first_ends.set()
    first.join()
    assert failures == [errors.FetchFailure.CANCELLED] * 2


_FETCHES = """
import sys
from pathlib import Path
from gatekeeper.git import mirrors
folder, url, token, *refs = sys.argv[1:]
made = mirrors.Mirrors(Path(folder), size_limit=10**8, timeout=60)
with made.fetched(1, url, token, refs, cancelled=lambda: False) as found:
    print(found.folder)
"""


def _process(hosted: Hosted) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", _FETCHES, str(hosted.folder), hosted.url, TOKEN, MAIN, PULL]
    return subprocess.Popen(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_threads_and_processes_fetch_the_same_repository_at_once(hosted: Hosted) -> None:
    processes = [_process(hosted) for _ in range(2)]
    threads = [threading.Thread(target=hosted.fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        printed, said = process.communicate(timeout=60)
        assert (process.returncode, printed.strip(), said) == (0, str(hosted.folder / "1.git"), "")
    mirror = hosted.folder / "1.git"
    assert hosting.compared(mirror) == hosting.compared(hosted.project.folder)


def test_a_killed_process_leaves_a_mirror_that_the_next_can_use(hosted: Hosted) -> None:
    hosted.project.commit({"big.bin": random.Random(1).randbytes(2 * MIB)})
    hosted.served.stalled_after = 100_000
    with _process(hosted) as process:
        hosting.until(lambda: hosted.served.bytes_sent > 100_000 and bool(list(hosted.folder.rglob("tmp_pack_*"))))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert list(hosted.folder.rglob("tmp_pack_*"))
    # the git that it started is still there, and nobody else fetches until it has gone
    assert hosted.failure(timeout=1).failure is errors.FetchFailure.UNAVAILABLE
    hosted.served.stalled_after = None
    hosted.served.released.set()
    mirror = hosted.fetch()
    assert hosting.compared(mirror) == hosting.compared(hosted.project.folder)
    assert not list(hosted.folder.rglob("tmp_pack_*"))


def test_a_mirror_in_use_is_neither_pruned_nor_tidied(hosted: Hosted) -> None:
    made = hosted.mirrors()
    with made.fetched(1, hosted.url, TOKEN, (MAIN, PULL), cancelled=lambda: False) as found:
        assert made.prune(unused_since=time.time() + 60, total=0) == []
        assert not made.discard(1)
        assert not made.collect(1, older_than=0, cancelled=lambda: False)
        # others read and fetch meanwhile
        hosted.fetch()
        hosting.compared(found.folder)
    assert made.collect(1, older_than=0, cancelled=lambda: False)
    assert made.prune(unused_since=time.time() + 60, total=0) == [1]
    assert list(hosted.folder.iterdir()) == []


def test_the_mirrors_that_rested_longest_go_first(hosted: Hosted) -> None:
    made = hosted.mirrors()

    def use(number: int) -> None:
        with made.fetched(number, hosted.url, TOKEN, (MAIN, PULL), cancelled=lambda: False):
            pass

    for number in (1, 2, 3, 4):
        use(number)
        os.utime(hosted.folder / f"{number}.use", (1000 * number, 1000 * number))
    each = fetching.size(hosted.folder / "4.git")
    assert made.prune(unused_since=1500, total=10 * each) == [1]
    assert made.prune(unused_since=1500, total=int(2.5 * each)) == [2]
    use(3)
    assert made.prune(unused_since=0, total=int(1.5 * each)) == [4]
    assert sorted(path.name for path in hosted.folder.iterdir()) == ["3.git", "3.use", "3.write"]


def test_tidying_forgets_old_pull_requests_and_makes_one_pack(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.git.tidying.MOST_PACKS", 2)
    hosted.open_pull(PULL, number=8)
    hosted.fetch(MAIN, PULL, "refs/pull/8/head", hosted.project.git("rev-parse", "main~1"))
    # commits of tests are dated 2026-01-01
    assert hosted.mirrors().collect(1, older_than=1_700_000_000, cancelled=lambda: False)
    mirror = hosted.folder / "1.git"
    assert len(list(mirror.rglob("*.pack"))) == 1
    assert "refs/pull/8/head" in hosting.git(mirror, "for-each-ref")
    assert hosting.compared(mirror) == hosting.compared(hosted.project.folder)
    assert hosted.mirrors().collect(1, older_than=2_000_000_000, cancelled=lambda: False)
    assert set(hosting.git(mirror, "for-each-ref", "--format=%(refname)").split()) == {MAIN, "refs/tags/v1.2"}
    asked = hosted.served.bytes_sent
    assert hosting.compared(hosted.fetch()) == hosting.compared(hosted.project.folder)
    assert hosted.served.bytes_sent - asked < 3000
