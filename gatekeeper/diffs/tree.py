"""What a stage may ask of a tree of files: the port that `gatekeeper.git` and tests implement."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Mode(IntEnum):
    """Git's file modes, in octal as git prints them."""

    FILE = 0o100644
    EXECUTABLE = 0o100755
    SYMLINK = 0o120000
    SUBMODULE = 0o160000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a tree."""

    # hex object id of the blob: equal ids mean equal bytes
    blob: str
    mode: Mode
    # bytes; -1 for a submodule
    size: int


class Tree(Protocol):
    """An immutable tree of files, read without a working tree.

    Paths are relative, with `/` between parts. Bytes of a name that are not UTF-8 are kept as surrogate escapes, as
    `os.fsdecode` does.
    """

    @property
    def id(self) -> str:
        """Hex object id of the tree."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every file of the tree by its path."""

    def read(self, path: str) -> bytes:
        """Return the file's bytes (a symlink's target for a symlink). Raises KeyError where there is no such file."""


def content(files: Tree, path: str) -> bytes | None:
    """Return the file's bytes, or None where there is no such file: a submodule is none."""
    entry = files.entries.get(path)
    return None if entry is None or entry.mode is Mode.SUBMODULE else files.read(path)
