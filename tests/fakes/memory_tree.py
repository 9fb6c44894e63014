"""A tree of files held in memory; implements `gatekeeper.diffs.tree.Tree`."""

import hashlib
from collections.abc import Mapping

from gatekeeper.diffs import tree


class MemoryTree:
    """A tree made of a mapping from path to text or bytes."""

    def __init__(self, files: Mapping[str, str | bytes], modes: Mapping[str, tree.Mode] | None = None) -> None:
        self._files = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
        modes = modes or {}
        self.entries = {
            path: tree.Entry(blob=_blob(data), mode=modes.get(path, tree.Mode.FILE), size=len(data))
            for path, data in sorted(self._files.items())
        }

    @property
    def id(self) -> str:
        names = "".join(f"{path}\0{entry.blob}\0{entry.mode}\n" for path, entry in self.entries.items())
        return hashlib.sha1(names.encode(errors="surrogateescape"), usedforsecurity=False).hexdigest()

    def read(self, path: str) -> bytes:
        if self.entries[path].mode is tree.Mode.SUBMODULE:
            raise KeyError(path)
        return self._files[path]


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()
