"""git's diff text -> Diff, on the output of the real git."""

import os
from collections.abc import Mapping

import hypothesis
import pytest
from hypothesis import strategies

from gatekeeper.diffs import diff, parse
from tests import git_project

Content = str | bytes | None


def between(
    project: git_project.Project, before: Mapping[str, Content], after: Mapping[str, Content], *options: str
) -> diff.Diff:
    first = project.commit(before)
    second = project.commit(after)
    return parse.parse(project.git("diff", *options, first, second))


def only(parsed: diff.Diff) -> diff.FileChange:
    (file,) = parsed.files
    return file


def test_a_modified_file_has_its_lines_with_their_numbers(project: git_project.Project) -> None:
    text = "".join(f"{number}\n" for number in range(1, 31))
    changed = text.replace("3\n4\n", "3\nnew\n4\n", 1).replace("25\n", "", 1)

    file = only(between(project, {"a.txt": text}, {"a.txt": changed}))

    assert (file.kind, file.before, file.after, file.binary) == (diff.Kind.MODIFIED, "a.txt", "a.txt", False)
    assert [hunk.added for hunk in file.hunks] == [((4, "new"),), ()]
    assert [hunk.removed for hunk in file.hunks] == [(), ((25, "25"),)]
    assert (file.hunks[0].before_start, file.hunks[0].before_length) == (1, 6)
    assert (file.hunks[0].after_start, file.hunks[0].after_length) == (1, 7)


def test_added_and_deleted_files_have_one_side(project: git_project.Project) -> None:
    parsed = between(project, {"old.py": "x\n"}, {"old.py": None, "new.py": "completely\ndifferent\n"})

    assert {(file.kind, file.before, file.after) for file in parsed.files} == {
        (diff.Kind.DELETED, "old.py", None),
        (diff.Kind.ADDED, None, "new.py"),
    }


@pytest.mark.parametrize(
    "name", ["empty.txt", "with blank.txt", "a b/x b/x.txt", "tab\there.txt", 'quo"te.txt', "ü.txt"]
)
def test_files_without_hunks_have_their_names(project: git_project.Project, name: str) -> None:
    added = only(between(project, {}, {name: ""}))
    deleted = only(between(project, {}, {name: None}))

    assert (added.kind, added.before, added.after, added.hunks) == (diff.Kind.ADDED, None, name, ())
    assert (deleted.kind, deleted.before, deleted.after, deleted.hunks) == (diff.Kind.DELETED, name, None, ())


@pytest.mark.parametrize(
    "name",
    ["with blank.txt", "a b/x b/x.txt", "b/x", "/dev/null.txt".lstrip("/"), "tab\there", "ü/é.txt", "back\\slash"],
)
def test_any_name_survives_a_modification(project: git_project.Project, name: str) -> None:
    file = only(between(project, {name: "1\n"}, {name: "2\n"}))

    assert (file.before, file.after) == (name, name)
    assert (file.hunks[0].removed, file.hunks[0].added) == (((1, "1"),), ((1, "2"),))


def test_a_name_that_is_no_utf_8_comes_as_surrogate_escapes(project: git_project.Project) -> None:
    name = os.fsdecode(b"\xff\xe9.py")

    file = only(between(project, {}, {name: "x\n"}))

    assert os.fsencode(file.after or "") == b"\xff\xe9.py"


def test_a_name_of_control_characters_is_unquoted(project: git_project.Project) -> None:
    name = '\a\b\t\v\f\r"\\\x01\x7f é'

    assert only(between(project, {}, {name: "x\n"})).after == name


@pytest.mark.parametrize("names", [("old.py", "new.py"), ("a b", "b a"), ("ä", "ö"), ("a", 'b"c')])
def test_renames_have_both_names(project: git_project.Project, names: tuple[str, str]) -> None:
    text = "".join(f"{number}\n" for number in range(20))
    old, new = names

    pure = only(between(project, {old: text}, {old: None, new: text}, "-M"))
    edited = only(between(project, {}, {new: None, old: text.replace("7\n", "seven\n", 1)}, "-M"))

    assert (pure.kind, pure.before, pure.after, pure.hunks) == (diff.Kind.RENAMED, old, new, ())
    assert (edited.kind, edited.before, edited.after) == (diff.Kind.RENAMED, new, old)
    assert edited.added_lines == {8}


def test_a_copy_is_an_added_file(project: git_project.Project) -> None:
    text = "".join(f"{number}\n" for number in range(20))

    parsed = between(project, {"a": text}, {"a": text + "more\n", "b": text}, "-C")

    assert {(file.kind, file.before, file.after) for file in parsed.files} == {
        (diff.Kind.MODIFIED, "a", "a"),
        (diff.Kind.ADDED, None, "b"),
    }


@pytest.mark.parametrize("option", ["--no-color", "--binary"])
def test_binary_files_have_no_hunks(project: git_project.Project, option: str) -> None:
    data = bytes(range(256)) * 40

    parsed = between(
        project, {"kept": data, "gone": data[::-1]}, {"kept": data + b"\0", "new": data * 2, "gone": None}, option
    )

    assert {(file.kind, file.path, file.binary, file.hunks) for file in parsed.files} == {
        (diff.Kind.MODIFIED, "kept", True, ()),
        (diff.Kind.DELETED, "gone", True, ()),
        (diff.Kind.ADDED, "new", True, ()),
    }


def test_a_changed_mode_is_a_change_of_type(project: git_project.Project) -> None:
    first = project.commit({"run": "x\n"})
    project.git("update-index", "--chmod=+x", "run")
    project.git("commit", "--quiet", "--message", "mode")

    file = only(parse.parse(project.git("diff", first, "HEAD")))

    assert (file.kind, file.path, file.hunks) == (diff.Kind.TYPE_CHANGED, "run", ())


