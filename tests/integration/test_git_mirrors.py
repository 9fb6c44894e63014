"""Mirrors of repositories that the real `git http-backend` serves."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gatekeeper import errors, review
from gatekeeper.diffs import tree
from gatekeeper.git import comparison, difftext, fetching, materialise, mirrors, repository
from tests.fakes import git_http
from tests.git_project import Project

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

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
        return self.mirrors(**limits).fetch(1, self.url, token, refs or (MAIN, PULL), cancelled=cancelled)

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


@pytest.fixture
def hosted(project: Project, tmp_path: Path) -> Iterator[Hosted]:
    """Return a project with some history, and a pull request of a fork that left it before its last commit."""
    for number in range(5):
        project.commit({"a.py": f"x = {number}\n" * 40, f"lib/m{number}.py": f"y = {number}\n", "d/e/f.txt": "deep\n"})
    project.git("tag", "-a", "v1.2", "-m", "tagged")
    project.branch("fork")
    project.commit({"lib/new.py": "z = 1\n", "d/e/f.txt": None, "d/moved.txt": "deep\n"})
    project.git("update-ref", PULL, "HEAD")
    project.switch("main")
    project.git("branch", "-D", "fork")
    project.commit({"lib/m0.py": "y = 'moved on'\n"})
    with git_http.serve(tmp_path) as served:
        yield Hosted(project, served, tmp_path / "mirrors")


def compared(folder: Path, judged: review.Judged, base: str = MAIN, head: str = PULL) -> tuple[object, ...]:
    """Return all that a review reads of the two revisions in the repository."""
    opened = repository.open_repository(folder)
    found = comparison.compare(opened, repository.resolve(opened, base), repository.resolve(opened, head), judged)
    contents = [
        {path: side.read(path) for path, entry in side.entries.items() if entry.mode is not tree.Mode.SUBMODULE}
        for side in (found.before, found.after, found.base)
    ]
    return found.before.id, found.after.id, difftext.unified(opened.objects, found.before, found.after), contents


def descendants(sessions_only: int | None = None) -> dict[int, bytes]:
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


@pytest.mark.parametrize("judged", list(review.Judged))
def test_a_mirror_gives_the_trees_the_files_and_the_diff_of_a_full_clone(hosted: Hosted, judged: review.Judged) -> None:
    mirror = hosted.fetch()
    assert mirror == hosted.folder / "1.git"
    assert compared(mirror, judged) == compared(hosted.project.folder, judged)
    assert "rename from d/e/f.txt" in str(compared(mirror, judged)[2])
    assert hosted.blobs_left_out() > 0


def test_both_trees_can_be_written_out_of_a_mirror(hosted: Hosted, tmp_path: Path) -> None:
    opened = repository.open_repository(hosted.fetch())
    found = comparison.compare(
        opened, repository.resolve(opened, MAIN), repository.resolve(opened, PULL), review.Judged.MERGE
    )
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    first = materialise.write(found.before, before, size_limit=MIB)
    second = materialise.write(found.after, after, size_limit=MIB, like=first)
    assert (first.left_out, second.left_out) == ((), ())
    assert (before / "d/e/f.txt").read_text() == (after / "d/moved.txt").read_text() == "deep\n"
    assert (after / "lib/m0.py").read_text() == "y = 'moved on'\n"


def test_files_of_the_past_are_not_fetched(hosted: Hosted) -> None:
    for number in range(20):
        hosted.project.commit({"data.bin": random.Random(number).randbytes(50_000)})
    hosted.fetch()
    assert hosted.blobs_left_out() >= 20
    assert fetching.size(hosted.folder) < 300_000


def test_a_server_that_knows_no_filters_gives_the_same(hosted: Hosted) -> None:
    hosted.project.git("config", "uploadpack.allowFilter", "false")
    mirror = hosted.fetch()
    assert compared(mirror, review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)


def test_branches_merged_crosswise_are_merged_as_in_a_full_clone(hosted: Hosted) -> None:
    project = hosted.project
    lines = [f"{number}\n" for number in range(30)]

    def with_line(**changed: str) -> str:
        return "".join(changed.get(f"n{number}", line) for number, line in enumerate(lines))

    start = project.commit({"c.txt": with_line()})
    left = project.commit({"c.txt": with_line(n2="left\n")})
    project.git("checkout", "--quiet", start)
    right = project.commit({"c.txt": with_line(n20="right\n")})
    project.git("merge", "--quiet", "-m", "crosswise", left)
    head = project.commit({"c.txt": with_line(n2="left\n", n20="right\n", n10="head\n")})
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "-m", "crosswise", right)
    project.commit({"c.txt": with_line(n2="left\n", n20="right\n", n28="base\n")})
    hosted.open_pull(head)
    assert len(project.git("merge-base", "--all", "main", head).split()) == 2
    mirror = hosted.fetch()
    assert compared(mirror, review.Judged.MERGE) == compared(project.folder, review.Judged.MERGE)


def test_a_push_a_force_push_and_a_base_that_moved_are_followed(hosted: Hosted) -> None:
    project = hosted.project
    hosted.fetch()
    base = project.git("rev-parse", "main~2")
    for start in (PULL, base):
        project.git("checkout", "--quiet", "--detach", start)
        hosted.open_pull(project.commit({"lib/new.py": f"z = '{start}'\n"}))
        project.switch("main")
        project.commit({"lib/m1.py": f"y = '{start}'\n"})
        mirror = hosted.fetch()
        assert compared(mirror, review.Judged.MERGE) == compared(project.folder, review.Judged.MERGE)


def test_commits_are_fetched_by_their_ids_and_the_second_time_without_the_server(hosted: Hosted) -> None:
    base, head = (hosted.project.git("rev-parse", name) for name in ("main~1", PULL))
    mirror = hosted.fetch(base, head)
    asked = len(hosted.served.seen)
    assert hosted.fetch(base, head) == mirror
    assert len(hosted.served.seen) == asked
    assert compared(mirror, review.Judged.MERGE, base, head) == compared(
        hosted.project.folder, review.Judged.MERGE, base, head
    )


def test_what_each_ref_led_to_is_told_though_another_fetch_moves_it(hosted: Hosted) -> None:
    head = hosted.project.git("rev-parse", PULL)
    with hosted.mirrors().fetched(1, hosted.url, TOKEN, (MAIN, PULL), cancelled=lambda: False) as found:
        hosted.open_pull("main")
        hosted.fetch()
        assert found.commits == {MAIN: hosted.project.git("rev-parse", "main"), PULL: head}


def test_tags_come_along_so_that_the_nearest_is_known(hosted: Hosted) -> None:
    opened = repository.open_repository(hosted.fetch())
    assert repository.nearest_tag(opened, repository.resolve(opened, MAIN)) == "v1.2"


def test_a_branch_may_take_the_place_of_one_that_is_gone(hosted: Hosted) -> None:
    for old, new in (("a", "a/b"), ("a/b", "a")):
        hosted.project.git("branch", old, "main")
        hosted.fetch(f"refs/heads/{old}", PULL)
        hosted.project.git("branch", "-D", old)
        hosted.project.git("branch", new, "main~1")
        mirror = hosted.fetch(f"refs/heads/{new}", PULL)
        assert git(mirror, "rev-parse", f"refs/heads/{new}").strip() == hosted.project.git("rev-parse", "main~1")
        hosted.project.git("branch", "-D", new)


@pytest.mark.parametrize("ref", ["refs/pull/8/head", "1" * 40])
def test_a_ref_or_commit_that_is_not_there_yet_may_come(hosted: Hosted, ref: str) -> None:
    problem = hosted.failure(MAIN, ref)
    assert (problem.failure, problem.passes) == (errors.FetchFailure.MISSING, True)
    assert "may not be there yet" in str(problem)


@pytest.mark.parametrize("token", ["wrong", None])
def test_a_wrong_token_is_told_from_a_fault_of_the_network(hosted: Hosted, token: str | None) -> None:
    problem = hosted.failure(token=token)
    assert (problem.failure, problem.passes) == (errors.FetchFailure.FORBIDDEN, False)
    assert "contents: read" in str(problem)
    assert not (hosted.folder / "1.git").exists()


def test_a_repository_that_does_not_exist_is_told(hosted: Hosted) -> None:
    hosted.url += "x"
    assert hosted.failure().failure is errors.FetchFailure.FORBIDDEN


def test_a_public_repository_needs_no_token(hosted: Hosted) -> None:
    hosted.served.token = None
    hosted.fetch(token=None)
    hosted.fetch(token=TOKEN)
    assert {given for _, given in hosted.served.seen} == {""}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_in_trouble_is_to_be_asked_again(hosted: Hosted, status: int) -> None:
    hosted.served.status = status
    problem = hosted.failure()
    assert (problem.failure, problem.passes) == (errors.FetchFailure.UNAVAILABLE, True)
    hosted.served.status = None
    hosted.fetch()


def test_a_connection_cut_in_the_middle_leaves_nothing_half_done(hosted: Hosted) -> None:
    hosted.served.cut_after = 600
    assert hosted.failure().failure is errors.FetchFailure.UNAVAILABLE
    hosted.served.cut_after = None
    assert compared(hosted.fetch(), review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)


def test_nothing_listens_there(hosted: Hosted) -> None:
    hosted.url = "http://127.0.0.1:1/project/.git"
    assert hosted.failure().failure is errors.FetchFailure.UNAVAILABLE


def test_a_fetch_that_takes_too_long_ends(hosted: Hosted) -> None:
    hosted.served.stalled_after = 600
    problem = hosted.failure(timeout=1)
    assert (problem.failure, "more than 1 s" in str(problem)) == (errors.FetchFailure.UNAVAILABLE, True)
    assert not fetching_processes()


def test_a_rename_is_followed_with_the_token(hosted: Hosted) -> None:
    hosted.served.redirects["/old-name/.git"] = f"{hosted.served.url}/project/.git"
    hosted.url = f"{hosted.served.url}/old-name/.git"
    assert compared(hosted.fetch(), review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)


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
            seen.update(descendants())

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
    until(lambda: hosted.served.bytes_sent > 100_000 and bool(fetching_processes()))
    superseded.set()
    told = time.monotonic()
    running.join()
    assert ended[0][1] is errors.FetchFailure.CANCELLED
    assert ended[0][0] - told < 1
    assert not fetching_processes()
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
    until(lambda: bool(fetching_processes()))
    second.start()
    second_ends.set()
    second.join(2)
    assert not second.is_alive()
    first_ends.set()
    first.join()
    assert failures == [errors.FetchFailure.CANCELLED] * 2


def test_a_repository_above_the_limit_is_refused_and_leaves_nothing(hosted: Hosted) -> None:
    hosted.project.commit({"big.bin": random.Random(1).randbytes(8 * MIB)})
    problem = hosted.failure(size_limit=2 * MIB)
    assert (problem.failure, problem.passes) == (errors.FetchFailure.TOO_LARGE, False)
    assert "larger than 2 MiB: raise GATEKEEPER_MIRROR_SIZE" in str(problem)
    assert list(hosted.folder.iterdir()) == []


def test_a_pull_request_above_the_limit_does_not_cost_the_mirror(hosted: Hosted) -> None:
    hosted.fetch()
    kept = set(hosted.folder.rglob("*.pack"))
    hosted.project.git("checkout", "--quiet", "--detach", PULL)
    hosted.open_pull(hosted.project.commit({"big.bin": random.Random(1).randbytes(8 * MIB)}), number=8)
    assert hosted.failure(MAIN, "refs/pull/8/head", size_limit=2 * MIB).failure is errors.FetchFailure.TOO_LARGE
    assert kept <= set(hosted.folder.rglob("*.pack"))
    hosted.fetch(MAIN, PULL, size_limit=2 * MIB)


def test_a_mirror_full_of_the_past_is_begun_anew(hosted: Hosted) -> None:
    for number in range(6):
        hosted.project.git("checkout", "--quiet", "--detach", "main")
        hosted.open_pull(hosted.project.commit({"big.bin": random.Random(number).randbytes(MIB)}))
        hosted.fetch(size_limit=3 * MIB)
        assert fetching.size(hosted.folder) <= 3 * MIB


def _truncated(mirror: Path) -> None:
    for pack in mirror.rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:40])


def _locked(mirror: Path) -> None:
    for name in ("packed-refs.lock", "HEAD.lock", "config.lock", "refs/heads/main.lock", "objects/pack/tmp_pack_x"):
        (mirror / name).parent.mkdir(parents=True, exist_ok=True)
        (mirror / name).touch()


def _without_files(mirror: Path) -> None:
    sizes = sorted(mirror.rglob("*.pack"), key=lambda pack: pack.stat().st_size)
    for end in (".pack", ".idx"):
        sizes[0].with_suffix(end).unlink()


def _misled(mirror: Path) -> None:
    (mirror / "refs/heads").mkdir(parents=True, exist_ok=True)
    (mirror / "refs/heads/main").write_text("1" * 40 + "\n")


def _cut_ref(mirror: Path) -> None:
    (mirror / "refs/heads").mkdir(parents=True, exist_ok=True)
    (mirror / "refs/heads/main").write_text("")


def _without_parts(mirror: Path) -> None:
    for name in ("HEAD", "config"):
        (mirror / name).unlink()


def _without_index(mirror: Path) -> None:
    for index in mirror.rglob("*.idx"):
        index.unlink()


@pytest.mark.parametrize(
    "damage", [_truncated, _locked, _without_files, _misled, _cut_ref, _without_parts, _without_index]
)
def test_a_damaged_mirror_mends_itself(hosted: Hosted, damage: Callable[[Path], None]) -> None:
    damage(hosted.fetch())
    hosted.project.commit({"lib/m3.py": "later\n"})
    mirror = hosted.fetch()
    assert compared(mirror, review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)
    assert not [*mirror.rglob("*.lock"), *mirror.rglob("tmp_*"), *hosted.folder.glob("*.dying")]
    git(mirror, "rev-list", "--all", "--objects", "--missing=allow-any")


_FETCHES = """
import sys
from pathlib import Path
from gatekeeper.git import mirrors
folder, url, token, *refs = sys.argv[1:]
made = mirrors.Mirrors(Path(folder), size_limit=10**8, timeout=60)
print(made.fetch(1, url, token, refs, cancelled=lambda: False))
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
    assert compared(mirror, review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)


