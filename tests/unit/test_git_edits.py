import pytest

from gatekeeper.diffs import tree
from gatekeeper.git import edits, repository
from tests.git_project import Project

_FILES: dict[str, str | bytes | None] = {
    "a.py": "one = 1\n",
    "pack/deep/b.py": "two = 2\n",
    "pack/deep.py": "three = 3\n",
    "größe.py": "four = 4\n",
}


@pytest.mark.parametrize("path", ["a.py", "pack/deep/b.py", "pack/deep.py", "größe.py"])
def test_one_file_is_replaced_as_git_would_commit_it(project: Project, path: str) -> None:
    old = project.commit(_FILES)
    committed = project.commit({path: "other = 0\n"})
    opened = repository.open_repository(project.folder)

    made = edits.edited(opened.objects, opened.tree(old), path, b"other = 0\n")

    assert made.id == opened.tree(committed).id
    assert made.read(path) == b"other = 0\n"


def test_a_name_that_is_not_utf8_is_found(project: Project) -> None:
    blob = project.blob(b"one = 1\n")
    commit = project.commit_tree(project.tree(("100644", b"\xff.py", blob)))
    opened = repository.open_repository(project.folder)

    made = edits.edited(opened.objects, opened.tree(commit), "\udcff.py", b"one = 2\n")

    assert {path: made.read(path) for path in made.entries} == {"\udcff.py": b"one = 2\n"}


def test_the_mode_is_kept_and_the_repository_as_it_was(project: Project) -> None:
    project.commit({"run.py": "one = 1\n"})
    (project.folder / "run.py").chmod(0o755)
    commit = project.commit({})
    objects = sorted(project.folder.glob(".git/objects/??/*"))
    opened = repository.open_repository(project.folder)

    made = edits.edited(opened.objects, opened.tree(commit), "run.py", b"one = 2\n")

    assert made.entries["run.py"].mode is tree.Mode.EXECUTABLE
    assert sorted(project.folder.glob(".git/objects/??/*")) == objects


@pytest.mark.parametrize("path", ["absent.py", "pack/absent.py", "pack", "pack/deep", "a.py/b.py", "link.py", ""])
def test_what_is_no_plain_file_is_refused(project: Project, path: str) -> None:
    project.commit(_FILES)
    (project.folder / "link.py").symlink_to("a.py")
    commit = project.commit({})
    opened = repository.open_repository(project.folder)

    with pytest.raises(KeyError):
        edits.edited(opened.objects, opened.tree(commit), path, b"")
