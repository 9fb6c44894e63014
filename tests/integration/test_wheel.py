import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
# what checks leave beside the files
_CACHES = {"__pycache__", ".ruff_cache"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the locked build backend, from nothing but this working copy."""
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(words, cwd=_ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_program_with_its_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    here = {
        path.relative_to(_ROOT).as_posix()
        for package in ("gatekeeper", "webhooks")
        for path in (_ROOT / package).rglob("*")
        if path.is_file() and _CACHES.isdisjoint(path.parts)
    }
    migrations = {
        f"gatekeeper/store/migrations/{path.relative_to(_ROOT / 'migrations').as_posix()}"
        for path in (_ROOT / "migrations").rglob("*")
        if path.is_file() and _CACHES.isdisjoint(path.parts)
    }
    assert any(name.endswith(".mako") or "/versions/" in name for name in migrations)
    assert (here | migrations) - names == set()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"gatekeeper", "webhooks"}


def test_the_installed_wheel_runs_outside_the_working_copy(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    words = ["install", "--quiet", "--no-deps", "--no-index", "--no-input", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *words], check=True)
    # its requirements, without the working copy: a `.pth` file behind another is not followed
    (site,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    (site / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")

    shown = subprocess.run(
        [tmp_path / "venv/bin/gatekeeper", "--help"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "review" in shown.stdout
    database = f"sqlite:///{tmp_path / 'records.sqlite'}"
    code = f"""
from gatekeeper.store import database
import gatekeeper
database.open_database({database!r})
print(gatekeeper.__file__)
"""
    opened = subprocess.run([python, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert opened.stdout.startswith(str(site))
    assert (tmp_path / "records.sqlite").exists()
