"""A small package as a source archive, and labelled changes to it."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).resolve().parent.parent / "samples/halving"
TEST = "tests/test_halving.py::test_"


def archive(folder: Path, more: Mapping[str, bytes] | None = None) -> tuple[Path, str]:
    """Write the package's archive, with `more` files, and return it with its digest."""
    file = folder / "halving-1.0.tar.gz"
    with tarfile.open(file, "w:gz") as opened:
        for path in sorted(path for path in SAMPLE.rglob("*") if path.suffix in {".py", ".toml"}):
            _add(opened, f"halving-1.0/{path.relative_to(SAMPLE)}", path.read_bytes())
        for name, content in (more or {}).items():
            _add(opened, name, content)
    return file, hashlib.sha256(file.read_bytes()).hexdigest()


def _add(opened: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    opened.addfile(member, io.BytesIO(content))


def kept(folder: Path, cache: Path) -> str:
    """Put the package's archive where the bench keeps those that it fetched; return its digest."""
    file, digest = archive(folder)
    (cache / "bench/archives").mkdir(parents=True)
    file.replace(cache / f"bench/archives/{digest}.tar.gz")
    return digest


def case(digest: str, operator: str, occurrence: int, **broken: str) -> dict[str, Any]:
    """Return a labelled change to the package, as a file of cases lists it."""
    return {
        "package": "halving==1.0",
        "sha256": digest,
        "src": "halving",
        "tests": "tests",
        "file": "halving/__init__.py",
        "operator": f"core/{operator}",
        "occurrence": occurrence,
        "test_requirements": [],
        "passing_at_base": 5,
        "outcome": {
            "run": "finished",
            "broken": {TEST + name: label for name, label in broken.items()},
            "collect_errors": [],
        },
    }
