import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.git import materialise, repository
from tests.git_project import Project

LIMIT = 1000


def write(project: Project, commit: str, folder: Path, like: materialise.Written | None = None) -> materialise.Written:
    folder.mkdir()
    opened = repository.open_repository(project.folder)
    return materialise.write(opened.tree(commit), folder, size_limit=LIMIT, like=like)


def write_tree(project: Project, oid: str, folder: Path) -> materialise.Written:
    return write(project, project.commit_tree(oid), folder)


def files(folder: Path) -> dict[str, bytes]:
    return {
        os.path.relpath(os.path.join(top, name), folder): Path(top, name).read_bytes()
        for top, _, names in os.walk(folder)
        for name in names
        if not Path(top, name).is_symlink()
    }


def test_every_file_is_written_read_only_and_with_one_time(project: Project, tmp_path: Path) -> None:
    content = {"a.py": b"a", "pkg/sub/b.py": b"b" * LIMIT, "empty": b""}
    written = write(project, project.commit(content), tmp_path / "out")
    assert files(tmp_path / "out") == content
    assert written.left_out == ()
    for path in content:
        found = (tmp_path / "out" / path).stat()
        assert found.st_mtime == materialise.MTIME
        assert stat.S_IMODE(found.st_mode) & 0o222 == 0


def test_files_above_the_limit_are_left_out(project: Project, tmp_path: Path) -> None:
    written = write(project, project.commit({"big": b"x" * (LIMIT + 1), "small": b"x"}), tmp_path / "out")
    assert list(files(tmp_path / "out")) == ["small"]
    assert written.left_out == (("big", "1,001 bytes, more than the limit of 1,000"),)


def test_submodules_are_left_out(project: Project, tmp_path: Path) -> None:
    written = write_tree(project, project.tree(("160000", b"vendored", "1" * 40)), tmp_path / "out")
    assert written.left_out == (("vendored", "a submodule: its files are in another repository"),)


@pytest.mark.parametrize(
    ("links", "kept"),
    [
        ({"link": "pkg/a"}, {"link"}),
        ({"pkg/link": "../pkg/a"}, {"pkg/link"}),
        ({"link": "pkg", "other": "link/a"}, {"link", "other"}),
        ({"here": "."}, {"here"}),
        ({"link": "/etc/passwd"}, set()),
        ({"link": "../outside"}, set()),
        ({"pkg/link": "../../out/pkg/a"}, {"pkg/link"}),
        ({"link": "../out/../../etc"}, set()),
        ({"link": "absent"}, set()),
        ({"one": "two", "two": "one"}, set()),
        ({"one": "two", "two": "../outside"}, set()),
        ({"up": "..", "down": "up/out/pkg/a"}, set()),
    ],
)
def test_links_that_lead_to_something_in_the_tree_are_written(
    project: Project, tmp_path: Path, links: dict[str, str], kept: set[str]
) -> None:
    (tmp_path / "outside").mkdir()
    project.commit({"pkg/a": "a"})
    for path, aim in links.items():
        (project.folder / path).symlink_to(aim)
    written = write(project, project.commit({}), tmp_path / "out")
    there = {path for path in links if (tmp_path / "out" / path).is_symlink()}
    assert there == kept
    assert {path for path, _ in written.left_out} == set(links) - kept
    assert {why for _, why in written.left_out} <= {"a link out of the tree", "a link to nothing in the tree"}


@pytest.mark.parametrize("name", [b"..", b".", b".git", b".GIT", b"", b"../up", b"/etc/x", b"a/../../up", b"x" * 300])
@pytest.mark.parametrize("mode", ["100644", "120000"])
def test_names_that_git_would_not_check_out_are_left_out(
    project: Project, tmp_path: Path, name: bytes, mode: str
) -> None:
    oid = project.tree((mode, name, project.blob(b"ok")), ("100644", b"ok", project.blob(b"x")))
    written = write_tree(project, oid, tmp_path / "out")
    assert files(tmp_path / "out") == {"ok": b"x"}
    assert [path for path, _ in written.left_out] == [name.decode()]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project"]


def test_hostile_folders_are_left_out(project: Project, tmp_path: Path) -> None:
    inner = project.tree(("100644", b"hooks", project.blob(b"x")))
    oid = project.tree(("40000", b"..", inner), ("40000", b".git", inner), ("40000", b"", inner))
    written = write_tree(project, oid, tmp_path / "out")
    assert [path for path, _ in written.left_out] == ["../hooks", ".git/hooks", "/hooks"]
    assert files(tmp_path / "out") == {}


@pytest.mark.parametrize("aim", ["../outside", "pkg", "."])
@pytest.mark.parametrize("link_first", [True, False])
def test_nothing_is_written_through_a_link_of_the_tree(
    project: Project,
    tmp_path: Path,
    aim: str,
    link_first: bool,  # noqa: FBT001
) -> None:
    (tmp_path / "outside").mkdir()
    blob = project.blob(b"evil")
    inner = project.tree(("100644", b"b", blob), ("120000", b"c", project.blob(b"b")))
    link, folder = ("120000", b"a", project.blob(aim.encode())), ("40000", b"a", inner)
    pkg = ("40000", b"pkg", project.tree(("100644", b"real", blob)))
    both = (link, folder) if link_first else (folder, link)
    written = write_tree(project, project.tree(*both, pkg), tmp_path / "out")
    assert list((tmp_path / "outside").iterdir()) == []
    assert files(tmp_path / "out") == {"a/b": b"evil", "pkg/real": b"evil"}
    assert [path for path, _ in written.left_out] == ["a"]


