from pathlib import Path

import pytest

from tests.acceptance.program import LIBRARY, OF_SUMS, SOUND, SUMS, WRONG, Program, propose
from tests.git_project import Project

MEGABYTE = 1 << 20


def test_what_is_no_repository_is_refused(tmp_path: Path, program: Program) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()

    without = program.run("review", "--repo", plain, "--base", "main", "--head", "work")
    nowhere = program.run("review", "--repo", tmp_path / "nowhere", "--base", "main", "--head", "work", "--json")

    assert without.explains(2, f"{plain} is not in a git repository: name the folder of one")
    assert nowhere.explains(2, "nowhere is not a folder: name the folder of a git repository")
    assert program.recorded() == []


def test_revisions_that_cannot_be_compared_are_refused(project: Project, program: Program) -> None:
    propose(project, SOUND)
    project.git("checkout", "--quiet", "--orphan", "other")
    project.commit({"x.py": "x = 1\n"})
    review = ("review", "--repo", project.folder)

    unknown = program.run(*review, "--base", "mian", "--head", "work", "--json")
    beyond = program.run(*review, "--base", "main", "--head", "main~9")
    unrelated = program.run(*review, "--base", "main", "--head", "other", "--json")
    no_head = program.run(*review, "--base", "main")
    both = program.run(*review, "--base", "main..work", "--head", "work")
    folder = program.run(*review, "--base", "main:pack", "--head", "work")

    assert unknown.explains(2, "the revision 'mian' is unknown", "did you mean main?")
    assert beyond.explains(2, "the revision 'main~9' is unknown")
    assert unrelated.explains(2, "have no commit in common: name two branches of one project")
    assert no_head.explains(2, "Missing option '--head'")
    assert both.explains(2, "the revision 'main..work' is not usable", "name a branch, a tag or a commit")
    assert folder.explains(2, "the revision 'main:pack' names a tree, not a commit")
    assert program.recorded() == []


def test_a_shallow_clone_without_the_base_is_told_how_to_get_it(project: Project, program: Program) -> None:
    propose(project, SOUND)
    project.switch("main")
    project.commit({"more.py": "more = 1\n"})
    clone = program.folder / "clone"
    project.git("clone", "--quiet", "--depth", "1", "--no-single-branch", f"file://{project.folder}", str(clone))

    ended = program.run("review", "--repo", clone, "--base", "origin/main", "--head", "origin/work")

    assert ended.explains(2, "is a shallow clone", "run `git fetch --unshallow` in it")
    assert program.recorded() == []


def test_a_merge_conflict_is_a_recorded_review_without_a_verdict(project: Project, program: Program) -> None:
    propose(project, SOUND)
    project.switch("main")
    project.commit(WRONG)

    ended = program.review(project, "--json")

    assert ended.code == 3
    assert ended.result["verdict"] == "not_analysed"
    assert ended.result["not_analysed"] == [{"what": "", "why": "does not merge: conflicts in pack/sums.py"}]
    assert (ended.result["tests"], ended.result["selected"]) == ([], 0)
    assert ended.result["head"] == project.git("rev-parse", "work")
    assert program.recorded() == ["not_analysed"]


def test_a_file_of_50_megabytes_is_left_out_and_the_review_goes_on(project: Project, program: Program) -> None:
    propose(project, {**SOUND, "data/big.bin": bytes(50 * MEGABYTE), "big.txt": b"a line\n" * (7 * MEGABYTE)})

    ended = program.review(project, "--json")

    assert ended.code == 0
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "pass")
    notes = ended.result["notes"]
    assert "left out of the sandbox: data/big.bin: 52,428,800 bytes, more than the limit of 10,485,760" in notes
    assert any(note.startswith("left out of the sandbox: big.txt: ") for note in notes)


