import re
import time

import pytest

from gatekeeper import errors
from gatekeeper.diffs import diff, parse
from gatekeeper.git import difftext, repository
from tests.git_project import Project

LINES = "".join(f"line {number}\n" for number in range(1, 21))


def unified(project: Project, before: str, after: str) -> str:
    opened = repository.open_repository(project.folder)
    return difftext.unified(opened.objects, opened.tree(before), opened.tree(after))


def git_s(project: Project, before: str, after: str) -> str:
    """Return git's own text, with its abbreviations of ids as long as libgit2's."""
    return project.git("diff", "--no-ext-diff", "--no-textconv", "--find-renames", "--abbrev=7", before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": LINES}, {"a": LINES.replace("line 9\n", "new\nnew\n")}),
        ({"a": LINES}, {"a": None, "b/c": LINES}),
        ({"a": "x"}, {"a": "y"}),
        ({"a": "x\n"}, {"a": None}),
        ({"a": b"\0\1"}, {"a": b"\0\2", "b": b"\0"}),
        ({"a": b"caf\xe9\n"}, {"a": b"caf\xe9s\n"}),
        ({"a": "x\r\ny\r\n"}, {"a": "x\r\nz\r\n"}),
        ({'n\u00e4m\te"q"\\\n': "x\n"}, {'n\u00e4m\te"q"\\\n': "y\n"}),
    ],
)
def test_the_text_is_git_s(
    project: Project, before: dict[str, str | bytes | None], after: dict[str, str | bytes | None]
) -> None:
    first, second = project.commit(before), project.commit(after)
    assert unified(project, first, second).rstrip("\n") == git_s(project, first, second)


def test_a_file_that_moved_and_changed_is_renamed(project: Project) -> None:
    before = project.commit({"old.py": LINES, "gone.py": "x\n"})
    after = project.commit(
        {"old.py": None, "new.py": LINES.replace("line 9\n", "nine\n"), "gone.py": None, "other": "y\n"}
    )
    found = {(file.kind, file.before, file.after) for file in parse.parse(unified(project, before, after)).files}
    assert found == {
        (diff.Kind.RENAMED, "old.py", "new.py"),
        (diff.Kind.DELETED, "gone.py", None),
        (diff.Kind.ADDED, None, "other"),
    }


def test_equal_trees_have_no_diff(project: Project) -> None:
    tip = project.commit({"a": "x"})
    assert unified(project, tip, tip) == ""


def test_names_and_content_that_are_not_utf8_survive_parsing(project: Project) -> None:
    before = project.commit_tree(project.tree())
    blob = project.blob(b"caf\xe9\n")
    after = project.commit_tree(project.tree(("100644", b'caf\xe9 "x"\t.py', blob)))
    (file,) = parse.parse(unified(project, before, after)).files
    assert file.after == 'caf\udce9 "x"\t.py'
    assert file.hunks[0].added == ((1, "caf\udce9"),)


def test_a_huge_file_is_binary_and_costs_little(project: Project) -> None:
    before = project.commit({"a.py": "x\n", "data.csv": b"1,2,3\n" * 9_000_000})
    after = project.commit({"a.py": "y\n", "data.csv": b"1,2,4\n" * 9_000_000, "z.py": "z\n"})
    started = time.perf_counter()
    text = unified(project, before, after)
    assert time.perf_counter() - started < 10
    assert len(text) < 2_000
    found = {file.path: file for file in parse.parse(text).files}
    assert {path: file.binary for path, file in found.items()} == {"a.py": False, "data.csv": True, "z.py": False}
    assert found["z.py"].kind is diff.Kind.ADDED


def test_modes_links_and_submodules_are_in_the_text(project: Project) -> None:
    blob = project.blob(b"x\n")
    before = project.commit_tree(project.tree(("100644", b"a", blob), ("100644", b"b", blob)))
    after = project.commit_tree(
        project.tree(("100755", b"a", blob), ("120000", b"b", project.blob(b"a")), ("160000", b"c", "1" * 40))
    )
    text = unified(project, before, after)
    assert "old mode 100644\nnew mode 100755\n" in text
    assert re.search(r"deleted file mode 100644\n(.|\n)*new file mode 120000\n", text)
    assert f"+Subproject commit {'1' * 40}" in text


def test_a_missing_object_is_reported(project: Project) -> None:
    before = project.commit({"a": "x\n"})
    after = project.commit({"a": "y\n"})
    opened = repository.open_repository(project.folder)
    trees = opened.tree(before), opened.tree(after)
    oid = project.git("rev-parse", f"{after}:a")
    (project.folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(errors.RepositoryError, match="is missing"):
        difftext.unified(opened.objects, *trees)
