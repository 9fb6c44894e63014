from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.git import repository
from tests.git_project import Project


def test_a_branch_a_tag_a_short_id_and_an_ancestor_name_commits(project: Project) -> None:
    first = project.commit({"a": "1"})
    second = project.commit({"a": "2"})
    project.git("tag", "-a", "v1", "-m", "annotated", first)
    opened = repository.open_repository(project.folder)
    named = {name: repository.resolve(opened, name) for name in ("main", "HEAD", second[:8], "v1", "HEAD~1")}
    assert named == {"main": second, "HEAD": second, second[:8]: second, "v1": first, "HEAD~1": first}


def test_a_remote_branch_names_a_commit(project: Project, tmp_path: Path) -> None:
    tip = project.commit({"a": "1"})
    project.branch("topic")
    project.git("clone", "--quiet", str(project.folder), str(tmp_path / "clone"))
    opened = repository.open_repository(tmp_path / "clone")
    assert repository.resolve(opened, "origin/main") == tip
    with pytest.raises(errors.RepositoryError, match="did you mean origin/main"):
        repository.resolve(opened, "main")


def test_an_unknown_revision_is_answered_with_near_names(project: Project) -> None:
    project.commit({"a": "1"})
    project.branch("feature/parser")
    opened = repository.open_repository(project.folder)
    with pytest.raises(errors.RepositoryError, match=r"'feature/praser' is unknown .*did you mean feature/parser"):
        repository.resolve(opened, "feature/praser")
    with pytest.raises(errors.RepositoryError, match="git branch --all"):
        repository.resolve(opened, "0123456789abcdef0123456789abcdef01234567")


@pytest.mark.parametrize("revision", ["HEAD^{tree}", "HEAD:a"])
def test_what_is_not_a_commit_is_refused(project: Project, revision: str) -> None:
    project.commit({"a": "1"})
    opened = repository.open_repository(project.folder)
    with pytest.raises(errors.RepositoryError, match="not a commit: name a branch"):
        repository.resolve(opened, revision)


@pytest.mark.parametrize("revision", ["", "a..b", "a\0b", "\udc80", "@{", "^", ":a", "-x", "HEAD~9", "HEAD^{/nothing}"])
def test_an_unusable_revision_is_a_usage_error(project: Project, revision: str) -> None:
    project.commit({"a": "1"})
    with pytest.raises(errors.RepositoryError, match="revision"):
        repository.resolve(repository.open_repository(project.folder), revision)


def test_a_repository_without_commits_says_so(project: Project) -> None:
    with pytest.raises(errors.RepositoryError, match="has no commit yet"):
        repository.resolve(repository.open_repository(project.folder), "main")


def test_a_folder_within_a_bare_and_a_linked_one_are_repositories(project: Project, tmp_path: Path) -> None:
    tip = project.commit({"folder/a": "1"})
    project.git("clone", "--quiet", "--bare", str(project.folder), str(tmp_path / "bare"))
    project.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    for folder in (project.folder / "folder", tmp_path / "bare", tmp_path / "linked"):
        opened = repository.open_repository(folder)
        assert dict(opened.tree(repository.resolve(opened, "HEAD")).entries)["folder/a"].size == 1
        assert repository.resolve(opened, "HEAD") == tip


def test_what_is_not_a_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.RepositoryError, match="not in a git repository"):
        repository.open_repository(tmp_path)
    for absent in (tmp_path / "file", tmp_path / "absent"):
        with pytest.raises(errors.RepositoryError, match="is not a folder"):
            repository.open_repository(absent)


def test_a_broken_repository_is_refused_with_the_reason(project: Project) -> None:
    (project.folder / ".git/config").write_text("[core\nrepositoryformatversion = 99")
    with pytest.raises(errors.RepositoryError, match="cannot be opened"):
        repository.open_repository(project.folder)


def test_objects_of_alternates_are_found(project: Project, tmp_path: Path) -> None:
    tip = project.commit({"a": "1"})
    project.git("clone", "--quiet", "--shared", str(project.folder), str(tmp_path / "shared"))
    assert repository.open_repository(tmp_path / "shared").tree(tip).read("a") == b"1"


def test_replaced_objects_are_read_as_they_were(project: Project) -> None:
    first = project.commit({"a": "1"})
    second = project.commit({"a": "2"})
    project.git("replace", second, first)
    opened = repository.open_repository(project.folder)
    assert opened.tree(repository.resolve(opened, "main")).read("a") == b"2"


def test_the_user_s_configuration_is_not_read(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.commit({"a": "1"})
    (tmp_path / ".gitconfig").write_text("[broken")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    opened = repository.open_repository(project.folder)
    assert opened.tree(repository.resolve(opened, "main")).read("a") == b"1"
