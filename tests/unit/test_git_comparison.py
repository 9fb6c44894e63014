import hashlib
from pathlib import Path

import pytest

from gatekeeper import errors, review
from gatekeeper.git import comparison, difftext, repository
from tests.git_project import Project

LINES = "".join(f"line {number}\n" for number in range(1, 41))


def compare(
    folder: Path, base: str = "main", head: str = "pr", judged: review.Judged = review.Judged.MERGE
) -> comparison.Comparison:
    opened = repository.open_repository(folder)
    return comparison.compare(opened, repository.resolve(opened, base), repository.resolve(opened, head), judged)


def diverge(project: Project, base: dict[str, str | bytes | None], head: dict[str, str | bytes | None]) -> None:
    project.branch("pr")
    project.commit(head)
    project.switch("main")
    project.commit(base)


def everything(folder: Path) -> dict[str, tuple[str, int]]:
    """Return digest and time of change of each file below the folder."""
    return {
        str(file.relative_to(folder)): (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_merge_holds_what_both_sides_changed(project: Project) -> None:
    root = project.commit({"a": LINES})
    diverge(project, {"a": LINES.replace("line 2\n", "base\n")}, {"a": LINES.replace("line 30\n", "head\n")})
    found = compare(project.folder)
    assert b"base\n" in found.after.read("a")
    assert b"head\n" in found.after.read("a")
    assert found.before.read("a").count(b"head") == 0
    assert found.subject == review.Subject(
        repository=str(project.folder.resolve()),
        base=project.git("rev-parse", "main"),
        merge_base=root,
        head=project.git("rev-parse", "pr"),
        judged=review.Judged.MERGE,
        before=project.git("rev-parse", "main^{tree}"),
        after=found.after.id,
    )


def test_the_merge_is_the_tree_that_git_makes(project: Project) -> None:
    project.commit({"old/a.py": LINES, "b": "b"})
    diverge(
        project,
        {"old/a.py": LINES.replace("line 2\n", "base\n")},
        {"old/a.py": None, "new/a.py": LINES.replace("line 30\n", "head\n"), "added": "x"},
    )
    found = compare(project.folder)
    project.git("merge", "--quiet", "--no-edit", "pr")
    assert found.after.id == project.git("rev-parse", "main^{tree}")


def test_a_review_s_reads_leave_the_repository_as_it_was(project: Project) -> None:
    project.commit({"a": LINES, "kept": "x", "merged": LINES})
    head = LINES.replace("line 30\n", "head\n")
    base = LINES.replace("line 2\n", "base\n")
    # the merge's result exists already as an object: writing it again would touch the object's time
    project.blob(base.replace("line 30\n", "head\n").encode())
    diverge(project, {"a": base}, {"a": head})
    project.git("config", "core.fsyncMethod", "batch")
    before = everything(project.folder)
    opened = repository.open_repository(project.folder)
    found = comparison.compare(
        opened, repository.resolve(opened, "main"), repository.resolve(opened, "pr"), review.Judged.MERGE
    )
    assert difftext.unified(opened.objects, found.before, found.after)
    assert {path: found.after.read(path) for path in found.after.entries}
    assert everything(project.folder) == before


def test_head_is_judged_against_the_merge_base_on_request(project: Project) -> None:
    project.commit({"a": "root"})
    diverge(project, {"b": "base"}, {"c": "head"})
    found = compare(project.folder, judged=review.Judged.HEAD)
    assert set(found.before.entries) == {"a"}
    assert set(found.after.entries) == {"a", "c"}
    assert set(found.base.entries) == {"a", "b"}


def test_a_head_that_is_merged_already_changes_nothing(project: Project) -> None:
    project.commit({"a": "1"})
    project.branch("pr")
    project.switch("main")
    project.commit({"a": "2"})
    found = compare(project.folder)
    assert found.before.id == found.after.id == project.git("rev-parse", "main^{tree}")


def test_a_head_ahead_of_base_is_judged_as_it_is(project: Project) -> None:
    project.commit({"a": "1"})
    project.branch("pr")
    project.commit({"a": "2"})
    assert compare(project.folder).after.id == project.git("rev-parse", "pr^{tree}")


def test_a_conflict_is_not_analysed_and_names_the_files(project: Project) -> None:
    names = [f"f{number}" for number in range(7)]
    project.commit(dict.fromkeys(names, "root"))
    diverge(project, dict.fromkeys(names, "base"), dict.fromkeys(names, "head"))
    with pytest.raises(errors.NotAnalysed, match=r"^does not merge: conflicts in f0, f1, f2, f3, f4 and 2 more$"):
        compare(project.folder)


def test_a_file_changed_here_and_deleted_there_conflicts(project: Project) -> None:
    project.commit({"a": "root", "b": "b"})
    diverge(project, {"a": "base"}, {"a": None})
    with pytest.raises(errors.NotAnalysed, match="conflicts in a"):
        compare(project.folder)


def test_drivers_filters_and_attributes_of_the_repository_are_not_used(project: Project, tmp_path: Path) -> None:
    project.commit({"a": LINES, ".gitattributes": "a merge=evil filter=evil diff=evil\n"})
    diverge(project, {"a": LINES.replace("line 2\n", "base\n")}, {"a": LINES.replace("line 30\n", "head\n")})
    for key in ("merge.evil.driver", "filter.evil.smudge", "diff.evil.textconv", "diff.evil.command"):
        project.git("config", key, f"touch {tmp_path / 'ran'}; false")
    (project.folder / ".git/info").mkdir()
    (project.folder / ".git/info/attributes").write_text("* -diff -merge\n")
    opened = repository.open_repository(project.folder)
    found = comparison.compare(
        opened, repository.resolve(opened, "main"), repository.resolve(opened, "pr"), review.Judged.MERGE
    )
    assert "\n-line 30\n+head\n" in difftext.unified(opened.objects, found.before, found.after)
    assert not (tmp_path / "ran").exists()


def test_unrelated_histories_are_refused(project: Project) -> None:
    project.commit({"a": "1"})
    project.git("update-ref", "refs/heads/pr", project.commit_tree(project.tree()))
    with pytest.raises(errors.RepositoryError, match="no commit in common"):
        compare(project.folder)


def test_criss_cross_merges_have_a_merge(project: Project) -> None:
    project.commit({"a": LINES})
    diverge(project, {"a": LINES.replace("line 2\n", "base\n")}, {"a": LINES.replace("line 30\n", "head\n")})
    first, second = project.git("rev-parse", "main"), project.git("rev-parse", "pr")
    project.git("merge", "--quiet", "--no-edit", second)
    project.switch("pr")
    project.git("merge", "--quiet", "--no-edit", first)
    project.commit({"a": (project.folder / "a").read_text() + "more\n"})
    assert compare(project.folder).after.read("a").endswith(b"more\n")


def test_a_shallow_clone_without_the_merge_base_says_what_to_run(project: Project, tmp_path: Path) -> None:
    project.commit({"a": "root"})
    diverge(project, {"b": "base"}, {"c": "head"})
    url = project.folder.as_uri()
    project.git("clone", "--quiet", "--depth=1", "--no-single-branch", url, str(tmp_path / "shallow"))
    with pytest.raises(errors.RepositoryError, match="git fetch --unshallow"):
        compare(tmp_path / "shallow", "origin/main", "origin/pr")


def test_a_shallow_clone_without_base_says_what_to_run(project: Project, tmp_path: Path) -> None:
    project.commit({"a": "root"})
    project.commit({"a": "next"})
    project.git("clone", "--quiet", "--depth=1", project.folder.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(errors.RepositoryError, match="git fetch --unshallow"):
        compare(tmp_path / "shallow", "HEAD~1", "HEAD")


def test_a_shallow_clone_with_the_merge_base_will_do(project: Project, tmp_path: Path) -> None:
    project.commit({"a": "older"})
    project.commit({"a": "root"})
    diverge(project, {"b": "base"}, {"c": "head"})
    url = project.folder.as_uri()
    project.git("clone", "--quiet", "--depth=2", "--no-single-branch", url, str(tmp_path / "shallow"))
    assert set(compare(tmp_path / "shallow", "origin/main", "origin/pr").after.entries) == {"a", "b", "c"}


def test_a_partial_clone_says_what_it_lacks(project: Project, tmp_path: Path) -> None:
    project.commit({"a": "root"})
    diverge(project, {"b": "base"}, {"c": "head"})
    project.git("config", "uploadpack.allowFilter", "true")
    words = ("clone", "--quiet", "--no-checkout", "--filter=blob:none", project.folder.as_uri())
    project.git(*words, str(tmp_path / "partial"))
    with pytest.raises(errors.RepositoryError, match=r"is missing: a partial clone lacks it.*without `--filter`"):
        compare(tmp_path / "partial", "origin/main", "origin/pr")


@pytest.mark.parametrize("lost", ["main^{tree}", "pr:a"])
def test_a_lost_object_is_reported(project: Project, lost: str) -> None:
    project.commit({"a": LINES})
    diverge(project, {"a": LINES.replace("line 2\n", "base\n")}, {"a": LINES.replace("line 30\n", "head\n")})
    oid = project.git("rev-parse", lost)
    (project.folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(errors.RepositoryError, match=f"{oid} is missing"):
        compare(project.folder)


def test_a_lost_commit_between_the_two_is_reported(project: Project) -> None:
    root = project.commit({"a": "root"})
    diverge(project, {"b": "base"}, {"c": "head"})
    (project.folder / ".git/objects" / root[:2] / root[2:]).unlink()
    with pytest.raises(errors.RepositoryError, match=f"history .* cannot be read .*{root}.*without `--filter`"):
        compare(project.folder)


def test_a_tree_that_git_would_not_make_is_no_crash(project: Project) -> None:
    root = project.commit({"a": "root"})
    blob = project.blob(b"x")
    hostile = project.tree(("100644", b".git", blob), ("100644", b"..", blob), ("100644", b"x/../../y", blob))
    project.git("update-ref", "refs/heads/pr", project.commit_tree(hostile, root))
    project.commit({"b": "base"})
    with pytest.raises(errors.NotAnalysed, match="does not merge"):
        compare(project.folder)
