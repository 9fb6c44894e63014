"""The arguments for pytest, given to the real pytest with no plugin beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.sandbox.installation import install, resolver
from tests.fakes.memory_tree import MemoryTree

_TEST = "import pytest\n@pytest.mark.timeout(3)\n@pytest.mark.own\ndef test_it(): pass\n"


def _run(tmp_path: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    tree = MemoryTree(files)
    offline = resolver.Resolver(tmp_path / "cache", offline=True, provided={}, progress=print)
    found = install.install(tree, tree, offline, head_dependencies=False, version=None).after
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": os.environ["PATH"], "PYTHONPATH": ""}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *found.pytest_args, "tests/test_it.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


_ADDOPTS = (
    "--cov=pkg --cov-report=term -n auto --timeout 30 -ra --strict-markers --strict-config --reruns 2 -x --lf tests"
)
_LISTED = ", ".join(f'"{word}"' for word in _ADDOPTS.split())
_INI = f"""
addopts = {_ADDOPTS}
timeout = 300
asyncio_mode = auto
required_plugins = pytest-cov>=3
log_file = out/log.txt
xfail_strict = true
markers = own: mine
filterwarnings =
    error
    ignore::absent_module.Warning
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pytest.ini", f"[pytest]{_INI}"),
        ("tox.ini", f"[pytest]{_INI}"),
        ("setup.cfg", f"[tool:pytest]{_INI}"),
        (
            "pyproject.toml",
            f"""
[tool.pytest.ini_options]
addopts = "{_ADDOPTS}"
timeout = 300
required_plugins = "pytest-cov"
markers = ["own: mine"]
filterwarnings = ["error", "ignore::absent_module.Warning"]
""",
        ),
        (
            "pyproject.toml",
            f"""
[tool.pytest]
strict = true
addopts = [{_LISTED}]
timeout = 300
markers = ["own: mine"]
filterwarnings = ["error", "ignore::absent_module.Warning"]
""",
        ),
        (
            "pytest.toml",
            f"""
[pytest]
strict_config = true
addopts = [{_LISTED}]
timeout = 300
markers = ["own: mine"]
""",
        ),
    ],
)
def test_a_configuration_made_for_absent_plugins_runs(tmp_path: Path, path: str, text: str) -> None:
    done = _run(
        tmp_path, {path: text, "requirements-test.txt": "pytest-timeout\npytest-cov\n", "tests/test_it.py": _TEST}
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_an_unregistered_marker_is_still_an_error_where_the_tree_is_strict(tmp_path: Path) -> None:
    test = "import pytest\n@pytest.mark.nowhere\ndef test_it(): pass\n"

    done = _run(tmp_path, {"pytest.ini": "[pytest]\naddopts = --strict-markers\n", "tests/test_it.py": test})

    assert done.returncode == 2
    assert "'nowhere' not found in `markers`" in done.stdout


def test_options_of_the_trees_own_conftest_stay(tmp_path: Path) -> None:
    conftest = 'def pytest_addoption(parser):\n    parser.addoption("--level", default="low")\n'
    test = "def test_it(request): assert request.config.getoption('--level') == 'high'\n"

    done = _run(
        tmp_path,
        {"pytest.ini": "[pytest]\naddopts = --level high\n", "conftest.py": conftest, "tests/test_it.py": test},
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_warnings_are_still_errors_where_the_tree_says_so(tmp_path: Path) -> None:
    test = "import warnings\ndef test_it(): warnings.warn('x')\n"

    done = _run(tmp_path, {"pytest.ini": "[pytest]\nfilterwarnings = error\n", "tests/test_it.py": test})

    assert "1 failed" in done.stdout
