"""One tree on disk as the guest sees it, with what an installed project would have beside it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gatekeeper.diffs import tree as trees

# where the guest finds things
TREE = "/repo"
METADATA = "/metadata"
SITE = "/site"
BYTECODE = "/bytecode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The folders of one tree, for one review."""

    # holds `tree`, `metadata`, `bytecode` and the scratch folders of runs
    folder: Path
    # on sys.path, as the guest names them
    paths: tuple[str, ...]
    # pytest's arguments that stand in for the configuration's
    arguments: tuple[str, ...]
    # the unpacked requirements, read-only; None: there are none
    site: Path | None
    # their bytecode, read-only
    compiled: Path | None = None
    # the tree's own top-level modules and packages
    own: frozenset[str]
    # distribution or import name -> why it is not there
    unavailable: Mapping[str, str]
    # modules outside the tree that the *before* tree imports: a stand-in for one of them hides nothing that is new
    imported_before: frozenset[str] = frozenset()

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a fresh folder with an empty `tmp` and a `dev` that holds an empty `null`, and remove it afterwards."""
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="run-"))
        (folder / "tmp").mkdir()
        (folder / "dev").mkdir()
        (folder / "dev/null").touch()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def grants(self, scratch: Path) -> list[tuple[str, str, bool]]:
        """Return what the guest may see: (host folder, guest folder, may it write)."""
        granted = [
            (str(self.folder / "tree"), TREE, False),
            (str(self.folder / "metadata"), METADATA, False),
            (str(self.folder / "bytecode"), BYTECODE, True),
            (str(scratch / "tmp"), "/tmp", True),  # noqa: S108 - the guest's own
            (str(scratch / "dev"), "/dev", True),
        ]
        if self.site is not None:
            granted.append((str(self.site), SITE, False))
        if self.compiled is not None and self.compiled.is_dir():
            granted.append((str(self.compiled), f"{BYTECODE}/site", False))
        return granted


def size(folder: Path, limit: int) -> int:
    """Return the bytes of the files below `folder`, counting no further than `limit`; links are not followed."""
    total, folders = 0, [str(folder)]
    while folders and total <= limit:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                with contextlib.suppress(OSError):
                    total += max(entry.stat(follow_symlinks=False).st_size, 4096)
    return total


def lay(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` below `folder`; paths that lead out of it are left out."""
    for path, data in files.items():
        target = folder / path
        if ".." in Path(path).parts or Path(path).is_absolute() or target.is_symlink():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


class Spaces(Protocol):
    """Gives the two workspaces of one review; each is made when it is first asked for."""

    def after(self, tree: trees.Tree) -> Workspace:
        """Return the after tree's workspace."""

    def before(self, tree: trees.Tree) -> Workspace:
        """Return the before tree's workspace."""
