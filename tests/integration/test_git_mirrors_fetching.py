"""What a fetch brings into a mirror, from the real `git http-backend`."""

import random
from pathlib import Path

import pytest

from gatekeeper import errors, review
from gatekeeper.git import comparison, fetching, materialise, repository
from tests.integration import hosting
from tests.integration.hosting import MAIN, MIB, PULL, TOKEN, Hosted

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.mark.parametrize("judged", list(review.Judged))
def test_a_mirror_gives_the_trees_the_files_and_the_diff_of_a_full_clone(hosted: Hosted, judged: review.Judged) -> None:
    mirror = hosted.fetch()
    assert mirror == hosted.folder / "1.git"
    assert hosting.compared(mirror, judged) == hosting.compared(hosted.project.folder, judged)
    assert "rename from d/e/f.txt" in str(hosting.compared(mirror, judged)[2])
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
    assert hosting.compared(mirror) == hosting.compared(hosted.project.folder)


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
    assert hosting.compared(mirror) == hosting.compared(project.folder)


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
        assert hosting.compared(mirror) == hosting.compared(project.folder)


def test_commits_are_fetched_by_their_ids_and_the_second_time_without_the_server(hosted: Hosted) -> None:
    base, head = (hosted.project.git("rev-parse", name) for name in ("main~1", PULL))
    mirror = hosted.fetch(base, head)
    asked = len(hosted.served.seen)
    assert hosted.fetch(base, head) == mirror
    assert len(hosted.served.seen) == asked
    assert hosting.compared(mirror, base=base, head=head) == hosting.compared(
        hosted.project.folder, base=base, head=head
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
        assert hosting.git(mirror, "rev-parse", f"refs/heads/{new}").strip() == hosted.project.git(
            "rev-parse", "main~1"
        )
        hosted.project.git("branch", "-D", new)


@pytest.mark.parametrize("ref", ["refs/pull/8/head", "1" * 40])
def test_a_ref_or_commit_that_is_not_there_yet_may_come(hosted: Hosted, ref: str) -> None:
    problem = hosted.failure(MAIN, ref)
    assert (problem.failure, problem.passes) == (errors.FetchFailure.MISSING, True)
    assert "may not be there yet" in str(problem)


def test_a_repository_that_does_not_exist_is_told(hosted: Hosted) -> None:
    hosted.url += "x"
    assert hosted.failure().failure is errors.FetchFailure.FORBIDDEN


def test_more_files_than_one_request_asks_for_are_fetched(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.git.fetching._AT_ONCE", 7)
    hosted.project.commit({f"many/f{number}.txt": f"{number}\n" for number in range(50)})
    assert hosting.compared(hosted.fetch()) == hosting.compared(hosted.project.folder)


def test_submodules_and_links_are_no_files_to_fetch(hosted: Hosted) -> None:
    project = hosted.project
    (project.folder / "link").symlink_to("a.py")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    project.git("commit", "--quiet", "-m", "submodule")
    project.commit({})
    assert hosting.compared(hosted.fetch()) == hosting.compared(project.folder)
