"""An artifact's zip -> the members that may be test reports; nothing is ever written to a disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of an archive that may be a test report."""

    # a label, as the archive has it, made printable and bounded; never a path to write to
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What was not read of an archive."""

    # empty: the archive as a whole
    name: str
    why: str


def artifact_is_worth(name: str, size: int) -> bool:
    """Whether an artifact with that name and size in bytes, compressed, is to be downloaded to look for reports."""
    raise NotImplementedError


def reports(archive: bytes | BinaryIO) -> Iterator[Member | LeftOut]:
    """Yield the XML files of a zip, one at a time in the archive's order, and what was refused; raises nothing.

    `archive`: its bytes, or a seekable binary file.
    """
    raise NotImplementedError