def test_names_and_sources_that_are_not_utf8_cost_only_themselves(project: Project, program: Program) -> None:
    project.commit(LIBRARY)
    latin = project.blob(b"# -*- coding: latin-1 -*-\ndef test_accent():\n    assert '\xe9' == chr(233)\n")
    undeclared = project.blob(b"def test_accent():\n    assert '\xe9'\n")
    tree = project.tree(
        ("100644", b"caf\xe9.txt", latin),
        ("100644", b"test_caf\xe9.py", latin),
        ("100644", b"test_declared.py", latin),
        ("100644", b"test_undeclared.py", undeclared),
    )
    project.git("update-ref", "refs/heads/work", project.commit_tree(tree, project.git("rev-parse", "main")))

    ended = program.review(project, "--json")
    shown = program.review(project, PYTHONIOENCODING="ascii")

    assert ended.code == shown.code == 1
    assert ended.outcomes == {
        "test_caf\udce9.py::test_accent": "unknown",
        "test_declared.py::test_accent": "pass",
        "test_undeclared.py": "error",
    }
    assert [note for note in ended.result["notes"] if "caf\udce9.txt: its name is not UTF-8" in note]
    assert "test_caf\\udce9.py" in shown.out
    assert program.recorded() == ["would_fail", "would_fail"]


def test_an_invalid_configuration_counts_on_base_alone(project: Project, program: Program) -> None:
    propose(project, {**SOUND, ".github/gatekeeper.yml": "bar: high\nbraa: 1\n"})
    on_head = program.review(project)
    project.branch("next")
    project.commit({"pack/sums.py": SUMS})
    on_base = program.run("review", "--repo", project.folder, "--base", "work", "--head", "next", "--json")

    assert on_head.code == 0
    assert on_base.explains(
        2,
        ".github/gatekeeper.yml:1:1: bar should be a valid number, not 'high'\n",
        ".github/gatekeeper.yml:2:1: unknown key 'braa': allowed are ",
        "This is the file of base, which holds for every change: mend it there first.",
    )
    assert program.recorded() == ["would_pass"]


def test_an_engine_or_a_setting_that_does_not_exist_is_refused(project: Project, program: Program) -> None:
    propose(project, SOUND)

    engine = program.review(project, "--engine", "oracle", "--json")
    settings = [program.review(project, GATEKEEPER_FUEL=value) for value in ("plenty", "0", "-1", "9" * 20)]

    assert engine.explains(2, "there is no engine 'oracle': name one of sandbox")
    for ended in settings:
        assert ended.explains(2, "GATEKEEPER_FUEL is '", "': give a whole number from 1 to 1,000,000")
    assert program.recorded() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "the database's URL is not one: write it as sqlite:///path/to/file"),
        ("mysql://host/name", "records are kept in only SQLite and PostgreSQL"),
        ("sqlite:////dev/null/records.sqlite", "name another place with --database or GATEKEEPER_DATABASE"),
    ],
)
def test_a_database_that_cannot_be_used_is_explained_after_the_verdict(
    project: Project, program: Program, url: str, words: str
) -> None:
    propose(project, {"README.md": "A very small library.\n"})

    ended = program.review(project, "--json", "--database", url)

    assert ended.code == 2
    assert ended.result["verdict"] == "would_pass"
    assert ended.err.startswith("gatekeeper: the review was not recorded: ")
    assert words in ended.err


def test_a_file_that_is_no_database_is_left_as_it_is(project: Project, program: Program) -> None:
    propose(project, {"README.md": "A very small library.\n"})
    program.records.write_text("my notes, not a database\n" * 100)

    ended = program.review(project)

    assert ended.code == 2
    assert "the file is something else: name another with --database or GATEKEEPER_DATABASE" in ended.err
    assert program.records.read_text() == "my notes, not a database\n" * 100


def test_objects_that_are_missing_are_named(project: Project, program: Program) -> None:
    propose(project, SOUND)

    source = remove(project, "work:pack/sums.py")
    without_source = program.review(project, "--json")
    remove(project, "main")
    without_base = program.review(project)

    assert without_source.explains(2, f"the object {source} is missing: a partial clone lacks it, so clone again")
    assert without_base.explains(2, f"the commit of 'main' is missing in {project.folder}: check with `git fsck`")
    assert program.recorded() == []


def test_folders_named_from_the_working_folder_are_found_there(project: Project, program: Program, cache: Path) -> None:
    propose(project, SOUND)
    (program.folder / "near").symlink_to(cache)
    places = {"GATEKEEPER_CACHE": "near", "GATEKEEPER_DATABASE": "sqlite:///records.sqlite"}

    ended = program.review(project, "--json", **places)

    assert ended.outcomes == dict.fromkeys(OF_SUMS, "pass")
    assert program.recorded() == ["would_pass"]


def remove(project: Project, revision: str) -> str:
    """Remove the object from the repository, and return its id."""
    name = project.git("rev-parse", revision)
    (project.folder / ".git/objects" / name[:2] / name[2:]).unlink()
    return name
