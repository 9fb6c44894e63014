import importlib.metadata
from pathlib import Path

from gatekeeper.sandbox.installation import own, project
from tests.fakes.memory_tree import MemoryTree

_PYPROJECT = """
[project]
name = "My.Plugin"
version = "1.2"
description = "Does things"
authors = [{name = "A B", email = "a@example.org"}, {name = "C D"}]
dependencies = ["six>=1"]
[project.optional-dependencies]
Fast_Path = ["speedups ; python_version > '3'"]
[project.scripts]
mine = "mine.cli:main"
[project.entry-points.pytest11]
mine = "mine.plugin"
"""


def _distribution(tmp_path: Path, files: dict[str, str]) -> importlib.metadata.Distribution:
    tree = MemoryTree(files)
    described = project.describe(tree)
    for path, data in own.dist_infos(tree, described, "0.1").items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    (found,) = importlib.metadata.distributions(path=[str(tmp_path)])
    return found


def test_importlib_metadata_reads_what_the_manifest_declares(tmp_path: Path) -> None:
    found = _distribution(
        tmp_path, {"pyproject.toml": _PYPROJECT, "src/mine/__init__.py": "", "src/mine/plugin.py": ""}
    )

    assert (found.name, found.version) == ("My.Plugin", "1.2")
    assert found.metadata["Summary"] == "Does things"
    assert found.metadata["Author-email"] == "A B <a@example.org>"
    assert found.metadata["Author"] == "C D"
    assert found.requires == ["six>=1", "speedups ; (python_version > '3') and extra == \"fast-path\""]
    entry_points = {(point.group, point.name, point.value) for point in found.entry_points}
    assert entry_points == {("console_scripts", "mine", "mine.cli:main"), ("pytest11", "mine", "mine.plugin")}


def test_record_lists_a_plugins_files_so_that_pytest_rewrites_their_assertions(tmp_path: Path) -> None:
    found = _distribution(
        tmp_path, {"pyproject.toml": _PYPROJECT, "src/mine/__init__.py": "", "src/mine/plugin.py": ""}
    )

    assert "mine/plugin.py" in (found.read_text("RECORD") or "")


def test_a_project_whose_build_computes_the_version_gets_the_tags(tmp_path: Path) -> None:
    assert _distribution(tmp_path, {"setup.py": "setup(name='mine', version=compute())"}).version == "0.1"


def test_values_with_line_ends_add_no_headers_and_no_entry_points(tmp_path: Path) -> None:
    found = _distribution(
        tmp_path,
        {
            "pyproject.toml": '[project]\nname = "mine"\ndescription = "a\\nRequires-Dist: evil"\n'
            '[project.entry-points."console_scripts]\\n[pytest11"]\nx = "y"\n'
            '[project.entry-points.other]\n"a\\n[pytest11]\\nb" = "c"\nok = "d\\n[pytest11]\\ne = f"'
        },
    )

    assert found.requires is None
    assert {(point.group, point.name) for point in found.entry_points} == {("other", "ok")}


def test_a_project_with_an_impossible_name_gets_no_folder() -> None:
    tree = MemoryTree({"pyproject.toml": '[project]\nname = "../../evil"'})

    assert own.dist_infos(tree, project.describe(tree), "1") == {}