def test_a_killed_process_leaves_a_mirror_that_the_next_can_use(hosted: Hosted) -> None:
    hosted.project.commit({"big.bin": random.Random(1).randbytes(2 * MIB)})
    hosted.served.stalled_after = 100_000
    with _process(hosted) as process:
        until(lambda: hosted.served.bytes_sent > 100_000 and bool(list(hosted.folder.rglob("tmp_pack_*"))))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert list(hosted.folder.rglob("tmp_pack_*"))
    # the git that it started is still there, and nobody else fetches until it has gone
    assert hosted.failure(timeout=1).failure is errors.FetchFailure.UNAVAILABLE
    hosted.served.stalled_after = None
    hosted.served.released.set()
    mirror = hosted.fetch()
    assert compared(mirror, review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)
    assert not list(hosted.folder.rglob("tmp_pack_*"))


def test_a_mirror_in_use_is_neither_pruned_nor_tidied(hosted: Hosted) -> None:
    made = hosted.mirrors()
    hosted.fetch()
    with made.opened(1) as mirror:
        assert made.prune(unused_since=time.time() + 60, total=0) == []
        assert not made.discard(1)
        assert not made.collect(1, older_than=0, cancelled=lambda: False)
        # others read and fetch meanwhile
        hosted.fetch()
        compared(mirror, review.Judged.MERGE)
    assert made.collect(1, older_than=0, cancelled=lambda: False)
    assert made.prune(unused_since=time.time() + 60, total=0) == [1]
    assert list(hosted.folder.iterdir()) == []
    with pytest.raises(errors.FetchError, match="fetch it first"), made.opened(1):
        pass


