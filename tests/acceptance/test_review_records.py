import json
import os
import sqlite3
import stat
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.program import COMMAND, LIBRARY, OF_SUMS, SOUND, WRONG, Ended, Program, propose, review_words
from tests.git_project import Project

pytestmark = pytest.mark.slow


def test_recorded_reviews_are_listed_and_shown(project: Project, program: Program) -> None:
    propose(project, WRONG)
    nothing = program.run("report")
    review = program.review(project, "--json").result
    project.commit(SOUND)
    program.review(project)

    listed = program.run("report")
    rows = json.loads(program.run("report", "--json").out)
    whole = program.run("report", review["review"][:8])
    again = program.run("report", review["review"], "--json").result
    page = program.folder / "page.html"
    written = program.run("report", "--html", page)
    unknown = program.run("report", "ffffffff-no")

    assert nothing.out == "No review is recorded yet: `gatekeeper review` records one.\n"
    assert [line.split()[0] for line in listed.out.splitlines()[1:]] == [row["review"][:8] for row in rows]
    assert [row["verdict"] for row in rows] == ["would_pass", "would_fail"]
    assert "3 would fail" in listed.out
    for test in OF_SUMS:
        assert test.partition("::")[2] in whole.out
    assert again == review | {"causes": [], "fixes": [], "proposed_tests": []}
    assert written.out == f"written to {page}\n"
    assert "return a - b" in page.read_text(encoding="utf-8")
    assert unknown.explains(2, "no recorded review's id starts with 'ffffffff-no': `gatekeeper report` lists them")


def test_the_database_is_upgraded_by_name_and_keeps_its_reviews(project: Project, program: Program) -> None:
    propose(project, {"README.md": "A very small library.\n"})
    program.review(project)

    upgraded = program.run("db", "upgrade")
    refused = program.run("db", "upgrade", "--database", "nonsense")

    assert upgraded.code == 0
    assert upgraded.out.startswith(f"sqlite:///{program.records} has the schema ")
    assert upgraded.out.endswith(", the newest\n")
    assert refused.explains(2, "the database's URL is not one")
    assert stat.S_IMODE(program.records.stat().st_mode) == 0o600
    assert program.recorded() == ["would_pass"]


def test_one_failure_of_many_alike_is_traced_and_any_test_on_request(project: Project, program: Program) -> None:
    propose(project, WRONG)

    program.review(project)
    by_itself = traced(program)
    ended = program.review(project, "--trace", OF_SUMS[0], "--trace", OF_SUMS[2])
    misspelt = program.review(project, "--trace", "tests/test_sums.py::test_duoble", "--json")

    assert len(by_itself) == 1
    assert sorted(traced(program) - by_itself) == sorted({OF_SUMS[0], OF_SUMS[2]} - by_itself)
    # the lines of the test, of what it calls, and their values
    for words in ("def test_double():", "pack/sums.py double", "a = 2, b = 2", "raise ", "AssertionError"):
        assert words in ended.out
    assert misspelt.explains(2, "--trace tests/test_sums.py::test_duoble: it is not among the 3 affected tests")
    assert OF_SUMS[2] in misspelt.err


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_a_reader_that_leaves_changes_nothing_else(project: Project, program: Program, words: list[str]) -> None:
    propose(project, WRONG)
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            [*COMMAND, *review_words(project), *words],
            env=program.environment,
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, "")
    assert program.recorded() == ["would_fail"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_result_that_cannot_be_written_is_explained_and_not_recorded(project: Project, program: Program) -> None:
    propose(project, WRONG)
    by = ["sh", "-c", '"$@" >/dev/full', "sh"]

    review = program.run(*review_words(project), by=by)
    report = program.run("report", by=by)

    assert review.explains(2, "the result cannot be written to standard output: No space left on device")
    assert report.explains(2, "the result cannot be written to standard output: No space left on device")
    assert program.recorded() == []


def test_nothing_of_the_repository_but_its_objects_is_used_or_changed(project: Project, program: Program) -> None:
    propose(project, SOUND, {**LIBRARY, ".gitattributes": "*.py filter=evil diff=evil merge=evil\n"})
    touched = program.folder / "touched"
    script = f"#!/bin/sh\ntouch {touched}\n"
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"):
        hook = project.folder / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(script)
        hook.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "diff.evil.textconv",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
    ):
        project.git("config", key, str(project.folder / ".git/hooks/post-checkout"))
    (project.folder / "pack/sums.py").write_text("def add(:\n")
    (project.folder / "tests/test_stray.py").write_text("def test_stray():\n    assert False\n")
    touched.unlink(missing_ok=True)
    before = snapshot(project.folder)

    ended = program.review(project, "--json")

    assert ended.code == 0
    assert ended.outcomes == dict.fromkeys(OF_SUMS, "pass")
    assert snapshot(project.folder) == before
    assert not touched.exists()


def test_a_sub_folder_and_a_bare_repository_do_as_well(project: Project, program: Program) -> None:
    propose(project, WRONG)
    bare = program.folder / "bare.git"
    project.git("clone", "--quiet", "--bare", str(project.folder), str(bare))
    words = ("review", "--base", "main", "--head", "work", "--json")

    below = program.run(*words, cwd=project.folder / "pack")
    of_bare = program.run(*words, "--repo", bare)

    assert outcome(below) == outcome(of_bare) == (1, "would_fail", dict.fromkeys(OF_SUMS, "fail"))
    assert below.result["repository"] == str(project.folder)


def test_help_says_how_to_begin_and_what_the_exit_codes_mean(program: Program) -> None:
    first = program.run("--help")
    review = program.run("review", "--help")

    assert "gatekeeper review --base main --head my-change" in first.out
    for code, meaning in enumerate(("would pass", "would fail", "bad use or input", "not analysed")):
        assert f"{code}  {meaning}" in review.out


def outcome(ended: Ended) -> tuple[int, str, dict[str, str]]:
    return ended.code, ended.result["verdict"], ended.outcomes


def snapshot(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    """Return every file below `folder` with its time and its content."""
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def traced(program: Program) -> set[str]:
    with closing(sqlite3.connect(program.records)) as connection:
        return {row[0] for row in connection.execute("SELECT test FROM predictions WHERE trace_digest IS NOT NULL")}
