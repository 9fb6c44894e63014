import io
import sys
import tarfile
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.git import repository
from gatekeeper.wiring.bench import archives, cases, repositories
from tests.integration import bench_package

BACKED = b"""
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = b"""
import pathlib

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = pathlib.Path(folder, "halving-1.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: halving\\nVersion: 1.0\\n")
    return info.name
"""


def case_of(file: str = "halving/__init__.py", operator: str = "core/AddNot", occurrence: int = 0) -> cases.Case:
    return cases.Case(
        package="halving==1.0",
        sha256="00",
        src="halving",
        tests="tests",
        file=file,
        operator=operator,
        occurrence=occurrence,
        passing_at_base=5,
        outcome=cases.Outcome(run=cases.FINISHED, broken={}),
    )


def test_an_archive_in_the_cache_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    digest = bench_package.kept(tmp_path, tmp_path / "cache")
    found = archives.fetch("halving==1.0", digest, tmp_path / "cache", offline=False)
    assert "halving/__init__.py" in archives.read(found)


def test_an_archive_is_fetched_from_the_index_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # with a build backend of its own, since none is to be had without an index
    backed = {"halving-1.0/pyproject.toml": BACKED, "halving-1.0/backend.py": BACKEND}
    _, digest = bench_package.archive(tmp_path, backed)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    found = archives.fetch("halving==1.0", digest, tmp_path / "cache", offline=False)
    assert found.is_relative_to(tmp_path / "cache")
    assert archives.fetch("halving==1.0", digest, tmp_path / "cache", offline=True) == found


def test_an_archive_that_cannot_be_fetched_is_named_with_what_pip_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(errors.BenchError, match=r"halving==1\.0 cannot be fetched: ERROR: No matching distribution"):
        archives.fetch("halving==1.0", "0" * 64, tmp_path, offline=False)


def test_an_index_with_another_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench_package.archive(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(errors.BenchError, match=r"halving==1\.0 cannot be fetched"):
        archives.fetch("halving==1.0", "0" * 64, tmp_path / "cache", offline=False)
    assert not list((tmp_path / "cache").rglob("*.tar.gz"))


def test_offline_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(errors.BenchError, match="unset GATEKEEPER_OFFLINE"):
        archives.fetch("halving==1.0", "0" * 64, tmp_path, offline=True)


def test_an_archive_that_changed_in_the_cache_is_refused(tmp_path: Path) -> None:
    digest = bench_package.kept(tmp_path, tmp_path / "cache")
    (tmp_path / f"cache/bench/archives/{digest}.tar.gz").write_bytes(b"something else")
    with pytest.raises(errors.BenchError, match="remove it and try again"):
        archives.fetch("halving==1.0", digest, tmp_path / "cache", offline=False)


def test_names_that_lead_out_of_an_archive_are_left_out(tmp_path: Path) -> None:
    hostile = {"halving-1.0/../../escaped.py": b"", "/etc/absolute.py": b"", "halving-1.0/kept.py": b"kept"}
    file, _ = bench_package.archive(tmp_path, hostile)
    files = archives.read(file)
    assert files["kept.py"].content == b"kept"
    assert not [path for path in files if ".." in path or path.startswith("/")]
    archives.unpack(files, tmp_path / "inside")
    assert not list(tmp_path.rglob("escaped.py"))


def test_links_and_modes_of_an_archive_are_kept_in_the_repository(tmp_path: Path) -> None:
    file = tmp_path / "modes.tar.gz"
    with tarfile.open(file, "w:gz") as opened:
        script, link = tarfile.TarInfo("top/run"), tarfile.TarInfo("top/link")
        script.mode, script.size = 0o755, 4
        link.type, link.linkname = tarfile.SYMTYPE, "run"
        opened.addfile(script, io.BytesIO(b"code"))
        opened.addfile(link)
    files = archives.read(file)
    assert (files["run"].mode, files["link"].mode) == (tree.Mode.EXECUTABLE, tree.Mode.SYMLINK)
    assert files["link"].content == b"run"


def test_what_is_no_archive_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "text.tar.gz").write_text("text")
    with pytest.raises(errors.BenchError, match=r"text\.tar\.gz cannot be read"):
        archives.read(tmp_path / "text.tar.gz")


def test_the_pull_request_is_the_mutation_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("cosmic_ray", reason="mutations need gatekeeper[bench]")
    files = archives.read(bench_package.archive(tmp_path)[0])
    repositories.make(case_of(), files, tmp_path / "made.git")
    opened = repository.open_repository(tmp_path / "made.git")
    base, head = (opened.tree(repository.resolve(opened, name)) for name in (repositories.BASE, repositories.HEAD))
    assert {path: base.read(path) for path in base.entries} == {path: file.content for path, file in files.items()}
    changed = [path for path, entry in head.entries.items() if entry != base.entries[path]]
    assert changed == ["halving/__init__.py"]
    before, after = (content.read(changed[0]).decode() for content in (base, head))
    assert after == before.replace("if value < low", "if not value < low")


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (case_of(file="halving/none.py"), "has no file halving/none.py"),
        (case_of(operator="core/Nothing"), "no operator core/Nothing"),
        (case_of(operator="Nothing"), "no operator Nothing"),
        (case_of(occurrence=9), "no occurrence 9 in halving/__init__.py"),
    ],
)
def test_a_mutation_that_cannot_be_made_is_named(tmp_path: Path, case: cases.Case, named: str) -> None:
    pytest.importorskip("cosmic_ray", reason="mutations need gatekeeper[bench]")
    files = archives.read(bench_package.archive(tmp_path)[0])
    with pytest.raises(errors.BenchError, match=named):
        repositories.make(case, files, tmp_path / "made.git")


def test_without_the_package_that_mutates_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cosmic_ray.mutating", None)
    with pytest.raises(errors.BenchError, match=r"pip install 'gatekeeper\[bench\]'"):
        repositories.require()
