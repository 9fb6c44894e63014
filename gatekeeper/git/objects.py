"""Git objects of a repository, and on top of them those that a review makes, which are never written to disk."""

from pathlib import Path

import pygit2
from pygit2 import enums

from gatekeeper import errors


class Objects:
    """The objects of one repository by id. Raises RepositoryError for an object that the repository lacks."""

    def __init__(self, folder: Path) -> None:
        """Read the object database at `folder`; alternates named in it are followed, as git does."""
        self._disk = pygit2.Odb(str(folder))
        self._made: dict[pygit2.Oid, tuple[int, bytes]] = {}
        self._sizes: dict[pygit2.Oid, int] = {}
        database = pygit2.Odb()
        database.add_backend(_Overlay(self._disk, self._made), 1)
        # a repository without folder, configuration, attributes, grafts or working tree: none of them can be used
        self.bare = pygit2.Repository()
        self.bare.set_odb(database)

    def read(self, oid: pygit2.Oid, kind: enums.ObjectType) -> bytes:
        """Return the content of the object, which must be of that kind."""
        found, content = self._made.get(oid) or self._read(oid)
        if found != kind:
            raise errors.RepositoryError(f"the object {oid} is not a {kind.name.lower()}: check with `git fsck`")
        return content

    def size(self, oid: pygit2.Oid) -> int:
        """Return the object's size in bytes, without reading its content."""
        if oid in self._made:
            return len(self._made[oid][1])
        if oid not in self._sizes:
            try:
                self._sizes[oid] = self._disk.read_header(oid)[1]
            # a pack cut short gives an object of no kind, which pygit2 refuses
            except (KeyError, ValueError, pygit2.GitError) as problem:
                raise unreadable(oid, problem) from problem
        return self._sizes[oid]

    def __contains__(self, oid: pygit2.Oid) -> bool:
        """Whether the object can be read."""
        return oid in self._made or oid in self._disk

    def _read(self, oid: pygit2.Oid) -> tuple[int, bytes]:
        try:
            return self._disk.read(oid)
        except (KeyError, pygit2.GitError) as problem:
            raise unreadable(oid, problem) from problem


def unreadable(oid: pygit2.Oid | str, problem: Exception) -> errors.RepositoryError:
    """Return the error for an object that is absent or broken."""
    if isinstance(problem, KeyError):
        return errors.RepositoryError(
            f"the object {oid} is missing: a partial clone lacks it, so clone again without `--filter`"
        )
    return errors.RepositoryError(f"the object {oid} cannot be read ({problem}): check with `git fsck`")


class _Overlay(pygit2.OdbBackend):
    """What libgit2 reads from and writes to: reads reach the disk, writes stay in memory.

    libgit2's own backends would at least touch the times of objects that a write finds there already.
    """

    def __init__(self, disk: pygit2.Odb, made: dict[pygit2.Oid, tuple[int, bytes]]) -> None:
        super().__init__()
        self._disk = disk
        self._made = made

    def read_cb(self, oid: pygit2.Oid) -> tuple[int, bytes]:
        if oid in self._made:
            return self._made[oid]
        kind, content = self._disk.read(oid)
        return int(kind), content

    def read_header_cb(self, oid: pygit2.Oid) -> tuple[int, int]:
        if oid in self._made:
            kind, content = self._made[oid]
            return kind, len(content)
        found, size = self._disk.read_header(oid)
        return int(found), size

    def read_prefix_cb(self, prefix: str) -> tuple[int, bytes, pygit2.Oid]:
        raise KeyError(prefix)

    def exists_cb(self, oid: pygit2.Oid) -> bool:
        return oid in self._made or oid in self._disk

    def exists_prefix_cb(self, prefix: str) -> pygit2.Oid:
        raise KeyError(prefix)

    def refresh_cb(self) -> None:
        """Nothing is kept that could be stale."""

    def write_cb(self, oid: pygit2.Oid, content: bytes, kind: int) -> None:
        self._made[oid] = (kind, content)
