import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.git import repository, trees
from tests.git_project import Project


def _tree(project: Project, oid: str) -> trees.GitTree:
    opened = repository.open_repository(project.folder)
    return opened.tree(project.commit_tree(oid))


def test_entries_give_mode_size_and_blob_of_every_file(project: Project) -> None:
    project.commit({"pkg/a.py": "one", "run": "#!", "empty": ""})
    (project.folder / "run").chmod(0o755)
    (project.folder / "link").symlink_to("pkg/a.py")
    opened = repository.open_repository(project.folder)
    found = opened.tree(project.commit({})).entries
    assert {path: (entry.mode, entry.size) for path, entry in found.items()} == {
        "pkg/a.py": (tree.Mode.FILE, 3),
        "run": (tree.Mode.EXECUTABLE, 2),
        "empty": (tree.Mode.FILE, 0),
        "link": (tree.Mode.SYMLINK, 8),
    }
    assert found["pkg/a.py"].blob == project.git("rev-parse", "HEAD:pkg/a.py")


def test_files_and_links_are_read_as_stored(project: Project) -> None:
    (project.folder / "link").symlink_to("../elsewhere")
    # neither line endings nor filters of the working tree's attributes are applied
    tip = project.commit({".gitattributes": "* text eol=crlf\n", "a": b"one\ntwo\n"})
    found = repository.open_repository(project.folder).tree(tip)
    assert found.read("a") == b"one\ntwo\n"
    assert found.read("link") == b"../elsewhere"
    with pytest.raises(KeyError):
        found.read("absent")


def test_the_id_is_the_tree_s_own(project: Project) -> None:
    tip = project.commit({"a": "1"})
    found = repository.open_repository(project.folder).tree(tip)
    assert found.id == project.git("rev-parse", "HEAD^{tree}")


def test_names_that_are_not_utf8_are_surrogate_escapes(project: Project) -> None:
    blob = project.blob(b"x")
    found = _tree(project, project.tree(("100644", b"caf\xe9.py", blob)))
    assert list(found.entries) == ["caf\udce9.py"]
    assert os.fsencode(next(iter(found.entries))) == b"caf\xe9.py"
    assert found.read("caf\udce9.py") == b"x"


def test_a_submodule_has_no_size_and_cannot_be_read(project: Project) -> None:
    found = _tree(project, project.tree(("160000", b"vendored", "1" * 40)))
    assert found.entries["vendored"] == tree.Entry(blob="1" * 40, mode=tree.Mode.SUBMODULE, size=-1)
    with pytest.raises(KeyError):
        found.read("vendored")


def test_a_group_writable_file_of_old_is_a_file(project: Project) -> None:
    found = _tree(project, project.tree(("100664", b"a", project.blob(b"x"))))
    assert found.entries["a"].mode is tree.Mode.FILE


def test_a_missing_blob_is_reported_with_what_to_do(project: Project) -> None:
    found = _tree(project, project.tree(("100644", b"a", "2" * 40)))
    with pytest.raises(errors.RepositoryError, match=r"2{40} is missing.*--filter"):
        len(found.entries)


def test_a_file_that_is_listed_as_a_folder_is_refused(project: Project) -> None:
    found = _tree(project, project.tree(("40000", b"a", project.blob(b"x"))))
    with pytest.raises(errors.RepositoryError, match="not a tree"):
        len(found.entries)


def test_a_damaged_object_is_reported(project: Project) -> None:
    tip = project.commit({"a": "some content"})
    blob = project.git("rev-parse", "HEAD:a")
    file = project.folder / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"damaged")
    with pytest.raises(errors.RepositoryError, match="git fsck"):
        len(repository.open_repository(project.folder).tree(tip).entries)


@pytest.mark.parametrize("leaf", [True, False])
def test_a_tree_that_unfolds_to_billions_is_not_analysed(project: Project, leaf: bool) -> None:  # noqa: FBT001
    entry = ("100644", b"x", project.blob(b"")) if leaf else ("40000", b"x", project.tree())
    oid = project.tree(*[(entry[0], b"%s%d" % (entry[1], number), entry[2]) for number in range(1000)])
    for _ in range(4):
        oid = project.tree(*[("40000", b"%d" % number, oid) for number in range(1000)])
    with pytest.raises(errors.NotAnalysed, match="more than 500,000 entries"):
        len(_tree(project, oid).entries)


def test_endless_nesting_is_not_analysed(project: Project) -> None:
    oid = project.tree(("100644", b"x", project.blob(b"")))
    for _ in range(trees.DEEPEST + 1):
        oid = project.tree(("40000", b"d", oid))
    with pytest.raises(errors.NotAnalysed, match="nested folders"):
        len(_tree(project, oid).entries)


@given(st.binary())
def test_a_malformed_tree_object_is_a_value_error(content: bytes) -> None:
    try:
        found = list(trees.parse(content))
    except ValueError:
        return
    assert sum(len(name.encode("utf-8", "surrogateescape")) for name, _, _ in found) <= len(content)
