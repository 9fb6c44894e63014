"""Disks that are full or cannot be written: small ones of their own, that vanish with the program."""

import subprocess
from pathlib import Path

import pytest

from tests.acceptance.program import WRONG, Ended, Program, propose, review_words
from tests.git_project import Project

pytestmark = pytest.mark.slow

# mounts a disk of size $2 at $1 with the options $3, runs the rest, and leaves at $4 what is on the disk then
_SCRIPT = """
mount -t tmpfs -o "size=$2$3" none "$1" || exit 99
disk=$1; kept=$4; shift 4
"$@"; code=$?
cp -R "$disk" "$kept"
exit $code
"""


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Path:
    """Return the folder where a small disk is to be mounted."""
    tried = tmp_path / "tried"
    tried.mkdir()
    can = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs none "$0"', str(tried)]
    try:
        possible = subprocess.run(can, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        # not for CI to insist on: whether it may be done is the kernel's word
        pytest.skip("NOT TESTED: no small disk can be mounted here, which takes Linux with user namespaces, or root")
    disk = tmp_path / "disk"
    disk.mkdir()
    return disk


def on(disk: Path, size: str, project: Project, program: Program, options: str = "", **environment: str) -> Ended:
    kept = disk.parent / "kept"
    by = ["unshare", "--map-root-user", "--mount", "sh", "-c", _SCRIPT, "sh", str(disk), size, options, str(kept)]
    return program.run(*review_words(project), "--json", by=by, environment=environment)


@pytest.mark.parametrize(
    ("size", "options", "words"),
    [
        ("16k", "", "free some space, or name another place with --database"),
        ("100k", "", "database or disk is full: free some space"),
        ("1m", ",ro", "Read-only file system: "),
    ],
)
def test_a_database_on_a_full_disk_records_nothing(
    project: Project, program: Program, disk: Path, size: str, options: str, words: str
) -> None:
    propose(project, {"README.md": "A very small library.\n"})

    ended = on(disk, size, project, program, options, GATEKEEPER_DATABASE=f"sqlite:///{disk}/records.sqlite")

    assert ended.code == 2
    assert ended.result["verdict"] == "would_pass"
    assert ended.err.startswith(f"gatekeeper: the review was not recorded: sqlite:///{disk}/records.sqlite: ")
    assert words in ended.err
    # what is left of it holds no review, and can still be opened
    if (left := disk.parent / "kept/records.sqlite").exists():
        program.records = left
        assert program.run("report", "--json", "--database", f"sqlite:///{left}").out == "[]\n"
        assert program.recorded() == []


def test_a_cache_on_a_full_disk_is_explained(project: Project, program: Program, disk: Path) -> None:
    propose(project, WRONG)

    full = on(disk, "200k", project, program, GATEKEEPER_CACHE=str(disk))

    assert full.explains(3, f"the sandbox cannot be kept in {disk}/sandbox", "No space left on device", "free space")
    assert program.recorded() == []


@pytest.mark.parametrize("size", ["4k", "20k"])
def test_a_full_temporary_folder_is_explained(project: Project, program: Program, disk: Path, size: str) -> None:
    propose(project, WRONG)

    ended = on(disk, size, project, program, TMPDIR=str(disk))

    assert ended.explains(3, "cannot write the files under review to ", "No space left on device", "set TMPDIR")
    assert program.recorded() == []
    assert not list((disk.parent / "kept").iterdir())