def test_a_link_that_leaves_by_a_folder_that_is_a_link_as_well_is_removed(project: Project, tmp_path: Path) -> None:
    deep = project.tree(("100644", b"x", project.blob(b"")))
    for name in (b"d", b"c", b"b"):
        deep = project.tree(("40000", name, deep))
    # by the tree's entries `a` is a link three folders down, and two steps up from there are in the tree
    oid = project.tree(
        ("120000", b"a", project.blob(b"t/b/c/d")),
        ("40000", b"a", project.tree(("100644", b"x", project.blob(b"")))),
        ("120000", b"leave", project.blob(b"a/../../outside")),
        ("40000", b"t", deep),
    )
    (tmp_path / "outside").mkdir()
    written = write_tree(project, oid, tmp_path / "out")
    assert not (tmp_path / "out/leave").is_symlink()
    assert {path for path, _ in written.left_out} == {"a", "leave"}


@pytest.mark.parametrize("aim", [b"", b"a\0b", b"x" * 5000])
def test_links_that_no_file_system_holds_are_left_out(project: Project, tmp_path: Path, aim: bytes) -> None:
    oid = project.tree(("120000", b"link", project.blob(aim)))
    written = write_tree(project, oid, tmp_path / "out")
    assert [path for path, _ in written.left_out] == ["link"]
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_and_a_folder_of_one_name_are_no_crash(project: Project, tmp_path: Path) -> None:
    blob = project.blob(b"x")
    oid = project.tree(("100644", b"a", blob), ("40000", b"a", project.tree(("100644", b"b", blob))))
    written = write_tree(project, oid, tmp_path / "out")
    assert files(tmp_path / "out") == {"a": b"x"}
    assert [path for path, _ in written.left_out] == ["a/b"]


def test_names_that_are_not_utf8_are_left_out(project: Project, tmp_path: Path) -> None:
    blob = project.blob(b"x")
    below = project.tree(("100644", b"b", blob))
    oid = project.tree(("100644", "caf\xe9".encode(), blob), ("40000", b"caf\xe9", below), ("120000", b"l\xe9", blob))
    written = write_tree(project, oid, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["caf\xe9"]
    assert [path for path, _ in written.left_out] == ["caf\udce9/b", "l\udce9"]


def test_what_stands_in_a_like_folder_is_linked_and_the_rest_written(project: Project, tmp_path: Path) -> None:
    before = project.commit({"same": "same", "changed": "old", "big": b"x" * (LIMIT + 1), "gone": ""})
    after = project.commit({"changed": "new", "added": "same", "gone": None})
    first = write(project, before, tmp_path / "before")
    write(project, after, tmp_path / "after", like=first)
    assert files(tmp_path / "after") == {"same": b"same", "changed": b"new", "added": b"same"}
    assert (tmp_path / "after/same").samefile(tmp_path / "before/same")
    assert files(tmp_path / "before")["changed"] == b"old"


def test_a_like_folder_that_was_removed_does_no_harm(project: Project, tmp_path: Path) -> None:
    tip = project.commit({"a": "x"})
    first = write(project, tip, tmp_path / "before")
    (tmp_path / "before/a").unlink()
    write(project, tip, tmp_path / "after", like=first)
    assert files(tmp_path / "after") == {"a": b"x"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_an_error_that_names_the_folder(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = project.commit({"a": "x"})
    real = os.open
    monkeypatch.setattr(os, "open", lambda *_, **__: real("/dev/full", os.O_WRONLY))
    with pytest.raises(errors.SandboxError, match=r"cannot write .* to .*/out: No space left on device"):
        write(project, tip, tmp_path / "out")


_NAMES = st.sampled_from([b"a", b"b", b"..", b".git", b"A", b"a/b", b""])
_AIMS = st.sampled_from([b"a", b"..", b"b/a", b"../a", b"/etc", b".", b"a/../..", b"b/../../outside"])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.tuples(st.just("file"), st.binary(max_size=3)) | st.tuples(st.just("link"), _AIMS),
        lambda inner: st.tuples(st.just("folder"), st.lists(st.tuples(_NAMES, inner), max_size=4)),
        max_leaves=8,
    )
)
def test_no_tree_reaches_outside(
    project: Project, tmp_path_factory: pytest.TempPathFactory, shape: tuple[str, object]
) -> None:
    top = tmp_path_factory.mktemp("hostile")
    (top / "outside").mkdir()
    oid = project.tree(_stored(project, b"top", shape))
    write_tree(project, oid, top / "out")
    assert sorted(os.listdir(top)) == ["out", "outside"]
    assert os.listdir(top / "outside") == []
    root = os.path.realpath(top / "out")
    for folder, folders, names in os.walk(top / "out"):
        for name in (*folders, *names):
            assert os.path.commonpath([root, os.path.realpath(os.path.join(folder, name))]) == root


def _stored(project: Project, name: bytes, shape: tuple[str, object]) -> tuple[str, bytes, str]:
    kind, value = shape
    if isinstance(value, bytes):
        return {"file": "100644", "link": "120000"}[kind], name, project.blob(value)
    assert isinstance(value, list)
    return "40000", name, project.tree(*(_stored(project, inner, below) for inner, below in value))


def test_entries_that_are_equal_have_equal_bytes(project: Project) -> None:
    first = repository.open_repository(project.folder)
    entries = first.tree(project.commit({"a": "x", "b": "x"})).entries
    assert entries["a"] == entries["b"] == tree.Entry(blob=entries["a"].blob, mode=tree.Mode.FILE, size=1)
