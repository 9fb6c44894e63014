"""Mirrors whose server, disk or repository is at fault or too large."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.git import fetching
from tests.integration import hosting
from tests.integration.hosting import MAIN, MIB, PULL, Hosted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


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
    assert hosting.compared(hosted.fetch()) == hosting.compared(hosted.project.folder)


def test_nothing_listens_there(hosted: Hosted) -> None:
    hosted.url = "http://127.0.0.1:1/project/.git"
    assert hosted.failure().failure is errors.FetchFailure.UNAVAILABLE


def test_a_fetch_that_takes_too_long_ends(hosted: Hosted) -> None:
    hosted.served.stalled_after = 600
    problem = hosted.failure(timeout=1)
    assert (problem.failure, "more than 1 s" in str(problem)) == (errors.FetchFailure.UNAVAILABLE, True)
    assert not hosting.fetching_processes()


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


def test_trees_of_more_files_than_can_be_reviewed_are_refused(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.git.fetching._MOST_OBJECTS", 30)
    hosted.fetch()
    hosted.project.commit({f"many/f{number}.txt": f"{number}\n" for number in range(40)})
    problem = hosted.failure()
    assert (problem.failure, "more than 30 files and folders" in str(problem)) == (errors.FetchFailure.TOO_LARGE, True)


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
    assert hosting.compared(mirror) == hosting.compared(hosted.project.folder)
    assert not [*mirror.rglob("*.lock"), *mirror.rglob("tmp_*"), *hosted.folder.glob("*.dying")]
    hosting.git(mirror, "rev-list", "--all", "--objects", "--missing=allow-any")
