"""Packages' source archives: fetched once, checked against the recorded digest, read as values."""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gatekeeper import errors
from gatekeeper.diffs import tree


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of an archive; the content of a link is its target."""

    mode: tree.Mode
    content: bytes


# path without the archive's own top folder -> file
Files = Mapping[str, File]


def fetch(package: str, sha256: str, cache: Path, *, offline: bool) -> Path:
    """Return the source archive of `package` (`name==version`) with that digest. Raises BenchError."""
    kept = cache / "bench" / "archives" / f"{sha256}.tar.gz"
    if not kept.is_file():
        if offline:
            raise errors.BenchError(
                f"the source archive of {package} is not in the cache: unset GATEKEEPER_OFFLINE once"
            )
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            _download(package, sha256, Path(folder)).replace(kept)
    if hashlib.sha256(kept.read_bytes()).hexdigest() != sha256:
        raise errors.BenchError(f"{kept} is not the archive of {package} that was labelled: remove it and try again")
    return kept


def _download(package: str, sha256: str, folder: Path) -> Path:
    # a requirement with its digest: pip then checks the archive before it builds the metadata, which runs its code
    (folder / "wanted.txt").write_text(f"{package} --hash=sha256:{sha256}\n")
    words = ["download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--no-binary", ":all:"]
    words += ["--dest", str(folder), "--requirement", str(folder / "wanted.txt")]
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False)
    found = next(folder.glob("*.tar.gz"), None)
    if done.returncode != 0 or found is None:
        told = [line for line in done.stderr.splitlines() if line.lower().startswith("error:")] or [done.stderr.strip()]
        raise errors.BenchError(f"the source archive of {package} cannot be fetched: {told[-1]}")
    return found


def read(archive: Path) -> Files:
    """Return the files and links of a source archive. Raises BenchError where it cannot be read."""
    try:
        with tarfile.open(archive) as opened:
            return dict(_files(opened))
    except (tarfile.TarError, OSError, EOFError) as problem:
        raise errors.BenchError(f"{archive} cannot be read: {problem}") from problem


def _files(opened: tarfile.TarFile) -> Iterator[tuple[str, File]]:
    for member in opened:
        path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
        if path.is_absolute() or ".." in path.parts or not path.parts:
            continue
        if member.issym():
            yield str(path), File(mode=tree.Mode.SYMLINK, content=member.linkname.encode())
        elif (content := opened.extractfile(member)) is not None:
            mode = tree.Mode.EXECUTABLE if member.mode & 0o100 else tree.Mode.FILE
            yield str(path), File(mode=mode, content=content.read())


def unpack(files: Files, folder: Path) -> None:
    """Write the files to the empty `folder`, links left out."""
    for path, file in files.items():
        if file.mode is not tree.Mode.SYMLINK:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
