import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.acceptance.program import COMMAND, Program


@pytest.fixture(name="cache")
def _cache(tmp_path: Path) -> Path:
    """Return an empty folder: configuration needs no sandbox."""
    return tmp_path / "cache"


def write(program: Program, text: str, name: str = "gatekeeper.yml") -> Path:
    folder = program.folder / ".github"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_what_holds_is_shown_with_the_defaults_marked(program: Program) -> None:
    write(program, "authority: block\nlabels: {skip: [wip]}\n")
    ended = program.run("config", "check")
    assert (ended.code, ended.err) == (0, "")
    assert yaml.safe_load(ended.out)["authority"] == "block"
    lines = ended.out.splitlines()
    assert lines[0] == "authority: block"
    assert "on_not_analysed: neutral  # default" in lines
    assert "  skip: [wip]" in lines
    assert "  require: []  # default" in lines


def test_every_problem_is_printed_with_its_place_as_compilers_do(program: Program) -> None:
    file = write(program, "autority: block\nbar: 2\npaths:\n  - '!src/*'\n")
    ended = program.run("config", "check", file)
    assert ended.code == 2
    assert ended.out == ""
    assert [line.split(": ")[0] for line in ended.err.splitlines()] == [f"{file}:1:1", f"{file}:2:1", f"{file}:4:5"]
    assert "did you mean authority?" in ended.err


def test_a_file_that_tries_to_move_the_cursor_cannot(program: Program) -> None:
    write(program, '"\\e[2Jkey": 1\nauthority: "\\u202eblock"\n')
    ended = program.run("config", "check")
    assert ended.code == 2
    assert "\x1b" not in ended.err
    assert "\u202e" not in ended.err


def test_standard_input_is_checked_too(program: Program) -> None:
    for text, code in (("bar: 0.5\n", 0), ("", 0), ("bar: [\n", 2)):
        done = subprocess.run(
            [*COMMAND, "config", "check", "-"],
            input=text.encode(),
            capture_output=True,
            check=False,
            env=program.environment,
            cwd=os.getcwd(),  # noqa: PTH109 - where the program is imported from
        )
        assert done.returncode == code, done.stderr
        assert done.stderr.decode().startswith("-:") == bool(code)


def test_a_file_that_is_not_there_is_told_and_what_to_do(program: Program) -> None:
    assert program.run("config", "check").explains(2, ".github/gatekeeper.yml cannot be read", "the defaults hold")
    assert program.run("config", "check", "other.yml").explains(2, "other.yml cannot be read", "name another file")
    assert program.run("config", "check", program.folder).explains(2, "cannot be read: Is a directory")
    write(program, "", "gatekeeper.yaml")
    assert program.run("config", "check").explains(2, "rename .github/gatekeeper.yaml to .github/gatekeeper.yml")


def test_a_link_in_its_place_is_refused_as_a_review_does(program: Program) -> None:
    (program.folder / "real.yml").write_text("bar: 0.5\n")
    (program.folder / ".github").mkdir()
    (program.folder / ".github/gatekeeper.yml").symlink_to("../real.yml")
    assert program.run("config", "check").explains(2, "a link, and only a file is allowed")
    assert program.run("config", "check", "real.yml").code == 0


def test_an_endless_file_is_refused(program: Program) -> None:
    assert program.run("config", "check", "/dev/zero").explains(2, "and at most 65,536 are allowed")


def test_the_schema_is_printed_and_its_help_tells_editors_of_it(program: Program) -> None:
    schema = json.loads(program.run("config", "schema").out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["authority"]["enum"] == ["shadow", "advise", "block"]
    assert "# yaml-language-server: $schema=gatekeeper.schema.json" in program.run("config", "schema", "--help").out