def test_a_file_that_becomes_a_link_is_one_change_of_type(project: git_project.Project) -> None:
    first = project.commit({"a": "x\n"})
    (project.folder / "a").unlink()
    (project.folder / "a").symlink_to("elsewhere")
    second = project.commit({})

    file = only(parse.parse(project.git("diff", first, second)))

    assert (file.kind, file.before, file.after) == (diff.Kind.TYPE_CHANGED, "a", "a")


@pytest.mark.parametrize(("before", "after"), [("a\nb", "a\nc"), ("a\n", "a"), ("a", "a\n"), ("", "a"), ("a", "")])
def test_a_missing_newline_at_the_end_is_no_line(project: git_project.Project, before: str, after: str) -> None:
    file = only(between(project, {"x": before, "y": "same"}, {"x": after}))

    assert [text for hunk in file.hunks for _, text in hunk.removed if text not in after] == [
        line for line in before.split() if line not in after
    ]
    assert not any("No newline" in text for hunk in file.hunks for _, text in (*hunk.added, *hunk.removed))


def test_lines_that_look_like_headers_are_content(project: git_project.Project) -> None:
    tricks = "-- a/x\n++ b/x\n@@ -1 +1 @@\ndiff --git a/x b/x\n\\ No newline at end of file\n\n"

    file = only(between(project, {"x": tricks}, {"x": "start\n"}))
    again = only(between(project, {}, {"x": tricks}))

    assert [text for _, text in file.hunks[0].removed] == tricks.split("\n")[:-1]
    assert [text for _, text in again.hunks[0].added] == tricks.split("\n")[:-1]


def test_unusual_line_endings_do_not_split_lines(project: git_project.Project) -> None:
    file = only(between(project, {}, {"x": b"a\x0cb\x0bc\xc2\x85d\re\r\nf\n"}))

    assert [text for _, text in file.hunks[0].added] == ["a\x0cb\x0bc\x85d\re", "f"]


def test_mnemonic_prefixes_are_read(project: git_project.Project) -> None:
    project.commit({"b/x": "1\n"})
    (project.folder / "b/x").write_text("2\n")

    file = only(parse.parse(project.git("-c", "diff.mnemonicPrefix=true", "diff")))

    assert (file.before, file.after) == ("b/x", "b/x")


def test_a_cut_off_text_keeps_what_is_whole(project: git_project.Project) -> None:
    text = "".join(f"{number}\n" for number in range(60))
    whole = between(project, {"a": text}, {"a": text.replace("5\n", "x\n", 1).replace("50\n", "y\n", 1)})

    cut = only(parse.parse("\n".join(whole.text.split("\n")[:-3])))

    assert cut.hunks == only(whole).hunks[:1]


def test_no_text_is_no_change() -> None:
    assert parse.parse("").files == ()


_NAMES = strategies.text(
    strategies.characters(exclude_characters="\0/\n", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 200 and name.lower() != ".git")
_TEXTS = strategies.one_of(
    strategies.text(strategies.sampled_from("ab\n\r\t -+@\\"), max_size=60).map(str.encode),
    strategies.binary(max_size=60),
)


@hypothesis.settings(
    max_examples=25, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(
    before=strategies.dictionaries(_NAMES, _TEXTS, max_size=3),
    after=strategies.dictionaries(_NAMES, _TEXTS, max_size=3),
)
def test_what_git_prints_describes_the_change(
    project: git_project.Project, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    first, second = (_tree(project, files) for files in (before, after))

    parsed = parse.parse(project.git("diff", "--no-renames", first, second))

    assert {file.before for file in parsed.files} - {None} == {
        path for path in before if before[path] != after.get(path)
    }
    assert {file.after for file in parsed.files} - {None} == {path for path in after if after[path] != before.get(path)}
    for file in parsed.files:
        if not file.binary:
            earlier, later = (_lines(files.get(file.path, b"")) for files in (before, after))
            for hunk in file.hunks:
                assert all(earlier[number - 1] == text for number, text in hunk.removed)
                assert all(later[number - 1] == text for number, text in hunk.added)


def _tree(project: git_project.Project, files: dict[str, bytes]) -> str:
    rows = b"".join(
        b"100644 blob %s\t%s\0" % (project.blob(data).encode(), path.encode()) for path, data in files.items()
    )
    return project.git("mktree", "-z", given=rows)


def _lines(data: bytes) -> list[str]:
    return [line.removesuffix("\r") for line in data.decode("utf-8", "surrogateescape").split("\n")]


@hypothesis.given(
    strategies.lists(
        strategies.one_of(
            strategies.sampled_from(
                [
                    "diff --git a/x b/x",
                    'diff --git "a/\\377" b/y',
                    "diff --git",
                    "--- a/x",
                    "+++ b/x",
                    "--- /dev/null",
                    "+++ /dev/null",
                    "@@ -1 +1 @@",
                    "@@ -1,2 +0,0 @@ f",
                    "@@ -9999999999999999999999 +1 @@",
                    "+a",
                    "-a",
                    " a",
                    "\\ No newline at end of file",
                    "new file mode 100644",
                    "deleted file mode 100644",
                    "old mode 1",
                    "rename from a",
                    'rename to "b',
                    "Binary files a/x and b/x differ",
                    "GIT binary patch",
                    "copy to z",
                    "",
                ]
            ),
            strategies.text(max_size=20),
        ),
        max_size=20,
    )
)
def test_no_text_makes_it_raise(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert parse.parse(text).text == text