def test_the_mirrors_that_rested_longest_go_first(hosted: Hosted) -> None:
    made = hosted.mirrors()
    for number in (1, 2, 3, 4):
        made.fetch(number, hosted.url, TOKEN, (MAIN, PULL), cancelled=lambda: False)
        os.utime(hosted.folder / f"{number}.use", (1000 * number, 1000 * number))
    each = fetching.size(hosted.folder / "4.git")
    assert made.prune(unused_since=1500, total=10 * each) == [1]
    assert made.prune(unused_since=1500, total=int(2.5 * each)) == [2]
    with made.opened(3):
        pass
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
    assert "refs/pull/8/head" in git(mirror, "for-each-ref")
    assert compared(mirror, review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)
    assert hosted.mirrors().collect(1, older_than=2_000_000_000, cancelled=lambda: False)
    assert set(git(mirror, "for-each-ref", "--format=%(refname)").split()) == {MAIN, "refs/tags/v1.2"}
    asked = hosted.served.bytes_sent
    assert compared(hosted.fetch(), review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)
    assert hosted.served.bytes_sent - asked < 3000


def test_more_files_than_one_request_asks_for_are_fetched(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.git.fetching._AT_ONCE", 7)
    hosted.project.commit({f"many/f{number}.txt": f"{number}\n" for number in range(50)})
    assert compared(hosted.fetch(), review.Judged.MERGE) == compared(hosted.project.folder, review.Judged.MERGE)


def test_submodules_and_links_are_no_files_to_fetch(hosted: Hosted) -> None:
    project = hosted.project
    (project.folder / "link").symlink_to("a.py")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    project.git("commit", "--quiet", "-m", "submodule")
    project.commit({})
    assert compared(hosted.fetch(), review.Judged.MERGE) == compared(project.folder, review.Judged.MERGE)


def test_trees_of_more_files_than_can_be_reviewed_are_refused(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.git.fetching._MOST_OBJECTS", 30)
    hosted.fetch()
    hosted.project.commit({f"many/f{number}.txt": f"{number}\n" for number in range(40)})
    problem = hosted.failure()
    assert (problem.failure, "more than 30 files and folders" in str(problem)) == (errors.FetchFailure.TOO_LARGE, True)
