"""Trees of a repository as the port `gatekeeper.diffs.tree.Tree`."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

import pygit2
from pygit2 import enums

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.git import objects

# a few small tree objects can describe billions of files
MOST_ENTRIES = 500_000
DEEPEST = 200

_FOLDER = 0o040000
_RAW_ID = 20


class GitTree:
    """One tree object; implements `gatekeeper.diffs.tree.Tree`, and is safe to read from several threads."""

    def __init__(self, known: objects.Objects, oid: pygit2.Oid) -> None:
        """Look at the tree `oid`; nothing is read yet."""
        self.oid = oid
        self._objects = known

    @property
    def id(self) -> str:
        """Hex object id of the tree."""
        return str(self.oid)

    @cached_property
    def entries(self) -> Mapping[str, tree.Entry]:
        """Every file of the tree by its path, in git's order.

        Raises NotAnalysed for a tree too large to be one that people made, RepositoryError for a missing object.
        """
        found: dict[str, tree.Entry] = {}
        for path, mode, oid in self._walk():
            found[path] = tree.Entry(blob=str(oid), mode=mode, size=self._size(mode, oid))
        return MappingProxyType(found)

    def read(self, path: str) -> bytes:
        """Return the file's bytes (a symlink's target for a symlink). Raises KeyError where there is no such file."""
        entry = self.entries[path]
        if entry.mode is tree.Mode.SUBMODULE:
            raise KeyError(path)
        return self._objects.read(pygit2.Oid(hex=entry.blob), enums.ObjectType.BLOB)

    def _size(self, mode: tree.Mode, oid: pygit2.Oid) -> int:
        return -1 if mode is tree.Mode.SUBMODULE else self._objects.size(oid)

    def _walk(self) -> Iterator[tuple[str, tree.Mode, pygit2.Oid]]:
        seen = 0
        waiting = [("", iter(self._children(self.oid)))]
        while waiting:
            prefix, children = waiting[-1]
            for name, mode, oid in children:
                seen += 1
                if mode == _FOLDER:
                    waiting.append((f"{prefix}{name}/", iter(self._children(oid))))
                    break
                yield prefix + name, _mode(mode), oid
            else:
                waiting.pop()
            if seen > MOST_ENTRIES or len(waiting) > DEEPEST:
                raise errors.NotAnalysed(
                    f"the tree {self.id} has more than {MOST_ENTRIES:,} entries, or more than {DEEPEST} nested folders"
                )

    def _children(self, oid: pygit2.Oid) -> list[tuple[str, int, pygit2.Oid]]:
        content = self._objects.read(oid, enums.ObjectType.TREE)
        try:
            return list(parse(content))
        except ValueError as problem:
            raise errors.RepositoryError(f"the tree {oid} is malformed: check with `git fsck`") from problem


def parse(content: bytes) -> Iterator[tuple[str, int, pygit2.Oid]]:
    """Yield name, mode and id of a tree object's entries (`mode SP name NUL id`). Raises ValueError if malformed."""
    position = 0
    while position < len(content):
        space = content.index(b" ", position)
        end = content.index(b"\0", space)
        raw = content[end + 1 : end + 1 + _RAW_ID]
        # as `os.fsdecode` does on a UTF-8 system
        name = content[space + 1 : end].decode("utf-8", "surrogateescape")
        yield name, int(content[position:space], 8), pygit2.Oid(raw=raw)
        position = end + 1 + _RAW_ID


def _mode(mode: int) -> tree.Mode:
    """Return the mode, with old group-writable files and the like as the plain files that git takes them for."""
    kind = mode & 0o170000
    if kind in {tree.Mode.SYMLINK, tree.Mode.SUBMODULE}:
        return tree.Mode(kind)
    return tree.Mode.EXECUTABLE if mode & 0o100 else tree.Mode.FILE
