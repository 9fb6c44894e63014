import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import git_project

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).resolve().parents[2] / "infra/bench"


@pytest.mark.parametrize("script", ["history.py", "coverage.py"])
def test_each_script_says_how_it_is_used(script: str) -> None:
    words = [sys.executable, str(SCRIPTS / script), "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "CLONE is a git clone" in done.stdout


def test_the_plugin_tells_the_worst_of_each_test_and_what_cannot_be_imported(tmp_path: Path) -> None:
    (tmp_path / "test_kinds.py").write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def broken_after():\n    yield\n    raise OSError('late')\n"
        "def test_pass(): pass\n"
        "def test_fail(): assert 1 == 2\n"
        "def test_late(broken_after): pass\n"
        "def test_skip(): pytest.skip('not here')\n"
        "@pytest.mark.xfail\n"
        "def test_expected(): assert False\n"
    )
    (tmp_path / "test_absent.py").write_text("import no_such_module\n")
    variables = dict(os.environ) | {"PYTHONPATH": str(SCRIPTS / "plugin"), "TELL_OUTCOMES": str(tmp_path / "told")}
    words = [sys.executable, "-m", "pytest", "-q", "-p", "tell_outcomes", "-p", "no:cacheprovider", "--rootdir=."]
    subprocess.run(
        [*words, "--continue-on-collection-errors"], cwd=tmp_path, env=variables, capture_output=True, check=False
    )
    told = {one["id"]: one for one in map(json.loads, (tmp_path / "told").read_text().splitlines())}
    assert {test.rpartition("::")[2]: one["how"] for test, one in told.items()} == {
        "test_pass": "passed",
        "test_fail": "failed",
        "test_late": "error",
        "test_skip": "skipped",
        "test_expected": "skipped",
        "test_absent.py": "uncollected",
    }
    assert told["test_kinds.py::test_late"]["why"] == "OSError: late"
    assert "no_such_module" in told["test_absent.py"]["why"]


def test_reverted_code_meets_the_tests_of_the_commit(
    tmp_path: Path, project: git_project.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = project.commit({"pkg/a.py": "A = 1\n", "pkg/gone.py": "", "tests/test_a.py": "old\n", "notes": "old"})
    changed = {"pkg/a.py": "A = 2\n", "pkg/gone.py": None, "tests/test_a.py": "new\n", "tests/test_b.py": "b\n"}
    commit = project.commit(changed | {"notes": "new"})
    monkeypatch.syspath_prepend(SCRIPTS)
    trees = importlib.import_module("trees")
    opened = trees.clone(project.folder, tmp_path / "clone")
    reverted = opened[trees.reverted(opened, commit, parent, "tests")]
    files = {entry.path: opened[entry.id].data.decode() for entry in trees.index_of(opened, str(reverted.id))}
    assert files == {
        "pkg/a.py": "A = 1\n",
        "pkg/gone.py": "",
        "tests/test_a.py": "new\n",
        "tests/test_b.py": "b\n",
        "notes": "old",
    }
    assert [str(made) for made in reverted.parent_ids] == [commit]
