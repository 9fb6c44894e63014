"""A folder's files as they are now, committed or not, read as data; implements `gatekeeper.diffs.tree.Tree`."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.git import repository

# more than the largest repositories of one project have
_MOST = 100_000
_SKIPPED = frozenset({"__pycache__", "node_modules"})


class FolderTree:
    """The files below a folder, without hidden folders, environments and what git ignores."""

    def __init__(self, root: Path, ignored: Callable[[str], bool] = lambda _path: False) -> None:
        """`ignored` is asked about each path relative to `root`; that of a folder ends in `/`."""
        self.root = root
        self._ignored = ignored

    @cached_property
    def entries(self) -> dict[str, tree.Entry]:
        """Every file by its path. Raises UsageError where there are too many."""
        found: dict[str, tree.Entry] = {}
        for path in self._paths(""):
            if len(found) >= _MOST:
                raise errors.UsageError(
                    f"{self.root} holds more than {_MOST:,} files: name the project's folder with --repo"
                )
            if entry := self._entry(path):
                found[path] = entry
        return dict(sorted(found.items()))

    @cached_property
    def id(self) -> str:
        """A digest of all names, sizes and times."""
        listed = "".join(f"{path}\0{entry.blob}\n" for path, entry in self.entries.items())
        return hashlib.sha256(listed.encode(errors="surrogateescape")).hexdigest()

    def read(self, path: str) -> bytes:
        """Return the file's bytes, a link's target for a link. Raises KeyError where there is no such file."""
        entry, place = self.entries[path], self.root / path
        try:
            return os.fsencode(place.readlink()) if entry.mode is tree.Mode.SYMLINK else place.read_bytes()
        except OSError as problem:
            raise errors.UsageError(f"{place} cannot be read: {problem.strerror}") from problem

    def _paths(self, folder: str) -> Iterator[str]:
        try:
            with os.scandir(self.root / folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            # not ours to read, or gone meanwhile
            return
        for entry in found:
            path = f"{folder}{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                if not self._ignored(path):
                    yield path
            elif self._is_entered(entry) and not self._ignored(f"{path}/"):
                yield from self._paths(f"{path}/")

    def _is_entered(self, entry: "os.DirEntry[str]") -> bool:
        return (
            not entry.name.startswith(".")
            and entry.name not in _SKIPPED
            and not (Path(entry.path) / "pyvenv.cfg").exists()
        )

    def _entry(self, path: str) -> tree.Entry | None:
        try:
            found = (self.root / path).lstat()
        except OSError:
            return None
        if stat.S_ISLNK(found.st_mode):
            mode = tree.Mode.SYMLINK
        elif stat.S_ISREG(found.st_mode) and os.access(self.root / path, os.R_OK):
            mode = tree.Mode.EXECUTABLE if found.st_mode & stat.S_IXUSR else tree.Mode.FILE
        else:
            return None
        # one tree is never compared with another: what changes with the file is enough
        return tree.Entry(blob=f"{found.st_ino}.{found.st_mtime_ns}.{found.st_size}", mode=mode, size=found.st_size)


def around(folder: Path) -> FolderTree:
    """Return the working tree that holds `folder`, or the folder itself where it is in no git repository."""
    if not folder.is_dir():
        raise errors.UsageError(f"{folder} is no folder: name the project's folder with --repo")
    try:
        names = repository.open_repository(folder.resolve()).names
    except errors.RepositoryError:
        return FolderTree(folder.resolve())
    if names.workdir is None:
        raise errors.UsageError(f"{folder} is a repository without a working tree: name a folder with files")
    return FolderTree(Path(names.workdir).resolve(), names.path_is_ignored)
